//! What may be typed next, read from the usage lines of the commands.
//!
//! The words that were typed are matched against the usage tree, and what is left of the tree is the hint. Options
//! may come in any order: those that were skipped stay in the hint until something that must be there follows.
use tenondb::{Spec, Usage, commands};

/// Words as they were typed so far; the last is empty after a space.
pub struct Typed<'l> {
    pub words: Vec<&'l str>,
    /// Where the last word starts.
    pub last_at: usize,
}

impl<'l> Typed<'l> {
    /// Cuts a line at its spaces, those in quotes excepted.
    pub fn of(line: &'l str) -> Self {
        let (mut words, mut start, mut quote) = (Vec::new(), 0, None);
        let mut escaped = false;
        for (at, letter) in line.char_indices() {
            match quote {
                Some(_) if escaped => escaped = false,
                Some(_) if letter == '\\' => escaped = true,
                Some(open) if letter == open => quote = None,
                Some(_) => {}
                None if letter == '"' || letter == '\'' => quote = Some(letter),
                None if letter.is_ascii_whitespace() => {
                    if start < at {
                        words.push(&line[start..at]);
                    }
                    start = at + letter.len_utf8();
                }
                None => {}
            }
        }
        words.push(&line[start..]);
        Self { words, last_at: start }
    }
}

/// Finds the command that the first words name, and how many words that are.
fn command(words: &[&str]) -> Option<(&'static Spec, usize)> {
    let is = |spec: &&Spec, name: &str| spec.name.eq_ignore_ascii_case(name);
    if let [first, second, ..] = words {
        let whole = format!("{first}|{second}");
        if let Some(spec) = commands().find(|spec| is(spec, &whole)) {
            return Some((spec, 2));
        }
    }
    commands().find(|spec| is(spec, words[0])).map(|spec| (spec, 1))
}

/// Returns what may follow `line`, in the notation of the usage lines.
pub fn hint(line: &str) -> Option<String> {
    let typed = Typed::of(line);
    let (spec, name_len) = command(&typed.words)?;
    let usage = Usage::parse(spec.usage).ok()?;
    let after_space = typed.words.last().is_some_and(|word| word.is_empty());
    let mut args = &typed.words[name_len.min(typed.words.len())..];
    if after_space && !args.is_empty() {
        args = &args[..args.len() - 1];
    }
    let left = rest(usage.parts().to_vec(), args)?;
    let text = shown(&left);
    let gap = if after_space || text.is_empty() { "" } else { " " };
    (!text.is_empty()).then(|| format!("{gap}{text}"))
}

fn shown(parts: &[Usage<'_>]) -> String {
    let each = parts.iter().map(|part| match part {
        Usage::Optional(inner) => match inner.as_ref() {
            // What was typed once already is not shown twice.
            Usage::Repeat(again) => format!("[{again} ...]"),
            _ => part.to_string(),
        },
        part => part.to_string(),
    });
    each.collect::<Vec<_>>().join(" ")
}

/// Returns where the last word of `line` starts, and what it could become: names of commands and subcommands, or the
/// options that may stand there.
pub fn complete(line: &str) -> (usize, Vec<String>) {
    let typed = Typed::of(line);
    let Some((last, before)) = typed.words.split_last() else { return (0, Vec::new()) };
    let found = match before {
        [] => names("", last),
        [first]
            if commands().any(|spec| parent(spec).is_some_and(|name| name.eq_ignore_ascii_case(first))) =>
        {
            names(&format!("{first}|"), last)
        }
        _ => tokens(before, last),
    };
    (typed.last_at, found)
}

fn parent(spec: &Spec) -> Option<&str> {
    spec.name.split_once('|').map(|(name, _)| name)
}

/// The names that start with `stem` and `last`, without the stem. Letters keep the case they are typed in.
fn names(stem: &str, last: &str) -> Vec<String> {
    let mut found: Vec<String> = commands()
        .filter_map(|spec| spec.name.get(..stem.len()).filter(|s| s.eq_ignore_ascii_case(stem)).map(|_| spec))
        .map(|spec| spec.name[stem.len()..].split('|').next().unwrap_or_default())
        .filter(|name| starts_with(name, last))
        .map(|name| in_case_of(last, name))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn tokens(before: &[&str], last: &str) -> Vec<String> {
    let Some((spec, name_len)) = command(before) else { return Vec::new() };
    let Ok(usage) = Usage::parse(spec.usage) else { return Vec::new() };
    let Some(left) = rest(usage.parts().to_vec(), &before[name_len.min(before.len())..]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for part in &left {
        first_tokens(part, &mut found);
        if !may_be_left_out(part) {
            break;
        }
    }
    let fitting = found.into_iter().filter(|token| starts_with(token, last));
    fitting.map(|token| in_case_of(last, token)).collect()
}

fn starts_with(name: &str, start: &str) -> bool {
    name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn in_case_of(typed: &str, name: &str) -> String {
    if typed.bytes().any(|b| b.is_ascii_lowercase()) { name.to_ascii_lowercase() } else { name.to_owned() }
}

fn may_be_left_out(part: &Usage<'_>) -> bool {
    part.words_min() == 0
}

/// Collects the tokens that `part` may start with.
fn first_tokens<'a>(part: &Usage<'a>, found: &mut Vec<&'a str>) {
    match part {
        Usage::Token(word) => found.push(word),
        Usage::Placeholder(_) => {}
        Usage::Optional(part) | Usage::Repeat(part) => first_tokens(part, found),
        Usage::OneOf(parts) => parts.iter().for_each(|part| first_tokens(part, found)),
        Usage::Sequence(parts) => {
            for part in parts {
                first_tokens(part, found);
                if !may_be_left_out(part) {
                    break;
                }
            }
        }
    }
}

/// How a word can stand at the start of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Token,
    Value,
}

fn fits(part: &Usage<'_>, word: &str, fit: Fit) -> bool {
    match part {
        Usage::Token(token) => fit == Fit::Token && token.eq_ignore_ascii_case(word),
        Usage::Placeholder(_) => fit == Fit::Value,
        Usage::Optional(part) | Usage::Repeat(part) => fits(part, word, fit),
        Usage::OneOf(parts) => parts.iter().any(|part| fits(part, word, fit)),
        Usage::Sequence(parts) => find(parts, word).is_some_and(|index| fits(&parts[index], word, fit)),
    }
}

/// Finds the part that `word` belongs to: one that can be reached by leaving parts out, a token before a value.
fn find(parts: &[Usage<'_>], word: &str) -> Option<usize> {
    let skipped = parts.iter().take_while(|part| may_be_left_out(part)).count();
    let reach = &parts[..parts.len().min(skipped + 1)];
    let by = |fit| reach.iter().position(|part| fits(part, word, fit));
    by(Fit::Token).or_else(|| by(Fit::Value))
}

/// Returns what is left of `parts` after `words`. `None`: the words do not fit.
fn rest<'a>(mut parts: Vec<Usage<'a>>, words: &[&str]) -> Option<Vec<Usage<'a>>> {
    for word in words {
        let index = find(&parts, word)?;
        let mut found = parts.remove(index);
        if !may_be_left_out(&found) {
            // What was left out before it can no longer come.
            parts.drain(..index);
            found = after(found, word)?;
            parts.insert(0, found);
        } else {
            // The rest of an option comes before all other options.
            parts.insert(0, after(found, word)?);
        }
        parts = parts.into_iter().flat_map(unfold).collect();
    }
    Some(parts)
}

fn unfold(part: Usage<'_>) -> Vec<Usage<'_>> {
    match part {
        Usage::Sequence(parts) => parts,
        part => vec![part],
    }
}

/// Returns what is left of `part` after its first word.
fn after<'a>(part: Usage<'a>, word: &str) -> Option<Usage<'a>> {
    Some(match part {
        Usage::Token(_) | Usage::Placeholder(_) => Usage::Sequence(Vec::new()),
        Usage::Optional(part) => after(*part, word)?,
        Usage::Repeat(part) => {
            let again = Usage::Optional(Box::new(Usage::Repeat(part.clone())));
            let mut parts = unfold(after(*part, word)?);
            parts.push(again);
            Usage::Sequence(parts)
        }
        Usage::OneOf(ways) => {
            let by = |fit| ways.iter().position(|way| fits(way, word, fit));
            let index = by(Fit::Token).or_else(|| by(Fit::Value))?;
            after(ways.into_iter().nth(index)?, word)?
        }
        Usage::Sequence(parts) => Usage::Sequence(rest(parts, &[word])?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(usage: &'static str, words: &[&str]) -> Option<String> {
        let usage = Usage::parse(usage).unwrap();
        let left = rest(usage.parts().to_vec(), words)?;
        Some(shown(&left))
    }

    #[test]
    fn what_was_typed_leaves_the_hint() {
        const SET: &str = "key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]";
        for (words, want) in [
            (&[][..], SET),
            (&["k"], "value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]"),
            (&["k", "v"], "[NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]"),
            (&["k", "v", "get"], "[NX | XX] [EX seconds | PX milliseconds | KEEPTTL]"),
            (&["k", "v", "px"], "milliseconds [NX | XX] [GET]"),
            (&["k", "v", "px", "5"], "[NX | XX] [GET]"),
            (&["k", "v", "px", "5", "NX", "GET"], ""),
        ] {
            assert_eq!(left(SET, words).as_deref(), Some(want), "{words:?}");
        }
        assert_eq!(left(SET, &["k", "v", "EXX"]), None);
    }

    #[test]
    fn what_repeats_can_be_typed_again() {
        const ZADD: &str = "key [NX | XX] [CH] score member [score member ...]";
        assert_eq!(left(ZADD, &["k", "CH"]).as_deref(), Some("[NX | XX] score member [score member ...]"));
        assert_eq!(left(ZADD, &["k", "CH", "1"]).as_deref(), Some("member [score member ...]"));
        assert_eq!(left(ZADD, &["k", "1", "a"]).as_deref(), Some("[score member ...]"));
        assert_eq!(left(ZADD, &["k", "1", "a", "2"]).as_deref(), Some("member [score member ...]"));
        assert_eq!(left("key [key ...]", &["a", "b", "c"]).as_deref(), Some("[key ...]"));
    }

    #[test]
    fn lines_are_cut_at_spaces_outside_quotes() {
        let typed = Typed::of(r#"SET "a b\" c"  'd e' N"#);
        assert_eq!(typed.words, ["SET", r#""a b\" c""#, "'d e'", "N"]);
        assert_eq!(typed.last_at, 21);
        assert_eq!(Typed::of("GET ").words, ["GET", ""]);
        assert_eq!(Typed::of("").words, [""]);
    }

    #[test]
    fn hints_and_completion_come_from_the_table() {
        assert_eq!(hint("get").as_deref(), Some(" key"));
        assert_eq!(hint("GET ").as_deref(), Some("key"));
        assert_eq!(hint("GET a"), None);
        assert_eq!(hint("NOSUCH "), None);
        let set = hint("SET a 1 NX ").unwrap();
        assert!(set.contains("[GET]") && !set.contains("NX"), "{set}");
        let (at, names) = complete("mse");
        assert!(at == 0 && names.contains(&"mset".to_owned()), "{names:?}");
        assert!(complete("M").1.contains(&"MULTI".to_owned()));
        let (at, options) = complete("SET a 1 K");
        assert_eq!((at, options), (8, vec!["KEEPTTL".to_owned()]));
        assert!(complete("GET a ").1.is_empty());
    }

    #[test]
    fn every_command_can_be_hinted_at_and_no_words_confuse_it() {
        let mut state = 1_u64;
        for spec in commands() {
            let name = spec.name.replace('|', " ");
            let usage = Usage::parse(spec.usage).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(hint(&format!("{name} ")).unwrap_or_default(), shown(usage.parts()), "{name}");
            let mut tokens = vec!["x", "1", "\"a b\"", "'"];
            usage.each_token(&mut |token| tokens.push(token));
            let mut line = name;
            for _ in 0..40 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                line.push(' ');
                line.push_str(tokens[(state >> 33) as usize % tokens.len()]);
                hint(&line);
                complete(&line);
            }
        }
    }
}
