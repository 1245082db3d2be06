//! How a database is opened.
use crate::{
    boundary::{misuse, slice},
    bytes::tenon_bytes,
};
use std::ptr;
use tenondb::{Clock, Fsync, Options, Result};

/// Seconds may be lost when the power fails: about one. The default.
///
/// Since: 0.1
pub const TENON_FSYNC_EVERY_SECOND: u32 = 0;
/// A write is answered when it is on the disk for good. Callers that wait at the same time share one sync.
///
/// Since: 0.1
pub const TENON_FSYNC_ALWAYS: u32 = 1;
/// The system writes when it finds time.
///
/// Since: 0.1
pub const TENON_FSYNC_NEVER: u32 = 2;

/// The system's clock. The default.
///
/// Since: 0.1
pub const TENON_CLOCK_SYSTEM: u32 = 0;
/// A clock that stands still until tenon_clock_set or tenon_clock_advance moves it: for tests.
///
/// Since: 0.1
pub const TENON_CLOCK_MANUAL: u32 = 1;

/// How a database is opened. Start with TENON_OPTIONS_INIT, which has the defaults, and change what should differ; a
/// NULL where options are asked for means the defaults. A later library has more fields and knows by `size` which ones
/// a program has. What the death of the process, of the machine and of the disk can take is said in docs/durability.md.
///
/// Since: 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_options {
    /// sizeof(tenon_options).
    pub size: u32,
    /// Background threads: 1 (the default) or 0; then the program calls tenon_tick now and then.
    pub threads: u32,
    /// The number of locks the keys are spread over, rounded up to a power of two; 64. More of them make collisions between
    /// threads rarer and commands over all keys slower.
    pub stripes: u32,
    /// When what was written is on the disk for good: TENON_FSYNC_EVERY_SECOND, _ALWAYS or _NEVER.
    pub fsync: u32,
    /// Where time comes from: TENON_CLOCK_SYSTEM or TENON_CLOCK_MANUAL.
    pub clock: u32,
    /// 1: opens a damaged store with what is left of it; otherwise it is refused with TENON_CORRUPT. 0 is the default.
    pub salvage: u32,
    /// 1: `seed` is used; 0 (the default): chance differs in every process.
    pub seeded: u32,
    /// 0.
    pub reserved: u32,
    /// What a manual clock shows at first, in Unix milliseconds.
    pub clock_ms: u64,
    /// What SPOP, RANDOMKEY and the like draw from, so that a run can be repeated.
    pub seed: u64,
    /// The size in bytes at which a new file of the log is begun; 64 MiB.
    pub segment_bytes: u64,
    /// What connections must say by AUTH before anything else; none by default. It does not guard the calls of this
    /// interface.
    pub password: tenon_bytes,
}

const _: () = assert!(size_of::<tenon_options>() == 72);

/// Reads the options of an argument; NULL means the defaults.
pub fn read(options: *const tenon_options) -> Result<Options> {
    if options.is_null() {
        return Ok(Options::default());
    }
    let size = slice(options.cast::<u32>(), 1)?[0] as usize;
    if size != size_of::<tenon_options>() {
        // There is no other version yet: a program that says so was not made with TENON_OPTIONS_INIT.
        return Err(misuse(
            "ERR the size in tenon_options is of no known version: start with TENON_OPTIONS_INIT",
        ));
    }
    let given = slice(options, 1)?[0];
    let flag = |value: u32, text| match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(misuse(text)),
    };
    if given.reserved != 0 {
        return Err(misuse("ERR `reserved` in tenon_options is not 0"));
    }
    if given.stripes == 0 || given.stripes > 1 << 16 {
        return Err(misuse("ERR `stripes` in tenon_options is not between 1 and 65536"));
    }
    if given.segment_bytes < 1 << 16 {
        return Err(misuse("ERR `segment_bytes` in tenon_options is below 65536"));
    }
    let password = given.password.get()?;
    let seeded = flag(given.seeded, "ERR `seeded` in tenon_options is neither 0 nor 1")?;
    Ok(Options {
        stripes: given.stripes as usize,
        threads: usize::from(flag(given.threads, "ERR `threads` in tenon_options is neither 0 nor 1")?),
        clock: match given.clock {
            TENON_CLOCK_SYSTEM => Clock::system(),
            TENON_CLOCK_MANUAL => Clock::manual(given.clock_ms),
            _ => return Err(misuse("ERR `clock` in tenon_options is none that there is")),
        },
        seed: seeded.then_some(given.seed),
        requirepass: (!password.is_empty()).then(|| password.to_vec()),
        fsync: match given.fsync {
            TENON_FSYNC_EVERY_SECOND => Fsync::EverySecond,
            TENON_FSYNC_ALWAYS => Fsync::Always,
            TENON_FSYNC_NEVER => Fsync::Never,
            _ => return Err(misuse("ERR `fsync` in tenon_options is none that there is")),
        },
        salvage: flag(given.salvage, "ERR `salvage` in tenon_options is neither 0 nor 1")?,
        segment_bytes: given.segment_bytes,
        ..Options::default()
    })
}

/// Writes the defaults, as TENON_OPTIONS_INIT has them: for languages that cannot use the macro.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_options_init(options: *mut tenon_options) -> crate::status::tenon_status {
    crate::boundary::boundary(|| {
        let defaults = tenon_options {
            size: size_of::<tenon_options>() as u32,
            threads: 1,
            stripes: 64,
            fsync: TENON_FSYNC_EVERY_SECOND,
            clock: TENON_CLOCK_SYSTEM,
            salvage: 0,
            seeded: 0,
            reserved: 0,
            clock_ms: 0,
            seed: 0,
            segment_bytes: 64 << 20,
            password: tenon_bytes { data: ptr::null(), len: 0 },
        };
        crate::boundary::Out::new(options, defaults).map(drop)
    })
}
