//! The options of `open()` and `memory()`.
use crate::{clock::Clock, value::Decode, word::Word};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyString},
};
use tenondb::{Fsync, Options};

/// What was asked for: the engine's options, and how replies look.
pub struct Asked {
    pub engine: Options,
    pub decode: Decode,
}

impl Asked {
    /// Reads keyword arguments. `None` stands for the default of each.
    ///
    /// # Errors
    /// `TypeError` for an option that does not exist or is of another type, `ValueError` for a value out of range.
    pub fn read(given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let (mut engine, mut decode, mut faults) = (Options::default(), None, String::from("strict"));
        for (name, value) in given.into_iter().flatten() {
            let name = name.cast::<PyString>()?.to_str()?.to_owned();
            if value.is_none() && KNOWN.contains(&name.as_str()) {
                continue;
            }
            match name.as_str() {
                "clock" => engine.clock = value.cast::<Clock>()?.get().inner.clone(),
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
        }
        Ok(Self { engine, decode: Decode::of(decode.as_ref(), &faults)? })
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
