//! PUBSUB: who has subscribed to what.
use crate::{
    base::{
        atom::Args,
        error::{Error, Kind, Result},
    },
    cmd::{Group, Spec},
};

pub mod channels;
pub mod help;
pub mod numpat;
pub mod numsub;
pub mod shardchannels;
pub mod shardnumsub;

crate::cmd::container_row!(Spec {
    id: 0x0B10,
    name: "PUBSUB",
    usage: "",
    arity: -2,
    flags: 0,
    keys: (0, 0, 0),
    group: Group::PubSub,
    since: "2.8.0",
    complexity: "Depends on subcommand.",
    summary: "A container for Pub/Sub commands.",
});

/// Takes a pattern, or nothing; more is refused in the way of subcommand `name`.
fn optional_pattern<'a>(args: &mut Args<'a>, name: &str) -> Result<Option<&'a [u8]>> {
    if args.len() > 1 {
        let text =
            format!("ERR unknown subcommand or wrong number of arguments for '{name}'. Try PUBSUB HELP.");
        return Err(Error::quoting(Kind::Command, text));
    }
    if args.is_empty() { Ok(None) } else { args.bytes().map(Some) }
}
