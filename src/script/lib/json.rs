//! JSON as Redis's scripts know it, without Lua: the texts, what they stand for, and what is said of bad ones.
//!
//! It is the dialect of lua-cjson 2.1: numbers are what `strtod` reads, so hexadecimal ones, `inf` and `nan` are numbers, too
//! (unless that is turned off); a zero byte ends the text; bytes that are no UTF-8 pass unchanged; `/` is written `\/`.
pub mod read;
pub mod token;
pub mod write;

#[cfg(test)]
mod tests;
