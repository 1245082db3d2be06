//! Commands from usage lines: every option alone and in pairs, arguments at their limits, and wrong on purpose.
use crate::{
    chance::Chance,
    facts::Fact,
    pools::{self, Ask},
    rules,
    tnt::text,
};
use tenondb::Usage;

/// The arguments of a command, its name first.
pub type Argv = Vec<Vec<u8>>;

/// Makes one command.
pub fn command(chance: &mut Chance, fact: &Fact) -> Argv {
    let mut argv: Argv = fact.name.split('|').map(|word| word.as_bytes().to_vec()).collect();
    let head = argv.len();
    if let Some(lines) = rules::lines(&fact.name) {
        let line = chance.pick(lines);
        argv.extend(text::split_command(line).unwrap_or_default());
        return argv;
    }
    let mut maker =
        Maker { chance, fact, letter: pools::letter(&fact.name), wanted: Wanted::Some(3), seen: 0 };
    let options = options(&fact.usage);
    // Every option alone and every two of them come up soon in every command, whatever their number.
    maker.wanted = match maker.chance.below(8) {
        0 => Wanted::Some(1),
        1 | 2 if options > 0 => Wanted::These(maker.chance.below(options), usize::MAX),
        3..=5 if options > 0 => Wanted::These(maker.chance.below(options), maker.chance.below(options)),
        _ => Wanted::Some(4),
    };
    let mut args = Vec::new();
    maker.part(&fact.usage, &mut args);
    argv.extend(args);
    spoil(chance, fact, head, &mut argv);
    let lex = fact.name.contains("LEX") || argv.iter().any(|arg| arg.eq_ignore_ascii_case(b"BYLEX"));
    if let (true, Some(key)) = (lex, argv.get_mut(if fact.name == "ZRANGESTORE" { 2 } else { 1 })) {
        *key = chance.pick(pools::LEX_KEYS).into();
    }
    argv
}

/// Which options a command gets.
#[derive(Clone, Copy)]
enum Wanted {
    /// The options of these numbers, counted from left to right.
    These(usize, usize),
    /// Each with a chance of one in so many; one in one: none at all.
    Some(usize),
}

fn options(usage: &Usage<'_>) -> usize {
    match usage {
        Usage::Token(_) | Usage::Placeholder(_) => 0,
        Usage::Optional(part) => 1 + options(part),
        Usage::Repeat(part) => options(part),
        Usage::OneOf(parts) | Usage::Sequence(parts) => parts.iter().map(options).sum(),
    }
}

struct Maker<'a> {
    chance: &'a mut Chance,
    fact: &'a Fact,
    letter: char,
    wanted: Wanted,
    seen: usize,
}

impl Maker<'_> {
    fn part(&mut self, usage: &Usage<'_>, to: &mut Argv) {
        match usage {
            Usage::Token(word) => to.push(self.token(word)),
            Usage::Placeholder(name) => {
                let ask = Ask { command: &self.fact.name, name, letter: self.letter };
                to.push(pools::value(self.chance, &ask));
            }
            Usage::Optional(part) => {
                let number = self.seen;
                self.seen += 1;
                let wanted = match self.wanted {
                    Wanted::These(a, b) => number == a || number == b,
                    Wanted::Some(1) => false,
                    Wanted::Some(n) => self.chance.one_in(n),
                };
                // What is nested in a wanted option is wanted too, half of the time.
                if wanted || (matches!(self.wanted, Wanted::These(..)) && self.chance.one_in(30)) {
                    self.part(part, to);
                } else {
                    self.seen += options(part);
                }
            }
            Usage::OneOf(ways) => {
                let way = &ways[self.chance.below(ways.len())];
                self.part(way, to);
            }
            Usage::Repeat(part) => {
                for _ in 0..self.times() {
                    self.part(part, to);
                }
            }
            Usage::Sequence(parts) => self.sequence(parts, to),
        }
    }

    /// Options that stand beside each other are sometimes given in another order.
    fn sequence(&mut self, parts: &[Usage<'_>], to: &mut Argv) {
        let mut at = 0;
        while at < parts.len() {
            let run = parts[at..].iter().take_while(|part| matches!(part, Usage::Optional(_))).count();
            if run > 1 {
                let mut given: Vec<Argv> = Vec::new();
                for part in &parts[at..at + run] {
                    let mut words = Vec::new();
                    self.part(part, &mut words);
                    given.push(words);
                }
                if self.chance.one_in(3) {
                    self.chance.shuffle(&mut given);
                }
                to.extend(given.into_iter().flatten());
                at += run;
            } else if let Usage::Placeholder("numkeys" | "numfields") = parts[at] {
                at += 1;
                at += self.counted(&parts[at..], to);
            } else {
                self.part(&parts[at], to);
                at += 1;
            }
        }
    }

    /// A number and that many of what follows; sometimes the number is wrong. Returns how many parts it took.
    fn counted(&mut self, parts: &[Usage<'_>], to: &mut Argv) -> usize {
        let Some(Usage::Repeat(part)) = parts.first() else {
            to.push(self.chance.pick(&["0", "1", "2"]).into());
            return 0;
        };
        let times = self.times();
        let number = match self.chance.below(30) {
            0 => (times + 1).to_string(),
            1 => (times - 1).to_string(),
            2 => self
                .chance
                .pick(&["0", "-1", "x", "", "9223372036854775807", "2147483648", "1.0"])
                .to_string(),
            _ => times.to_string(),
        };
        to.push(number.into_bytes());
        for _ in 0..times {
            self.part(part, to);
        }
        1
    }

    fn times(&mut self) -> usize {
        match self.chance.below(10) {
            0..=4 => 1,
            5..=7 => 2,
            8 => 3,
            _ => 1 + self.chance.below(7),
        }
    }

    fn token(&mut self, word: &str) -> Vec<u8> {
        let word = if word == "\"\"" { "" } else { word };
        match self.chance.below(12) {
            0 => word.to_ascii_lowercase().into_bytes(),
            1 => mixed(self.chance, word),
            _ => word.as_bytes().to_vec(),
        }
    }
}

fn mixed(chance: &mut Chance, word: &str) -> Vec<u8> {
    word.bytes().map(|b| if chance.one_in(2) { b.to_ascii_lowercase() } else { b }).collect()
}

/// Makes some commands wrong: too short, too long, out of order, another value, an unknown word.
fn spoil(chance: &mut Chance, fact: &Fact, head: usize, argv: &mut Argv) {
    let len = argv.len();
    let any = |chance: &mut Chance| head + chance.below(len - head);
    match chance.below(60) {
        0 | 1 if len > head => drop(argv.pop()),
        2 | 3 => argv.push(pools::wrong(chance, &fact.name, fact.times)),
        4 if len > head => argv.push(argv[any(chance)].clone()),
        5 | 6 if len > head => {
            let at = any(chance);
            argv[at] = pools::wrong(chance, &fact.name, fact.times);
        }
        7 if len > head + 1
            && !fact.times
            && !pools::counts_down(&fact.name)
            && !matches!(fact.name.as_str(), "SETRANGE" | "LSET") =>
        {
            let (a, b) = (any(chance), any(chance));
            argv.swap(a, b);
        }
        8 => argv.push(b"NOSUCHOPTION".to_vec()),
        9 if chance.one_in(2) => argv.truncate(head),
        10 | 11 => {
            for word in &mut argv[..head] {
                *word = mixed(chance, &String::from_utf8_lossy(word));
            }
        }
        _ => {}
    }
}
