//! COMMAND LIST: the names of the commands.
use crate::{
    base::{
        atom::Args,
        emit::Sink,
        error::{Error, Result},
        glob,
    },
    cmd::{Group, LOADING, Row, STALE, Session, SessionCommand, Spec, admin::command::describe, table},
};

/// `COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]`.
#[derive(Debug, Clone, Copy)]
pub struct CommandList<'a> {
    pub filter: Filter<'a>,
}

/// Which commands are listed.
#[derive(Debug, Clone, Copy)]
pub enum Filter<'a> {
    All,
    /// Those of a module: there are none.
    Module,
    /// Those of an ACL category, without its `@`.
    Category(&'a [u8]),
    /// Those whose names match.
    Pattern(&'a [u8]),
}

impl<'a> SessionCommand<'a> for CommandList<'a> {
    const SPEC: Spec = Spec {
        id: 0x0714,
        name: "COMMAND|LIST",
        usage: "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
        arity: -2,
        flags: LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "7.0.0",
        complexity: "O(N) where N is the total number of commands",
        summary: "Returns a list of command names.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.is_empty() {
            return Ok(Self { filter: Filter::All });
        }
        if args.len() != 3 || !args.token("FILTERBY") {
            return Err(Error::syntax());
        }
        let filter = if args.token("MODULE") {
            args.bytes()?;
            Filter::Module
        } else if args.token("ACLCAT") {
            Filter::Category(args.bytes()?)
        } else if args.token("PATTERN") {
            Filter::Pattern(args.bytes()?)
        } else {
            return Err(Error::syntax());
        };
        Ok(Self { filter })
    }

    fn run(&self, _: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let fits = |row: &&&'static Row| match self.filter {
            Filter::All => true,
            Filter::Module => false,
            Filter::Category(category) => describe::categories(row.spec)
                .any(|known| known.as_bytes().strip_prefix(b"@") == Some(&category.to_ascii_lowercase()[..])),
            Filter::Pattern(pattern) => {
                let pattern = pattern.to_ascii_lowercase();
                glob::matches(&pattern, row.spec.name.to_ascii_lowercase().as_bytes())
            }
        };
        let rows: Vec<_> = table::all().iter().filter(fits).collect();
        to.array(rows.len());
        rows.iter().for_each(|row| to.bytes(row.spec.name.to_ascii_lowercase().as_bytes()));
        Ok(())
    }
}

crate::cmd::session_row!(CommandList<'_>);
