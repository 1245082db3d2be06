//! What was compared: commands, and their options alone and in pairs.
use crate::{facts::Fact, generate::Argv, session::name_of};
use std::collections::BTreeMap;

/// How often each command was compared, and which of its options.
#[derive(Default)]
pub struct Coverage(BTreeMap<String, Row>);

#[derive(Default)]
struct Row {
    sent: u64,
    /// Answered without an error.
    good: u64,
    tokens: Vec<&'static str>,
    accepted: Vec<bool>,
    /// Sent together: a square.
    pairs: Vec<bool>,
}

impl Coverage {
    /// Expects these commands.
    pub fn new<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Self {
        let mut rows = BTreeMap::new();
        for fact in facts {
            let mut tokens: Vec<&'static str> = Vec::new();
            fact.usage.each_token(&mut |word| tokens.push(word));
            tokens.sort_unstable();
            tokens.dedup();
            let len = tokens.len();
            let row =
                Row { tokens, accepted: vec![false; len], pairs: vec![false; len * len], ..Row::default() };
            rows.insert(fact.name.clone(), row);
        }
        Self(rows)
    }

    /// Notes a command that was compared, and whether its reply was no error.
    pub fn note(&mut self, argv: &Argv, well: bool) {
        let Some(row) = self.0.get_mut(&name_of(argv)) else { return };
        row.sent += 1;
        row.good += u64::from(well);
        let is =
            |at: usize| argv.iter().skip(1).any(|arg| arg.eq_ignore_ascii_case(row.tokens[at].as_bytes()));
        let len = row.tokens.len();
        let given: Vec<usize> = (0..len).filter(|at| is(*at)).collect();
        for at in &given {
            row.accepted[*at] |= well;
            given.iter().for_each(|other| row.pairs[at * len + other] = true);
        }
    }

    /// Prints commands with their counts, and what was never sent or never accepted.
    pub fn print(&self) {
        println!("compared, without an error in %:");
        let shown: Vec<_> = self
            .0
            .iter()
            .filter(|(_, row)| row.sent > 0)
            .map(|(name, row)| format!("{name} {} ({}%)", row.sent, row.good * 100 / row.sent))
            .collect();
        shown.chunks(5).for_each(|line| println!("  {}", line.join(", ")));
        let list = |title: &str, names: Vec<String>| {
            if !names.is_empty() {
                println!("{title}: {}", names.join(" "));
            }
        };
        let names = |wanted: &dyn Fn(&Row) -> bool| -> Vec<String> {
            self.0.iter().filter(|(_, row)| wanted(row)).map(|(name, _)| name.clone()).collect()
        };
        list("never compared", names(&|row| row.sent == 0));
        list("only errors", names(&|row| row.sent > 0 && row.good == 0));
        let never = |(name, row): (&String, &Row)| -> Vec<String> {
            let missed = row.tokens.iter().zip(&row.accepted).filter(|(_, accepted)| !**accepted);
            missed.map(|(token, _)| format!("{name}:{token}")).collect()
        };
        list("options never accepted", self.0.iter().flat_map(never).collect());
        let (sent, all) = self.0.values().fold((0, 0), |(sent, all), row| {
            let len = row.tokens.len();
            let hit = (0..len * len).filter(|at| at / len < at % len && row.pairs[*at]).count();
            (sent + hit, all + len * len.saturating_sub(1) / 2)
        });
        println!("pairs of options sent: {sent} of {all}");
    }
}
