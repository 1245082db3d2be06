//! Options of opening. The other half has checked names and types; what is read here is what is left to be wrong.
use crate::{
    is_given,
    napi::{Env, Fault, Outcome, Type, Value},
    reply::Shape,
};
use tenondb::{Clock, Fsync, Options};

/// What a handle speaks of, and how it answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct View {
    /// The number of the logical database.
    pub database: u32,
    /// Writes wait for the disk.
    pub durable: bool,
    pub shape: Shape,
}

struct Given<'s>(Env<'s>, Option<Value<'s>>);

impl<'s> Given<'s> {
    fn of(env: Env<'s>, object: Value<'s>) -> Outcome<Self> {
        Ok(Self(env, is_given(env, object)?.then_some(object)))
    }

    fn value(&self, name: &str) -> Outcome<Option<Value<'s>>> {
        let Some(object) = self.1 else { return Ok(None) };
        let value = self.0.property(object, name)?;
        Ok(is_given(self.0, value)?.then_some(value))
    }

    fn number(&self, name: &str) -> Outcome<Option<u64>> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        let number = match self.0.kind(value)? {
            Type::Number => self.0.double(value)?,
            _ => f64::NAN,
        };
        if number.fract() != 0.0 || !(0.0..=crate::napi::SAFE_INTEGER as f64).contains(&number) {
            return Err(Fault::Type(format!("option {name} is an integer from 0 on")));
        }
        Ok(Some(number as u64))
    }

    fn text(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        let mut text = Vec::new();
        if !self.0.append_string(value, &mut text)? && !self.0.append_view(value, &mut text)? {
            return Err(Fault::Type(format!("option {name} is a string")));
        }
        Ok(Some(text))
    }

    fn truth(&self, name: &str) -> Outcome<Option<bool>> {
        match self.value(name)? {
            None => Ok(None),
            Some(value) if self.0.kind(value)? == Type::Boolean => self.0.truth(value).map(Some),
            Some(_) => Err(Fault::Type(format!("option {name} is true or false"))),
        }
    }
}

/// Reads the options of an engine, and those of the handle.
pub fn read<'s>(env: Env<'s>, object: Value<'s>) -> Outcome<(Options, View)> {
    let given = Given::of(env, object)?;
    let mut options = Options::default();
    if let Some(stripes) = given.number("stripes")? {
        options.stripes = stripes as usize;
    }
    if let Some(threads) = given.number("threads")? {
        options.threads = threads as usize;
    }
    if let Some(now_ms) = given.number("clock")? {
        options.clock = Clock::manual(now_ms);
    }
    options.seed = given.number("seed")?;
    options.requirepass = given.text("requirepass")?;
    if let Some(fsync) = given.text("fsync")? {
        options.fsync = match fsync.as_slice() {
            b"always" => Fsync::Always,
            b"everysec" => Fsync::EverySecond,
            b"no" => Fsync::Never,
            _ => return Err(Fault::Type("option fsync is 'always', 'everysec' or 'no'".into())),
        };
    }
    options.salvage = given.truth("salvage")?.unwrap_or(false);
    if let Some(bytes) = given.number("segmentBytes")? {
        options.segment_bytes = bytes;
    }
    Ok((options, view(env, object, View::default())?))
}

/// Reads what a handle speaks of and how it answers; what is not given is as it was `before`.
pub fn view<'s>(env: Env<'s>, object: Value<'s>, before: View) -> Outcome<View> {
    let given = Given::of(env, object)?;
    let database = match given.number("database")? {
        Some(number) => u32::try_from(number).unwrap_or(u32::MAX),
        None => before.database,
    };
    Ok(View {
        database,
        durable: given.truth("durable")?.unwrap_or(before.durable),
        shape: Shape {
            buffers: given.truth("buffers")?.unwrap_or(before.shape.buffers),
            bigints: given.truth("bigints")?.unwrap_or(before.shape.bigints),
            maps: given.truth("maps")?.unwrap_or(before.shape.maps),
        },
    })
}

/// The name under which a database in memory is shared.
pub fn name<'s>(env: Env<'s>, object: Value<'s>) -> Outcome<Option<String>> {
    let name = Given::of(env, object)?.text("name")?;
    Ok(name.map(|name| String::from_utf8_lossy(&name).into_owned()))
}
