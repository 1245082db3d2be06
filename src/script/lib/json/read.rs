//! JSON text to values, each handed to a [`Build`] as soon as it is whole.
//!
//! The open lists and objects are a stack of our own, so depth costs no frames of the machine's. Whoever builds
//! says when it is deep enough.
//!
//! ```text
//!   [1, {"a": 2}]      open(Array) number(1) item(1) open(Object) key(a) number(2) member item(2)
//! ```
use super::token::{Token, Tokens};

/// What is made of a text: a stack of values, of which the topmost is put into the one below it.
pub trait Build {
    /// Why no more can be built.
    type Stop;
    fn null(&mut self) -> Result<(), Self::Stop>;
    fn boolean(&mut self, value: bool) -> Result<(), Self::Stop>;
    fn number(&mut self, value: f64) -> Result<(), Self::Stop>;
    fn text(&mut self, value: &[u8]) -> Result<(), Self::Stop>;
    /// Begins an empty list or object; `false`: it would be inside of too many others.
    fn open(&mut self, shape: Shape, depth: usize) -> Result<bool, Self::Stop>;
    /// The key of the member that comes next.
    fn key(&mut self, key: &[u8]) -> Result<(), Self::Stop>;
    /// Puts the topmost value into the list below it, at that place; the first one is 1.
    fn item(&mut self, place: usize) -> Result<(), Self::Stop>;
    /// Puts the topmost value into the object below its key.
    fn member(&mut self) -> Result<(), Self::Stop>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Array,
    Object,
}

/// Why a text was not read to its end.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault<Stop> {
    /// It is wrong: what is said of it.
    Text(String),
    /// No more could be built.
    Build(Stop),
}

impl<Stop> From<Stop> for Fault<Stop> {
    fn from(stop: Stop) -> Self {
        Self::Build(stop)
    }
}

/// A list with as many items, or an object.
enum Open {
    Array(usize),
    Object,
}

/// Reads a text of one value.
pub fn read<B: Build>(data: &[u8], invalid_numbers: bool, build: &mut B) -> Result<(), Fault<B::Stop>> {
    let mut tokens = Tokens::new(data, invalid_numbers);
    let mut open = Vec::new();
    let mut token = tokens.take();
    loop {
        match token {
            Token::Null => build.null()?,
            Token::Boolean(value) => build.boolean(value)?,
            Token::Number(value) => build.number(value)?,
            Token::Text => build.text(tokens.text())?,
            Token::ObjectBegin => {
                descend(Shape::Object, open.len() + 1, &tokens, build)?;
                token = tokens.take();
                if token != Token::ObjectEnd {
                    open.push(Open::Object);
                    token = key(token, &mut tokens, build)?;
                    continue;
                }
            }
            Token::ArrayBegin => {
                descend(Shape::Array, open.len() + 1, &tokens, build)?;
                token = tokens.take();
                if token != Token::ArrayEnd {
                    open.push(Open::Array(0));
                    continue;
                }
            }
            found => return syntax("value", found, &tokens),
        }
        // A value is whole: it goes into what is open, which may be whole by that.
        loop {
            let (end, expected) = match open.last_mut() {
                None => {
                    return match tokens.take() {
                        Token::End => Ok(()),
                        found => syntax("the end", found, &tokens),
                    };
                }
                Some(Open::Array(count)) => {
                    *count += 1;
                    build.item(*count)?;
                    (Token::ArrayEnd, "comma or array end")
                }
                Some(Open::Object) => {
                    build.member()?;
                    (Token::ObjectEnd, "comma or object end")
                }
            };
            match tokens.take() {
                Token::Comma => break,
                found if found == end => drop(open.pop()),
                found => return syntax(expected, found, &tokens),
            }
        }
        token = tokens.take();
        if let Some(Open::Object) = open.last() {
            token = key(token, &mut tokens, build)?;
        }
    }
}

fn descend<B: Build>(
    shape: Shape,
    depth: usize,
    tokens: &Tokens<'_>,
    build: &mut B,
) -> Result<(), Fault<B::Stop>> {
    match build.open(shape, depth)? {
        true => Ok(()),
        false => Err(Fault::Text(format!(
            "Found too many nested data structures ({depth}) at character {}",
            tokens.at()
        ))),
    }
}

/// Takes the key that `token` is, and the colon; returns the first piece of the value.
fn key<B: Build>(token: Token, tokens: &mut Tokens<'_>, build: &mut B) -> Result<Token, Fault<B::Stop>> {
    if token != Token::Text {
        return syntax("object key string", token, tokens);
    }
    build.key(tokens.text())?;
    match tokens.take() {
        Token::Colon => Ok(tokens.take()),
        found => syntax("colon", found, tokens),
    }
}

fn syntax<T, Stop>(expected: &str, found: Token, tokens: &Tokens<'_>) -> Result<T, Fault<Stop>> {
    let (found, place) = (found.name(), tokens.begin() + 1);
    Err(Fault::Text(format!("Expected {expected} but found {found} at character {place}")))
}
