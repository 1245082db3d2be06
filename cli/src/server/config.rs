//! Configuration files: lines of `directive value …`, `#` before a comment, values quoted as in the shell.
use super::Settings;
use tenondb::resp::split_words;

/// Applies the directives in `text`, the content of the file called `name`.
///
/// # Errors
/// The first line that is wrong, as `name:line: why`.
pub fn apply(settings: &mut Settings, name: &str, text: &[u8]) -> Result<(), String> {
    for (number, line) in text.split(|b| *b == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let at = |why: String| format!("{name}:{}: {why}", number + 1);
        let words = split_words(line).ok_or_else(|| at("the quotes do not match".to_owned()))?;
        let Some((directive, values)) = words.split_first() else { continue };
        let directive = String::from_utf8_lossy(directive);
        settings.apply(&directive, values).map_err(|why| at(format!("{directive}: {why}")))?;
    }
    Ok(())
}

impl Settings {
    /// Applies the directives of the file at `path`.
    ///
    /// # Errors
    /// Why it cannot be read, or what is wrong in it.
    pub fn read(&mut self, path: &std::path::Path) -> Result<(), String> {
        let name = path.display().to_string();
        let text = std::fs::read(path).map_err(|error| format!("cannot read {name}: {error}"))?;
        apply(self, &name, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Settings, String> {
        let mut settings = Settings::default();
        apply(&mut settings, "tenon.conf", text.as_bytes()).map(|()| settings)
    }

    #[test]
    fn directives_are_read_as_in_a_redis_conf() {
        let settings = of("# a comment\n\n port 7000\r\nBIND 127.0.0.1 ::1\nunixsocket \"/tmp/a b\"\n\
             unixsocketperm 700\nrequirepass 'pass word'\nhash-max-ziplist-entries 3\nlist-max-listpack-size -1\n\
             client-output-buffer-limit normal 1mb 2k 5 pubsub 0 0 0\nsave \"\"\n")
        .unwrap();
        assert_eq!(settings.port, 7000);
        assert_eq!(settings.bind.len(), 2);
        assert_eq!(settings.unix.unwrap().to_str(), Some("/tmp/a b"));
        assert_eq!(settings.unix_mode, Some(0o700));
        let set = settings.db.settings();
        assert_eq!(set.requirepass, b"pass word");
        assert_eq!(set.encodings.hash_max_listpack_entries, 3);
        assert_eq!(set.encodings.list_max_listpack_size, -1);
        let normal = set.client_output_buffer_limit[0];
        assert_eq!((normal.hard_bytes, normal.soft_bytes, normal.soft_s), (1024 * 1024, 2000, 5));
        assert_eq!(set.client_output_buffer_limit[2].hard_bytes, 0);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, want) in [
            ("port 1\nprot 2", "tenon.conf:2: prot: unknown directive"),
            ("port 65536", "tenon.conf:1: port: it must be a number from 0 to 65535"),
            ("port", "tenon.conf:1: port: it takes one value"),
            ("bind example.org", "tenon.conf:1: bind: \"example.org\" is not an IP address"),
            ("unixsocketperm 999", "tenon.conf:1: unixsocketperm: it must be an octal mode"),
            ("requirepass \"a", "tenon.conf:1: the quotes do not match"),
            ("appendonly yes", "tenon.conf:1: appendonly: this database has no directory"),
            ("databases 32", "tenon.conf:1: databases: there are 16 databases"),
            ("client-output-buffer-limit nobody 0 0 0", "tenon.conf:1: client-output-buffer-limit: "),
            ("maxclients 0", "tenon.conf:1: maxclients: "),
            ("timeout", "tenon.conf:1: timeout: it takes a value"),
        ] {
            let error = of(text).unwrap_err();
            assert!(error.contains(want), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_network_needs_a_password() {
        assert!(of("bind 127.0.0.1 0.0.0.0").unwrap().check().unwrap_err().contains("no password"));
        of("bind *\nrequirepass x").unwrap().check().unwrap();
        of("bind *\nprotected-mode no").unwrap().check().unwrap();
        assert!(of("port 0").unwrap().check().unwrap_err().contains("nothing to listen on"));
        of("port 0\nunixsocket /tmp/x").unwrap().check().unwrap();
    }
}
