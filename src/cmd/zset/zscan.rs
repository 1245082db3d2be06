//! ZSCAN: a sorted set part by part.
use crate::{
    base::num::Text,
    cmd::{
        Group, READ, Spec,
        args::scan::Window,
        page::Page,
        part::{Facts, Walk},
    },
    value::ZSet,
};

/// `ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]`. Returns members with their scores, and the cursor
/// to go on with: 0 after the last.
/// A member that is there from the first call to the last is returned at least once.
pub type ZScan<'a> = Walk<'a, Of>;

/// What makes the command ZSCAN.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x0620,
        name: "ZSCAN",
        usage: "key cursor [MATCH pattern] [COUNT count] [NOSCORES]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over members and scores of a sorted set.",
    };
    const BARE: Option<&'static str> = Some("NOSCORES");
    type Value = ZSet;

    fn show(set: &ZSet, window: &Window, bare: bool, page: &mut Page) -> u64 {
        set.scan(window.cursor, window.count, &mut |member, score| {
            if window.shows(member) {
                page.push(member);
                if !bare {
                    page.push(&Text::float(score));
                }
            }
        })
    }
}

crate::cmd::row!(ZScan<'_>);
