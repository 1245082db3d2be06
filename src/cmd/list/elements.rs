//! Elements as results keep them: a few as copies, many as a part of a list that they were.
use crate::{
    base::{
        bytes::Bytes,
        emit::{Emit, Sink},
        limits::INLINE_RESULT_LEN_MAX,
    },
    value::list::{List, Part, Side},
};
use std::ops::Range;

/// Elements of a list, in the order of the reply.
#[derive(Debug, Clone)]
pub struct Elements {
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Few(Vec<Bytes>),
    /// Seen from one side: a reply that starts with the tail is a part read backwards.
    Many(Part, Side),
}

impl Elements {
    /// Keeps the elements of some indices of `list`, from the given side on.
    pub fn of(list: &List, indices: Range<usize>, from: Side) -> Self {
        if indices.len() > INLINE_RESULT_LEN_MAX {
            return Self::part(Part::new(list.clone(), indices), from);
        }
        let entries = list.range(indices);
        Self::few(match from {
            Side::Left => entries.map(Bytes::copy).collect(),
            Side::Right => entries.rev().map(Bytes::copy).collect(),
        })
    }

    /// Keeps copies.
    pub fn few(few: Vec<Bytes>) -> Self {
        Self { form: Form::Few(few) }
    }

    /// Keeps a part of a list, to be read from the given side on.
    pub fn part(part: Part, from: Side) -> Self {
        Self { form: Form::Many(part, from) }
    }

    /// Returns the number of elements.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Few(few) => few.len(),
            Form::Many(part, _) => part.len(),
        }
    }

    /// Tells whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shows every element.
    pub fn each(&self, mut see: impl FnMut(&[u8])) {
        match &self.form {
            Form::Few(few) => few.iter().for_each(|element| see(element)),
            Form::Many(part, Side::Left) => part.iter().for_each(see),
            Form::Many(part, Side::Right) => part.iter().rev().for_each(see),
        }
    }
}

/// Copies the elements, unless they are copies already.
impl From<Elements> for Vec<Bytes> {
    fn from(elements: Elements) -> Self {
        if let Form::Few(few) = elements.form {
            return few;
        }
        let mut all = Self::with_capacity(elements.len());
        elements.each(|element| all.push(Bytes::copy(element)));
        all
    }
}

impl Emit for Elements {
    fn emit(self, to: &mut dyn Sink) {
        match &self.form {
            Form::Few(_) => self.write(to),
            Form::Many(..) => to.later(Box::new(move |to: &mut dyn Sink| self.write(to))),
        }
    }
}

impl Elements {
    fn write(&self, to: &mut dyn Sink) {
        to.array(self.len());
        self.each(|element| to.bytes(element));
    }
}
