//! math.random: the same sequence on every machine, that of drand48, from one script to the next.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tenondb_lua::{Frame, Raise};

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const INCREMENT: u64 = 0xB;
const BITS: u64 = (1 << 48) - 1;
/// The state that drand48 begins with when nobody has seeded it.
const FIRST: u64 = 0x1234_ABCD_330E;
/// What follows a seed.
const LOW: u64 = 0x330E;
const LARGEST: f64 = 2_147_483_647.0;

/// The state of the sequence while a script runs: a machine's copy of what the database has.
struct Sequence(u64);

impl Default for Sequence {
    fn default() -> Self {
        Self(FIRST)
    }
}

/// Where the sequence of a database is between two scripts.
#[derive(Debug)]
pub struct Shared(AtomicU64);

impl Default for Shared {
    fn default() -> Self {
        Self(AtomicU64::new(FIRST))
    }
}

impl Shared {
    /// Lets a script go on where the one before it ended.
    pub fn lend(&self, frame: &Frame<'_>) {
        frame.local::<Sequence>().borrow_mut().0 = self.0.load(Relaxed);
    }

    /// Notes where a script has ended.
    pub fn take_back(&self, frame: &Frame<'_>) {
        self.0.store(frame.local::<Sequence>().borrow().0, Relaxed);
    }
}

/// A number of at least 0 and below 1.
fn draw(frame: &Frame<'_>) -> f64 {
    let state = &mut frame.local::<Sequence>().borrow_mut().0;
    *state = state.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT) & BITS;
    let drawn = (*state >> 17) as f64;
    (drawn % LARGEST) / LARGEST
}

/// An argument as C makes an `int` of it: the low half.
fn int(frame: &Frame<'_>, at: i32) -> Result<f64, Raise> {
    Ok(f64::from(frame.check_int(at)? as i32))
}

fn random(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let drawn = draw(frame);
    let value = match frame.len() {
        0 => drawn,
        1 => {
            let high = int(frame, 1)?;
            if high < 1.0 {
                return Err(Raise::argument(1, "interval is empty"));
            }
            (drawn * high).floor() + 1.0
        }
        2 => {
            let (low, high) = (int(frame, 1)?, int(frame, 2)?);
            if low > high {
                return Err(Raise::argument(2, "interval is empty"));
            }
            (drawn * (high - low + 1.0)).floor() + low
        }
        _ => return Err(Raise::text("wrong number of arguments")),
    };
    frame.push_number(value)?;
    Ok(1)
}

fn seed(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let seed = frame.check_int(1)? as u32;
    frame.local::<Sequence>().borrow_mut().0 = (u64::from(seed) << 16) | LOW;
    Ok(0)
}

/// Replaces the functions of the table `math`, which is the frame's first value.
pub fn amend(frame: &mut Frame<'_>) -> Result<(), Raise> {
    frame.push_native(random)?;
    frame.raw_set_field(1, b"random")?;
    frame.push_native(seed)?;
    frame.raw_set_field(1, b"randomseed")
}
