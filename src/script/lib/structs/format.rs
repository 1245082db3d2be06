//! Format strings of `struct`, option by option, and the numbers they lay out.
//!
//! | option | is | bytes |
//! |---|---|---|
//! | `b` `h` `l` | signed integers of C | 1, 2, 8 |
//! | `B` `H` `L` `T` | unsigned ones | 1, 2, 8, 8 |
//! | `i` `I`, `in` `In` | signed, unsigned | 4, n up to 32 |
//! | `f` `d` | floats | 4, 8 |
//! | `s` | bytes up to a zero | as many |
//! | `cn` | n bytes; `c0`: all (packing), as many as the number before says (unpacking) | n |
//! | `x` | a zero that stands for nothing | 1 |
//! | `<` `>` | what follows is little-endian, as it is at first; big-endian | |
//! | `!` `!n` | what follows begins at multiples of its size: of 8, of n at most; at first of 1 | |
//! | space | nothing | |

/// The largest integer, in bytes.
const INTEGER_BYTES_MAX: i32 = 32;
/// What `!` aligns to.
const ALIGNMENT: i32 = 8;

/// What is wrong with a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Text(String),
    /// There is no such option.
    Option(u8),
}

/// An option that something is laid out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub option: u8,
    /// Bytes that it takes; 0 also for what is known only later.
    pub size: usize,
    /// Bytes to leave out before it.
    pub padding: usize,
}

/// A format that is being read.
#[derive(Debug)]
pub struct Format<'a> {
    rest: &'a [u8],
    pub little: bool,
    alignment: i32,
}

impl<'a> Format<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text, little: true, alignment: 1 }
    }

    /// Takes the next option, which is laid out from `position` on.
    pub fn step(&mut self, position: usize) -> Result<Option<Step>, Fault> {
        let Some((&option, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        let size = match option {
            b'B' | b'b' | b'x' => 1,
            b'H' | b'h' => 2,
            b'L' | b'l' | b'T' | b'd' => 8,
            b'f' => 4,
            b'c' => self.number(1)?,
            b'i' | b'I' => {
                let size = self.number(4)?;
                if size > INTEGER_BYTES_MAX {
                    let most = INTEGER_BYTES_MAX;
                    let why = format!("integral size {size} is larger than limit of {most}");
                    return Err(Fault::Text(why));
                }
                size
            }
            _ => 0,
        };
        Ok(Some(Step { option, size: size as usize, padding: self.padding(position, option, size) }))
    }

    /// Reads the number that follows an option.
    fn number(&mut self, missing: i32) -> Result<i32, Fault> {
        let digits = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return Ok(missing);
        }
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        digits
            .iter()
            .try_fold(0i32, |number, digit| number.checked_mul(10)?.checked_add(i32::from(digit - b'0')))
            .ok_or_else(|| Fault::Text("integral size overflow".into()))
    }

    fn padding(&self, position: usize, option: u8, size: i32) -> usize {
        if size == 0 || option == b'c' {
            return 0;
        }
        // Sizes that are no powers of two are masked as if they were: what comes of it is Redis's layout.
        let size = size.min(self.alignment) as usize;
        size.wrapping_sub(position & (size - 1)) & (size - 1)
    }

    /// Obeys an option that nothing is laid out for.
    pub fn control(&mut self, option: u8) -> Result<(), Fault> {
        match option {
            b' ' => {}
            b'>' => self.little = false,
            b'<' => self.little = true,
            b'!' => {
                let alignment = self.number(ALIGNMENT)?;
                if alignment.count_ones() != 1 {
                    return Err(Fault::Text(format!("alignment {alignment} is not a power of 2")));
                }
                self.alignment = alignment;
            }
            _ => return Err(Fault::Option(option)),
        }
        Ok(())
    }
}

/// Returns the low `size` bytes of an integer, up to 32; those beyond its own are zero.
pub fn integer(value: u64, size: usize, little: bool) -> [u8; INTEGER_BYTES_MAX as usize] {
    let mut bytes = [0; INTEGER_BYTES_MAX as usize];
    let own = size.min(8);
    bytes[..own].copy_from_slice(&value.to_le_bytes()[..own]);
    if !little {
        bytes[..size].reverse();
    }
    bytes
}

/// Reads an integer of any size; what does not fit into 64 bits is dropped.
pub fn read_integer(bytes: &[u8], little: bool, signed: bool) -> f64 {
    let push = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
    let value = if little { bytes.iter().rev().fold(0, push) } else { bytes.iter().fold(0, push) };
    if !signed {
        return value as f64;
    }
    // The place of the sign, as shifts count it: modulo 64, also where the integer is longer than that.
    let mask = u64::MAX.wrapping_shl((bytes.len() as u32 * 8).wrapping_sub(1));
    (if value & mask != 0 { value | mask } else { value }) as i64 as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout(text: &str) -> Result<usize, Fault> {
        let (mut format, mut position) = (Format::new(text.as_bytes()), 0);
        while let Some(step) = format.step(position)? {
            position += step.padding + step.size;
            if step.size == 0 {
                format.control(step.option)?;
            }
        }
        Ok(position)
    }

    #[test]
    fn options_have_their_sizes() {
        for (text, size) in [
            ("", 0),
            ("bBhHlLT", 1 + 1 + 2 + 2 + 8 + 8 + 8),
            ("iIi3I16fd", 4 + 4 + 3 + 16 + 4 + 8),
            ("cc10x ><", 12),
            ("!bd", 16),
            ("!4bd", 12),
            ("!16bd", 16),
            ("!1bd", 9),
            ("!4bi3", 6),
            ("!4bi5", 9),
            ("!8bi6", 12),
            ("!2bi3", 5),
            ("c2147483647c2147483647", 4294967294),
        ] {
            assert_eq!(layout(text), Ok(size), "{text}");
        }
    }

    #[test]
    fn bad_formats_are_told() {
        for (text, why) in [
            ("i33", "integral size 33 is larger than limit of 32"),
            ("i2147483648", "integral size overflow"),
            ("c99999999999", "integral size overflow"),
            ("!3", "alignment 3 is not a power of 2"),
            ("!0", "alignment 0 is not a power of 2"),
            ("!2147483648", "integral size overflow"),
        ] {
            assert_eq!(layout(text), Err(Fault::Text(why.into())), "{text}");
        }
        for option in [b'z', b'5', b'=', 0xc8] {
            assert_eq!(Format::new(b"").control(option), Err(Fault::Option(option)));
        }
    }

    #[test]
    fn long_integers_keep_their_low_bits() {
        assert_eq!(read_integer(&[0xff; 9], true, true), -1.0);
        assert_eq!(read_integer(&[200; 16], false, true), -3978709506094217016.0);
        assert_eq!(read_integer(b"\x5c25525525", true, true), -36.0);
        assert_eq!(read_integer(b"", true, true), 0.0);
        assert_eq!(integer(u64::MAX, 10, false)[..10], *b"\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    }

    proptest! {
        #[test]
        fn integers_read_back(value: i64, size in 1usize..=8, little: bool) {
            let spare = 64 - 8 * size as u32;
            let (signed, unsigned) = ((value << spare) >> spare, (value as u64) << spare >> spare);
            let bytes = integer(value as u64, size, little);
            prop_assert_eq!(read_integer(&bytes[..size], little, true), signed as f64);
            prop_assert_eq!(read_integer(&bytes[..size], little, false), unsigned as f64);
        }

        #[test]
        fn any_format_is_read_or_refused(text: String) {
            let _ = layout(&text);
        }
    }
}
