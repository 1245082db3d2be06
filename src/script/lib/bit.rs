//! The library `bit`: operations on the low 32 bits of numbers, as LuaBitOp 1.0.2 has them in Redis. What they make is signed.
use super::arguments::functions;
use tenondb_lua::{Frame, Kind, Native, Raise};

const FUNCTIONS: [(&str, Native); 12] = [
    ("tobit", tobit),
    ("bnot", bnot),
    ("band", band),
    ("bor", bor),
    ("bxor", bxor),
    ("lshift", lshift),
    ("rshift", rshift),
    ("arshift", arshift),
    ("rol", rol),
    ("ror", ror),
    ("bswap", bswap),
    ("tohex", tohex),
];

/// Pushes the library's table.
pub fn open(frame: &mut Frame<'_>) -> Result<(), Raise> {
    functions(frame, &FUNCTIONS)
}

/// Returns the low bits of a number: it is rounded, halves to even, as long as there are bits for its fraction.
fn bits(value: f64) -> u32 {
    /// 2⁵² + 2⁵¹: the sum's lowest bit counts one, whatever the sign.
    const ONES: f64 = 6_755_399_441_055_744.0;
    (value + ONES).to_bits() as u32
}

fn argument(frame: &Frame<'_>, at: i32) -> Result<u32, Raise> {
    frame.check_number(at).map(bits)
}

fn push(frame: &mut Frame<'_>, bits: u32) -> Result<usize, Raise> {
    frame.push_number(f64::from(bits as i32))?;
    Ok(1)
}

fn tobit(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let value = argument(frame, 1)?;
    push(frame, value)
}

fn bnot(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let value = argument(frame, 1)?;
    push(frame, !value)
}

fn bswap(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let value = argument(frame, 1)?;
    push(frame, value.swap_bytes())
}

/// The first argument is looked at first, then the others from the last one on: that decides which bad one is named.
fn fold(frame: &mut Frame<'_>, join: fn(u32, u32) -> u32) -> Result<usize, Raise> {
    let mut value = argument(frame, 1)?;
    for at in (2..=frame.len() as i32).rev() {
        value = join(value, argument(frame, at)?);
    }
    push(frame, value)
}

fn band(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    fold(frame, |a, b| a & b)
}

fn bor(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    fold(frame, |a, b| a | b)
}

fn bxor(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    fold(frame, |a, b| a ^ b)
}

/// Counts of bits are taken modulo 32.
fn shift(frame: &mut Frame<'_>, move_by: fn(u32, u32) -> u32) -> Result<usize, Raise> {
    let value = argument(frame, 1)?;
    let count = argument(frame, 2)? & 31;
    push(frame, move_by(value, count))
}

fn lshift(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    shift(frame, |value, count| value << count)
}

fn rshift(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    shift(frame, |value, count| value >> count)
}

fn arshift(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    shift(frame, |value, count| (value as i32 >> count) as u32)
}

fn rol(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    shift(frame, u32::rotate_left)
}

fn ror(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    shift(frame, u32::rotate_right)
}

/// The last digits of a number, 8 where nothing is said; a negative count asks for capitals.
fn tohex(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let value = argument(frame, 1)?;
    let count = if frame.kind(2) == Kind::None { 8 } else { argument(frame, 2)? as i32 };
    let digits = if count < 0 { format!("{value:08X}") } else { format!("{value:08x}") };
    let kept = count.unsigned_abs().min(8) as usize;
    frame.push_bytes(&digits.as_bytes()[8 - kept..])?;
    Ok(1)
}

#[cfg(test)]
mod tests;
