//! The options of `open()` and `memory()`.
use crate::{clock::Clock, value::Decode, word::Word};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyString},
};
use std::sync::Arc;
use tenondb::{Db, Fsync, Options};

/// What was asked for: the engine's options, and how replies look.
pub struct Asked {
    pub engine: Options,
    pub decode: Decode,
    /// Which clock it is.
    pub clock: Arc<()>,
    /// The names of the options that were given.
    given: Vec<String>,
}

impl Asked {
    /// Reads keyword arguments. `None` stands for the default of each.
    ///
    /// # Errors
    /// `TypeError` for an option that does not exist or is of another type, `ValueError` for a value out of range.
    pub fn read(given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let (mut engine, mut decode, mut faults) = (Options::default(), None, String::from("strict"));
        let (mut clock, mut names) = (Arc::default(), Vec::new());
        for (name, value) in given.into_iter().flatten() {
            let name = name.cast::<PyString>()?.to_str()?.to_owned();
            if value.is_none() && KNOWN.contains(&name.as_str()) {
                continue;
            }
            match name.as_str() {
                "clock" => {
                    let given = value.cast::<Clock>()?.get();
                    (engine.clock, clock) = (given.inner.clone(), Arc::clone(&given.mark));
                }
                "seed" => engine.seed = Some(value.extract()?),
                "fsync" => engine.fsync = fsync(&value)?,
                "threads" => engine.threads = one_of(&value, &[0, 1], "threads is 0 or 1")?,
                "stripes" => engine.stripes = within(&value, 1, 65_536, "stripes is between 1 and 65536")?,
                "segment_bytes" => {
                    engine.segment_bytes =
                        within(&value, 1 << 16, 1 << 40, "segment_bytes is 64 KiB at least")? as u64;
                }
                "salvage" => engine.salvage = value.extract()?,
                "requirepass" => engine.requirepass = Some(Word::of(&value)?.as_ref().to_vec()),
                "decode" => decode = Some(value),
                "decode_errors" => faults = value.extract()?,
                _ => return Err(PyTypeError::new_err(format!("there is no option {name:?}"))),
            }
            names.push(name);
        }
        Ok(Self { engine, decode: Decode::of(decode.as_ref(), &faults)?, clock, given: names })
    }

    /// The name of an option that was given; `None`: there is none.
    pub fn any(&self) -> Option<&str> {
        self.given.first().map(String::as_str)
    }

    /// The name of an option that was given and is not what the engine was opened with, as `first` says; `None`: there is
    /// none.
    pub fn differs(&self, first: &Self) -> Option<&str> {
        let (mine, engine) = (&self.engine, &first.engine);
        self.differing(|name| match name {
            "clock" => !Arc::ptr_eq(&self.clock, &first.clock),
            "seed" => mine.seed != engine.seed,
            "threads" => mine.threads != engine.threads,
            "stripes" => mine.stripes.next_power_of_two() != engine.stripes.next_power_of_two(),
            "segment_bytes" => mine.segment_bytes != engine.segment_bytes,
            _ => false,
        })
    }

    /// As [`Asked::differs`], for what can be changed while the engine runs: `db` knows it.
    pub fn differs_now(&self, db: &Db) -> Option<&str> {
        let now = db.settings();
        self.differing(|name| match name {
            "fsync" => self.engine.fsync != now.appendfsync,
            "requirepass" => self.engine.requirepass.as_deref() != Some(&now.requirepass),
            _ => false,
        })
    }

    fn differing(&self, differs: impl Fn(&str) -> bool) -> Option<&str> {
        self.given.iter().map(String::as_str).find(|name| differs(name))
    }
}

const KNOWN: [&str; 10] = [
    "clock",
    "seed",
    "fsync",
    "threads",
    "stripes",
    "segment_bytes",
    "salvage",
    "requirepass",
    "decode",
    "decode_errors",
];

fn fsync(value: &Bound<'_, PyAny>) -> PyResult<Fsync> {
    match value.extract::<String>()?.as_str() {
        "always" => Ok(Fsync::Always),
        "everysec" => Ok(Fsync::EverySecond),
        "no" => Ok(Fsync::Never),
        _ => Err(PyValueError::new_err("fsync is always, everysec or no")),
    }
}

fn one_of(value: &Bound<'_, PyAny>, allowed: &[usize], text: &'static str) -> PyResult<usize> {
    let value = value.extract()?;
    if allowed.contains(&value) { Ok(value) } else { Err(PyValueError::new_err(text)) }
}

fn within(value: &Bound<'_, PyAny>, min: usize, max: usize, text: &'static str) -> PyResult<usize> {
    let value = value.extract()?;
    if (min..=max).contains(&value) { Ok(value) } else { Err(PyValueError::new_err(text)) }
}
