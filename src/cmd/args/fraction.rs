//! The increment of INCRBYFLOAT and HINCRBYFLOAT.
use crate::base::{atom::Args, error::Result, long_double::LongDouble, num::Text};

/// Takes a number to count with; `None` when the argument is none. A double of a typed caller counts as its shortest
/// digits say: 0.1 is a tenth.
pub fn parse(args: &mut Args<'_>) -> Result<Option<LongDouble>> {
    match args.peek() {
        Some(_) => args.bytes().map(LongDouble::parse),
        None => args.float().map(|value| LongDouble::parse(&Text::float(value))),
    }
}
