//! EVALSHA_RO: runs a script that is known already and changes nothing.
use crate::cmd::{
    READ, Spec,
    script::call::{Eval, Evaluates, spec},
};

/// `EVALSHA_RO sha1 numkeys [key [key ...]] [arg [arg ...]]`.
#[derive(Debug, Clone, Copy)]
pub enum ByShaReading {}

impl Evaluates for ByShaReading {
    const SPEC: Spec = spec(
        (0x0C04, "EVALSHA_RO", "sha1 numkeys [key [key ...]] [arg [arg ...]]"),
        READ,
        "7.0.0",
        "Executes a read-only server-side Lua script by SHA1 digest.",
    );
    const BY_SHA: bool = true;
    const READ_ONLY: bool = true;
}

crate::cmd::session_row!(Eval<'_, ByShaReading>);
