//! HSCAN: a hash part by part.
use crate::{
    cmd::{
        Group, READ, Spec,
        args::scan::Window,
        page::Page,
        part::{Facts, Walk},
    },
    value::Hash,
};

/// `HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]`. Returns fields with their values, and the cursor to
/// go on with: 0 after the last.
/// A field that is there from the first call to the last is returned at least once.
pub type HScan<'a> = Walk<'a, Of>;

/// What makes the command HSCAN.
#[derive(Debug, Clone, Copy)]
pub struct Of;

impl Facts for Of {
    const SPEC: Spec = Spec {
        id: 0x0410,
        name: "HSCAN",
        usage: "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over fields and values of a hash.",
    };
    const BARE: Option<&'static str> = Some("NOVALUES");
    type Value = Hash;

    fn show(hash: &Hash, window: &Window, bare: bool, page: &mut Page) -> u64 {
        hash.scan(window.cursor, window.count, &mut |field, value| {
            if window.shows(field) {
                page.push(field);
                if !bare {
                    page.push(value);
                }
            }
        })
    }
}

crate::cmd::row!(HScan<'_>);
