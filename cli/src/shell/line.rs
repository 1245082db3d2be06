//! Lines from a person: editing, history, completion and hints.
use super::hints;
use rustyline::{
    ColorMode, CompletionType, Config, Context, Editor, Helper,
    completion::Completer,
    error::ReadlineError,
    highlight::{CmdKind, Highlighter},
    hint::{Hint, Hinter},
    history::FileHistory,
    validate::Validator,
};
use std::{borrow::Cow, path::PathBuf};

/// Lines that are remembered.
const HISTORY_LINES: usize = 10_000;
/// Commands that carry a password: they are not remembered.
const SECRET: &[&str] = &["auth", "hello", "config", "acl", "migrate"];

/// What came from the keyboard.
pub enum Entered {
    Line(String),
    /// The line was given up.
    Nothing,
    End,
}

/// The keyboard.
pub struct Keyboard {
    editor: Editor<Guide, FileHistory>,
    history: Option<PathBuf>,
}

impl Keyboard {
    /// Takes the terminal, and the history of earlier times. Without a place for a history there is none.
    ///
    /// # Errors
    /// The terminal's.
    pub fn open() -> Result<Self, String> {
        let fault = |error: ReadlineError| format!("cannot use the terminal: {error}");
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let config = Config::builder()
            .max_history_size(HISTORY_LINES)
            .map_err(fault)?
            .completion_type(CompletionType::List)
            .color_mode(if plain { ColorMode::Disabled } else { ColorMode::Enabled })
            .build();
        let mut editor = Editor::with_config(config).map_err(fault)?;
        editor.set_helper(Some(Guide));
        let history = history_file();
        if let Some(path) = &history {
            // There is none before the first time. A folder that cannot be made shows when a line is kept.
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = editor.load_history(path);
        }
        Ok(Self { editor, history })
    }

    /// Reads a line.
    ///
    /// # Errors
    /// The terminal's.
    pub fn read(&mut self, prompt: &str) -> Result<Entered, String> {
        match self.editor.readline(prompt) {
            Ok(line) => {
                if !is_secret(&line) {
                    self.remember(&line);
                }
                Ok(Entered::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Entered::Nothing),
            Err(ReadlineError::Eof) => Ok(Entered::End),
            Err(error) => Err(format!("cannot read from the terminal: {error}")),
        }
    }

    /// Keeps a line, at once: other shells write to the same file, and this one may be killed.
    fn remember(&mut self, line: &str) {
        let new = self.editor.add_history_entry(line).unwrap_or(false);
        if let Some(path) = self.history.as_ref().filter(|_| new)
            && let Err(error) = self.editor.append_history(path)
        {
            eprintln!("tenon: the history cannot be kept in {}: {error}", path.display());
            self.history = None;
        }
    }
}

/// The place of the history by the rules of XDG.
fn history_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(state.join("tenon/history"))
}

fn is_secret(line: &str) -> bool {
    let mut words = line.split_whitespace().map(str::to_ascii_lowercase);
    let first = words.next().unwrap_or_default();
    SECRET.contains(&first.as_str())
        && (first == "auth"
            || words.any(|word| ["auth", "auth2", "requirepass", "setuser"].contains(&&*word)))
}

/// Completion and hints.
struct Guide;

impl Helper for Guide {}
impl Validator for Guide {}

impl Completer for Guide {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(match line[..at].strip_prefix('.') {
            Some(word) if !word.contains(' ') => (0, super::dot::names(word)),
            Some(rest) => match rest.strip_prefix("help ") {
                Some(name) => {
                    let (start, found) = hints::complete(name);
                    (start + ".help ".len(), found)
                }
                None => (at, Vec::new()),
            },
            None => hints::complete(&line[..at]),
        })
    }
}

/// A hint is read, never taken over: it is notation, not text.
struct Shown(String);

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.0
    }
    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Guide {
    type Hint = Shown;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<Shown> {
        (at == line.len()).then(|| hints::hint(line)).flatten().map(Shown)
    }
}

impl Highlighter for Guide {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\x1b[90m{hint}\x1b[0m"))
    }
    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_remembered() {
        for line in ["AUTH x", " auth user x", "HELLO 3 AUTH default x", "CONFIG SET requirepass x"] {
            assert!(is_secret(line), "{line}");
        }
        for line in ["GET auth", "HELLO 3", "CONFIG GET maxmemory", ""] {
            assert!(!is_secret(line), "{line}");
        }
    }
}
