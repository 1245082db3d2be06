//! EVAL_RO: runs a script that changes nothing.
use crate::cmd::{
    READ, Spec,
    script::call::{Eval, Evaluates, spec},
};

/// `EVAL_RO script numkeys [key [key ...]] [arg [arg ...]]`.
#[derive(Debug, Clone, Copy)]
pub enum ByTextReading {}

impl Evaluates for ByTextReading {
    const SPEC: Spec = spec(
        (0x0C03, "EVAL_RO", "script numkeys [key [key ...]] [arg [arg ...]]"),
        READ,
        "7.0.0",
        "Executes a read-only server-side Lua script.",
    );
    const BY_SHA: bool = false;
    const READ_ONLY: bool = true;
}

crate::cmd::session_row!(Eval<'_, ByTextReading>);
