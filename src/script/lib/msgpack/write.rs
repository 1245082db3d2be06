//! Values in as few bytes as MessagePack has for them. Numbers are big-endian.
use crate::script::lib::output::{Full, Output};

pub fn nil(out: &mut Output) -> Result<(), Full> {
    out.push(&[0xc0])
}

pub fn boolean(out: &mut Output, value: bool) -> Result<(), Full> {
    out.push(&[if value { 0xc3 } else { 0xc2 }])
}

/// Writes a number: as an integer when it is one of 64 bits, else as the shortest float that is equal to it.
pub fn number(out: &mut Output, value: f64) -> Result<(), Full> {
    // 2⁶³ itself is none.
    let integers = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
    if integers.contains(&value) && value.trunc() == value {
        return integer(out, value as i64);
    }
    let single = value as f32;
    if f64::from(single) == value {
        return tagged(out, 0xca, single.to_be_bytes());
    }
    tagged(out, 0xcb, value.to_be_bytes())
}

fn integer(out: &mut Output, value: i64) -> Result<(), Full> {
    match value {
        -0x20..=0x7f => out.push(&[value as u8]),
        0x80..=0xff => tagged(out, 0xcc, [value as u8]),
        0x100..=0xffff => tagged(out, 0xcd, (value as u16).to_be_bytes()),
        0x1_0000..=0xffff_ffff => tagged(out, 0xce, (value as u32).to_be_bytes()),
        0x1_0000_0000.. => tagged(out, 0xcf, value.to_be_bytes()),
        -0x80..=-0x21 => tagged(out, 0xd0, [value as u8]),
        -0x8000..=-0x81 => tagged(out, 0xd1, (value as i16).to_be_bytes()),
        -0x8000_0000..=-0x8001 => tagged(out, 0xd2, (value as i32).to_be_bytes()),
        ..=-0x8000_0001 => tagged(out, 0xd3, value.to_be_bytes()),
    }
}

fn tagged<const N: usize>(out: &mut Output, tag: u8, bytes: [u8; N]) -> Result<(), Full> {
    out.push(&[tag])?;
    out.push(&bytes)
}

pub fn bytes(out: &mut Output, value: &[u8]) -> Result<(), Full> {
    match value.len() {
        len @ 0..=0x1f => out.push(&[0xa0 | len as u8])?,
        len @ 0x20..=0xff => tagged(out, 0xd9, [len as u8])?,
        len => counted(out, len, 0xda, 0xdb)?,
    }
    out.push(value)
}

/// Writes what stands before the items of a list.
pub fn array(out: &mut Output, len: usize) -> Result<(), Full> {
    if len <= 15 { out.push(&[0x90 | len as u8]) } else { counted(out, len, 0xdc, 0xdd) }
}

/// Writes what stands before the pairs of a map.
pub fn map(out: &mut Output, len: usize) -> Result<(), Full> {
    if len <= 15 { out.push(&[0x80 | len as u8]) } else { counted(out, len, 0xde, 0xdf) }
}

/// Writes a count of 16 or 32 bits.
fn counted(out: &mut Output, len: usize, short: u8, long: u8) -> Result<(), Full> {
    match u16::try_from(len) {
        Ok(len) => tagged(out, short, len.to_be_bytes()),
        Err(_) => tagged(out, long, u32::try_from(len).map_err(|_| Full)?.to_be_bytes()),
    }
}
