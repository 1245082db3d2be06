//! The first line of a script, when it says something of it: `#!lua flags=no-writes,allow-stale`.
use crate::base::error::{Error, Kind, Result};

/// What a script says of itself. The flags that are not here mean nothing in a database that is alone and has no limit of memory;
/// they are taken, because scripts say them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// It writes nothing, and may not.
    pub no_writes: bool,
}

/// The flags that there are.
const FLAGS: &[&str] = &["no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"];

fn quoting(text: &str, quoted: &[u8]) -> Error {
    Error::quoting(Kind::Command, [text.as_bytes(), quoted].concat())
}

/// Reads it: where the script itself begins, which is the end of that line, so that its lines keep their numbers; and what it says.
pub fn read(text: &[u8]) -> Result<(usize, Option<Flags>)> {
    let Some(line) = text.strip_prefix(b"#!") else { return Ok((0, None)) };
    let Some(len) = line.iter().position(|byte| *byte == b'\n') else {
        return Err(Error::command("ERR Invalid script shebang"));
    };
    let mut words = line[..len].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let engine = words.next().filter(|_| !line.first().is_some_and(u8::is_ascii_whitespace));
    match engine {
        Some(b"lua") => {}
        Some(other) => {
            return Err(Error::quoting(
                Kind::Command,
                [&b"ERR Could not find scripting engine '"[..], other, b"'"].concat(),
            ));
        }
        None => return Err(Error::command("ERR Invalid engine in script shebang")),
    }
    let mut said = Flags::default();
    for word in words {
        let Some(flags) = word.strip_prefix(b"flags=") else {
            return Err(quoting("ERR Unknown lua shebang option: ", word));
        };
        for flag in flags.split(|byte| *byte == b',').filter(|_| !flags.is_empty()) {
            if !FLAGS.iter().any(|known| known.as_bytes() == flag) {
                return Err(quoting("ERR Unexpected flag in script shebang: ", flag));
            }
            said.no_writes |= flag == b"no-writes";
        }
    }
    Ok((2 + len, Some(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_what_it_says() {
        assert_eq!(read(b"return 1"), Ok((0, None)));
        assert_eq!(read(b"#!lua\nreturn 1"), Ok((5, Some(Flags { no_writes: false }))));
        let (start, flags) = read(b"#!lua flags=no-writes,allow-oom\nreturn 1").unwrap();
        assert_eq!((start, flags), (31, Some(Flags { no_writes: true })));
        let text = |script: &[u8]| read(script).unwrap_err().to_string();
        assert_eq!(text(b"#!lua"), "ERR Invalid script shebang");
        assert_eq!(text(b"#!js\n"), "ERR Could not find scripting engine 'js'");
        assert_eq!(text(b"#!\n"), "ERR Invalid engine in script shebang");
        assert_eq!(text(b"#!lua name=x\n"), "ERR Unknown lua shebang option: name=x");
        assert_eq!(text(b"#!lua flags=bad\n"), "ERR Unexpected flag in script shebang: bad");
    }
}
