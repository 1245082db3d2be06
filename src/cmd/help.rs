//! The shape of every `… HELP`.
use crate::base::emit::Sink;

/// Writes the help of `command`, whose own lines are `lines`.
pub fn write(command: &str, lines: &[&str], to: &mut dyn Sink) {
    to.array(lines.len() + 3);
    to.status(&format!("{command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    lines.iter().for_each(|line| to.status(line));
    to.status("HELP");
    to.status("    Print this help.");
}
