//! EVALSHA: runs a script that is known already.
use crate::cmd::{
    Spec,
    script::call::{Eval, Evaluates, spec},
};

/// `EVALSHA sha1 numkeys [key [key ...]] [arg [arg ...]]`.
#[derive(Debug, Clone, Copy)]
pub enum BySha {}

impl Evaluates for BySha {
    const SPEC: Spec = spec(
        (0x0C02, "EVALSHA", "sha1 numkeys [key [key ...]] [arg [arg ...]]"),
        0,
        "2.6.0",
        "Executes a server-side Lua script by SHA1 digest.",
    );
    const BY_SHA: bool = true;
    const READ_ONLY: bool = false;
}

crate::cmd::session_row!(Eval<'_, BySha>);
