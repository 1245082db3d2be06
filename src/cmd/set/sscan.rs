//! SSCAN: a set part by part.
use crate::{
    cmd::{
        Group, READ, Spec,
        args::scan::Window,
        page::Page,
        part::{Facts, Walk},
    },
    value::Set,
};

/// `SSCAN key cursor [MATCH pattern] [COUNT count]`. Returns members, and the cursor to go on with: 0 after the last.
/// A member that is there from the first call to the last is returned at least once.
pub type SScan<'a> = Walk<'a, Of>;

/// What makes the command SSCAN.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x050A,
        name: "SSCAN",
        usage: "key cursor [MATCH pattern] [COUNT count]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over members of a set.",
    };
    const BARE: Option<&'static str> = None;
    type Value = Set;

    fn show(set: &Set, window: &Window, _bare: bool, page: &mut Page) -> u64 {
        set.scan(window.cursor, window.count, &mut |member| {
            if window.shows(member) {
                page.push(member);
            }
        })
    }
}

crate::cmd::row!(SScan<'_>);
