//! Strings and numbers of a JSON text.
use crate::script::lib::{
    number::general,
    output::{Full, Output},
};

/// What stands for a byte inside of a string; empty: the byte itself.
const ESCAPES: [&[u8]; 256] = {
    let mut escapes: [&[u8]; 256] = [b""; 256];
    let mut byte = 0;
    while byte < CONTROLS.len() {
        escapes[byte] = CONTROLS[byte];
        byte += 1;
    }
    escapes[b'"' as usize] = b"\\\"";
    escapes[b'/' as usize] = b"\\/";
    escapes[b'\\' as usize] = b"\\\\";
    escapes[0x7f] = b"\\u007f";
    escapes
};

const CONTROLS: [&[u8]; 32] = [
    b"\\u0000", b"\\u0001", b"\\u0002", b"\\u0003", b"\\u0004", b"\\u0005", b"\\u0006", b"\\u0007", b"\\b",
    b"\\t", b"\\n", b"\\u000b", b"\\f", b"\\r", b"\\u000e", b"\\u000f", b"\\u0010", b"\\u0011", b"\\u0012",
    b"\\u0013", b"\\u0014", b"\\u0015", b"\\u0016", b"\\u0017", b"\\u0018", b"\\u0019", b"\\u001a",
    b"\\u001b", b"\\u001c", b"\\u001d", b"\\u001e", b"\\u001f",
];

/// Writes a string with its quotes.
pub fn string(out: &mut Output, text: &[u8]) -> Result<(), Full> {
    out.push(b"\"")?;
    let mut rest = text;
    while let Some(plain) = rest.iter().position(|byte| !ESCAPES[usize::from(*byte)].is_empty()) {
        out.push(&rest[..plain])?;
        out.push(ESCAPES[usize::from(rest[plain])])?;
        rest = &rest[plain + 1..];
    }
    out.push(rest)?;
    out.push(b"\"")
}

/// Writes a number with that many significant digits. What no JSON text has is written as `inf`, `-inf` and `nan`.
pub fn number(out: &mut Output, value: f64, precision: usize) -> Result<(), Full> {
    if value.is_nan() {
        return out.push(b"nan");
    }
    out.push(&general(value, precision))
}
