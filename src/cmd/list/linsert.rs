//! LINSERT: an element beside another one.
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::list::List,
};

/// `LINSERT key <BEFORE | AFTER> pivot element`. Returns the new length; 0 when there is no list, −1 when it has
/// no `pivot`.
#[derive(Debug, Clone, Copy)]
pub struct LInsert<'a> {
    pub key: &'a [u8],
    pub place: Beside,
    /// The first element that equals it counts.
    pub pivot: &'a [u8],
    pub element: &'a [u8],
}

/// On which side of the pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]

pub enum Beside {
    Before,
    After,
}

impl<'a> Command<'a> for LInsert<'a> {
    const SPEC: Spec = Spec {
        id: 0x030A,
        name: "LINSERT",
        usage: "key <BEFORE | AFTER> pivot element",
        arity: 5,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::List,
        since: "2.2.0",
        complexity: "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).",
        summary: "Inserts an element before or after another element in a list.",
    };
    type Owned = i64;
    type Out<'k> = i64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let place = if args.token("BEFORE") {
            Beside::Before
        } else if args.token("AFTER") {
            Beside::After
        } else {
            return Err(Error::syntax());
        };
        Ok(Self { key, place, pivot: args.bytes()?, element: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<i64> {
        let Some(mut list) = view.get_mut::<List>(self.key)? else { return Ok(0) };
        let Some(pivot) = list.iter().position(|element| element == self.pivot) else {
            list.unchanged();
            return Ok(-1);
        };
        let limits = list.limits();
        list.insert(pivot + usize::from(self.place == Beside::After), self.element, &limits);
        list.notify(Classes::LIST, "linsert");
        Ok(list.len() as i64)
    }

    fn log(&self, len: &i64, rec: &mut Record, _now_ms: u64) {
        if *len > 0 {
            let place: &[u8] = if self.place == Beside::Before { b"BEFORE" } else { b"AFTER" };
            rec.command(Self::SPEC.id).bytes(self.key).bytes(place).bytes(self.pivot).bytes(self.element);
        }
    }
}

crate::cmd::row!(LInsert<'_>);
