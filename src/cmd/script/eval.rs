//! EVAL: runs a script.
use crate::cmd::{
    Spec,
    script::call::{Eval, Evaluates, spec},
};

/// `EVAL script numkeys [key [key ...]] [arg [arg ...]]`. The script is kept, until 500 others were run more recently.
#[derive(Debug, Clone, Copy)]
pub enum ByText {}

impl Evaluates for ByText {
    const SPEC: Spec = spec(
        (0x0C01, "EVAL", "script numkeys [key [key ...]] [arg [arg ...]]"),
        0,
        "2.6.0",
        "Executes a server-side Lua script.",
    );
    const BY_SHA: bool = false;
    const READ_ONLY: bool = false;
}

crate::cmd::session_row!(Eval<'_, ByText>);
