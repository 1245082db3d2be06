//! CONFIG GET: the values of parameters.
use crate::{
    base::{atom::Args, emit::Sink, error::Result, glob},
    cmd::{
        ADMIN, Group, LOADING, NOSCRIPT, STALE, Session, SessionCommand, Spec,
        admin::config::parameter::{PARAMETERS, Parameter, find},
    },
};

/// `CONFIG GET parameter [parameter ...]`: of all parameters that match one of the patterns.
#[derive(Debug, Clone)]
pub struct ConfigGet<'a> {
    pub patterns: Vec<&'a [u8]>,
}

impl<'a> SessionCommand<'a> for ConfigGet<'a> {
    const SPEC: Spec = Spec {
        id: 0x0701,
        name: "CONFIG|GET",
        usage: "parameter [parameter ...]",
        arity: -3,
        flags: ADMIN | NOSCRIPT | LOADING | STALE,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "2.0.0",
        complexity: "O(N) when N is the number of configuration parameters provided",
        summary: "Returns the effective values of configuration parameters.",
    };

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { patterns: args.all_bytes()? })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        let settings = session.server().settings();
        let mut found: Vec<(Vec<u8>, &Parameter)> = Vec::new();
        for pattern in &self.patterns {
            if !pattern.iter().any(|byte| b"[*?".contains(byte)) {
                // A plain name is answered as it was asked.
                found.extend(find(pattern).map(|parameter| (pattern.to_vec(), parameter)));
                continue;
            }
            let folded = pattern.to_ascii_lowercase();
            for parameter in PARAMETERS {
                let names = std::iter::once(parameter.name).chain(parameter.alias);
                let fitting = names.filter(|name| glob::matches(&folded, name.as_bytes()));
                found.extend(fitting.map(|name| (name.as_bytes().to_vec(), parameter)));
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.dedup_by(|(a, _), (b, _)| a == b);
        to.map(found.len());
        for (name, parameter) in found {
            to.bytes(&name);
            to.bytes(&(parameter.get)(&settings));
        }
        Ok(())
    }
}

crate::cmd::session_row!(ConfigGet<'_>);
