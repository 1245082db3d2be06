//! CLIENT: what connections know and say of themselves and of each other.
use crate::{
    base::{
        atom::Args,
        error::{Error, Result},
    },
    cmd::{Group, Row, Spec},
};

pub mod caching;
mod filter;
pub mod getname;
pub mod getredir;
pub mod help;
pub mod id;
pub mod info;
pub mod kill;
mod line;
pub mod list;
pub mod no_evict;
pub mod no_touch;
pub mod reply;
pub mod setinfo;
pub mod setname;
pub mod tracking;
pub mod trackinginfo;
pub mod unblock;

crate::cmd::container_row!(Spec {
    id: 0x0810,
    name: "CLIENT",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::Connection,
    since: "2.4.0",
    complexity: "Depends on subcommand.",
    summary: "A container for client connection commands.",
});

/// The subcommands.
pub static ROWS: &[&Row] = &[
    &ROW,
    &caching::ROW,
    &getname::ROW,
    &getredir::ROW,
    &help::ROW,
    &id::ROW,
    &info::ROW,
    &kill::ROW,
    &list::ROW,
    &no_evict::ROW,
    &no_touch::ROW,
    &reply::ROW,
    &setinfo::ROW,
    &setname::ROW,
    &tracking::ROW,
    &trackinginfo::ROW,
    &unblock::ROW,
];

/// Tells whether `text` can stand in a line of CLIENT LIST: visible ASCII without spaces.
pub fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| (b'!'..=b'~').contains(byte))
}

/// Refuses a name that cannot stand in CLIENT LIST.
pub fn valid_name(name: &[u8]) -> Result<&[u8]> {
    if is_plain(name) {
        return Ok(name);
    }
    Err(Error::command("ERR Client names cannot contain spaces, newlines or special characters."))
}

/// Takes `ON` or `OFF`.
fn on_or_off(args: &mut Args<'_>) -> Result<bool> {
    let on = args.token("ON");
    if on || args.token("OFF") { Ok(on) } else { Err(Error::syntax()) }
}
