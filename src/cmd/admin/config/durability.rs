//! The parameters of the log and of snapshots.
use super::values::{self, Refusal};
use crate::base::settings::{Fsync, Settings};

const IN_MEMORY_ONLY: &str = "this database has no directory: it lives in memory only";

/// Tells whether what is written goes to a log: in memory it never does.
pub fn has_log(settings: &Settings) -> bool {
    settings.appendonly && !settings.dir.is_empty()
}

/// Takes what is so already: a store has a log, a database in memory has none.
pub fn set_appendonly(settings: &mut Settings, text: &[u8]) -> Result<(), Refusal> {
    const ALWAYS_ON: &str = "the log of a store is never off; 'appendfsync no' is the least it can cost";
    let on = values::yes_or_no(text)?;
    match (settings.dir.is_empty(), on) {
        (true, true) => Err(IN_MEMORY_ONLY.into()),
        (false, false) => Err(ALWAYS_ON.into()),
        _ => Ok(()),
    }
}

/// The words of `appendfsync`.
const FSYNC: [(&str, Fsync); 3] =
    [("everysec", Fsync::EverySecond), ("always", Fsync::Always), ("no", Fsync::Never)];

pub fn fsync_word(settings: &Settings) -> &'static str {
    FSYNC.iter().find(|(_, fsync)| *fsync == settings.appendfsync).map_or("", |(word, _)| word)
}

pub fn set_fsync(settings: &mut Settings, text: &[u8]) -> Result<(), Refusal> {
    let found = FSYNC.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(text));
    let (_, fsync) = found.ok_or("argument(s) must be one of the following: everysec, always, no")?;
    settings.appendfsync = *fsync;
    Ok(())
}

/// `3600 1 300 100`: after 3600 seconds with 1 change, after 300 with 100.
pub fn save_text(settings: &Settings) -> Vec<u8> {
    let rules = settings.save.iter().map(|(seconds, changes)| format!("{seconds} {changes}"));
    rules.collect::<Vec<_>>().join(" ").into_bytes()
}

/// Sets the rules of snapshots; an empty text: there are none.
pub fn set_save(settings: &mut Settings, text: &[u8]) -> Result<(), Refusal> {
    const WRONG: &str = "Invalid save parameters";
    let words = text.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let mut numbers = Vec::new();
    for (at, word) in words.enumerate() {
        let min = if at.is_multiple_of(2) { 1 } else { 0 };
        let number = values::int(word, min, i64::from(i32::MAX)).map_err(|_| WRONG)?;
        numbers.push(u64::try_from(number).map_err(|_| WRONG)?);
    }
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(WRONG.into());
    }
    if !pairs.is_empty() && settings.dir.is_empty() {
        return Err(IN_MEMORY_ONLY.into());
    }
    settings.save = pairs.iter().map(|[seconds, changes]| (*seconds, *changes)).collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_directory() -> Settings {
        Settings { dir: "/somewhere".into(), ..Settings::default() }
    }

    #[test]
    fn rules_of_snapshots_read_back_as_they_were_said() {
        let mut settings = with_directory();
        assert_eq!(set_save(&mut settings, b"3600 1  300 100"), Ok(()));
        assert_eq!(settings.save, [(3600, 1), (300, 100)]);
        assert_eq!(save_text(&settings), b"3600 1 300 100");
        for wrong in ["3600", "3600 1 300", "x 1", "0 1", "1 -1", "1 1.5"] {
            assert_eq!(
                set_save(&mut settings, wrong.as_bytes()),
                Err("Invalid save parameters".into()),
                "{wrong}"
            );
        }
        assert_eq!(settings.save.len(), 2);
        assert_eq!((set_save(&mut settings, b""), settings.save.len()), (Ok(()), 0));
    }

    #[test]
    fn in_memory_nothing_is_promised() {
        let mut settings = Settings::default();
        let before = settings.clone();
        assert!(set_appendonly(&mut settings, b"yes").unwrap_err().contains("in memory only"));
        assert!(set_save(&mut settings, b"60 1").unwrap_err().contains("in memory only"));
        assert_eq!((set_appendonly(&mut settings, b"no"), set_save(&mut settings, b"")), (Ok(()), Ok(())));
        assert!(settings == before && !has_log(&settings));
    }

    #[test]
    fn with_a_directory_the_log_is_on() {
        let mut settings = with_directory();
        assert!(has_log(&settings));
        assert!(set_appendonly(&mut settings, b"NO").unwrap_err().contains("never off"));
        assert_eq!(set_appendonly(&mut settings, b"yes"), Ok(()));
        assert!(has_log(&settings));
        assert_eq!(set_fsync(&mut settings, b"Always"), Ok(()));
        assert_eq!(fsync_word(&settings), "always");
        assert!(set_fsync(&mut settings, b"sometimes").is_err());
    }
}
