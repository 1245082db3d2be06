//! Makes a session that fails as short as possible while it still fails in the same way.
use crate::{
    coverage::Coverage,
    generate::Argv,
    session::{self, Difference, Have, Opponent, Session, Stage},
    side::Side,
};

/// The most runs that one shrinking may cost.
const RUNS_MAX: usize = 1500;

/// A session that is known to fail, with the way it fails.
pub struct Failing {
    pub session: Session,
    pub difference: Difference,
}

/// Shortens `session`, which differs by `difference`.
pub fn shrink(
    session: &Session,
    difference: &Difference,
    ours: &mut dyn Side,
    opponents: &mut [Opponent<'_>],
    have: &Have,
) -> Failing {
    let mut session = session.clone();
    if let Stage::Reply(at) = difference.stage {
        session.commands.truncate(at + 1);
        session.last = None;
    }
    let mut shrinker = Shrinker {
        best: Failing { session: session.clone(), difference: difference.clone() },
        signature: difference.signature(),
        ours,
        opponents,
        have,
        runs: 0,
    };
    // Whether it fails again at all; if not (it hung on the time, say), it is reported as it was.
    if shrinker.fails(session) {
        shrinker.settings();
        shrinker.commands();
        shrinker.arguments();
        shrinker.commands();
    }
    shrinker.best
}

struct Shrinker<'r, 'a> {
    best: Failing,
    signature: String,
    ours: &'r mut dyn Side,
    opponents: &'r mut [Opponent<'a>],
    have: &'r Have,
    runs: usize,
}

impl Shrinker<'_, '_> {
    /// Runs a candidate and keeps it when it fails in the same way.
    fn fails(&mut self, candidate: Session) -> bool {
        if self.runs >= RUNS_MAX {
            return false;
        }
        self.runs += 1;
        match session::run(&candidate, self.ours, self.opponents, self.have, &mut Coverage::default()).0 {
            Some(difference) if difference.signature() == self.signature => {
                self.best = Failing { session: candidate, difference };
                true
            }
            _ => false,
        }
    }

    /// Tries the usual settings and RESP2.
    fn settings(&mut self) {
        let mut plain = self.best.session.clone();
        plain.settings.truncate(session::USUAL.len());
        self.fails(plain);
        let mut resp2 = self.best.session.clone();
        resp2.resp = 2;
        self.fails(resp2);
    }

    /// Leaves out commands: halves first, then single ones, from the end.
    fn commands(&mut self) {
        let mut size = self.best.session.commands.len().div_ceil(2);
        while size > 0 {
            let mut end = self.best.session.commands.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut fewer = self.best.session.clone();
                if end <= fewer.commands.len() {
                    fewer.commands.drain(start..end);
                    self.fails(fewer);
                }
                end = start;
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    /// Leaves out arguments, then makes them short.
    fn arguments(&mut self) {
        for at in 0..self.best.session.commands.len() {
            let mut word = self.best.session.commands[at].len();
            while word > 1 {
                word -= 1;
                for take in [2, 1] {
                    let mut shorter = self.best.session.clone();
                    let argv: &mut Argv = &mut shorter.commands[at];
                    if word + take <= argv.len() {
                        argv.drain(word..word + take);
                        if self.fails(shorter) {
                            break;
                        }
                    }
                }
                for simple in ["1", "a"] {
                    let mut simpler = self.best.session.clone();
                    match simpler.commands[at].get_mut(word) {
                        Some(arg) if arg.len() > 2 => *arg = simple.into(),
                        _ => break,
                    }
                    if self.fails(simpler) {
                        break;
                    }
                }
            }
        }
    }
}
