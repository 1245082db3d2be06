//! Any text: the grammar of usage lines refuses or reads it, and shows what it has read.
#![no_main]
use libfuzzer_sys::fuzz_target;
use tenondb::Usage;

fuzz_target!(|line: &str| {
    if let Ok(usage) = Usage::parse(line) {
        let _ = usage.to_string();
    }
});
