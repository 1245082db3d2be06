//! The words of a command, from arguments of JavaScript.
//!
//! Strings and buffers are taken as they are; numbers and BigInts as their text, as JavaScript prints it (`inf` for infinity); lists
//! stand for their elements. Everything else is refused: what `true`, `null` or an object should be in a database is the caller's
//! decision.
use crate::napi::{Env, Fault, Outcome, Type, Value};

/// How deep lists may lie in lists.
const DEPTH_MAX: usize = 4;

/// The words of one command, in one allocation for their bytes.
#[derive(Default)]
pub struct Words {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Words {
    /// The words of these arguments.
    pub fn of<'s>(env: Env<'s>, arguments: impl Iterator<Item = Value<'s>>) -> Outcome<Self> {
        let mut words = Self::default();
        for argument in arguments {
            words.push(env, argument, DEPTH_MAX)?;
        }
        Ok(words)
    }

    fn push<'s>(&mut self, env: Env<'s>, argument: Value<'s>, depth: usize) -> Outcome<()> {
        match append(env, argument, &mut self.bytes) {
            Ok(()) => self.ends.push(self.bytes.len()),
            Err(fault) => {
                let Some(len) = env.array_len(argument)?.filter(|_| depth > 0) else { return Err(fault) };
                for at in 0..len {
                    self.push(env, env.element(argument, at)?, depth - 1)?;
                }
            }
        }
        Ok(())
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// One word; empty when there is none.
    pub fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.ends.get(at).map_or(b"", |end| &self.bytes[start..*end])
    }

    /// All words.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.get(at))
    }
}

/// Appends the bytes of one argument that is no list. No code of the caller runs.
pub fn append<'s>(env: Env<'s>, value: Value<'s>, to: &mut Vec<u8>) -> Outcome<()> {
    if env.append_string(value, to)? || env.append_view(value, to)? {
        return Ok(());
    }
    match env.kind(value)? {
        Type::Number => {
            let number = env.double(value)?;
            if number.is_nan() {
                return Err(Fault::Type("an argument is NaN".into()));
            }
            if number.is_infinite() {
                to.extend_from_slice(if number > 0.0 { b"inf" } else { b"-inf" });
                return Ok(());
            }
            env.append_string(env.printed(value)?, to).map(drop)
        }
        Type::BigInt => env.append_string(env.printed(value)?, to).map(drop),
        kind => Err(Fault::Type(format!(
            "an argument is a string, Buffer, number, bigint or a list of them, not {}",
            match kind {
                Type::Undefined => "undefined",
                Type::Null => "null",
                Type::Boolean => "a boolean",
                Type::Symbol => "a symbol",
                Type::Function => "a function",
                _ => "an object",
            }
        ))),
    }
}
