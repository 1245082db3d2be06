//! `include/tenon.h` is what the sources say, and every item of it says what it is. `TENON_WRITE=1` rewrites it and the list of
//! symbols.
use std::{collections::BTreeSet, fs, path::Path};

/// The order of the header: what a thing is comes before what is done with it.
const SOURCES: &[&str] = &[
    "version",
    "status",
    "bytes",
    "value",
    "reply",
    "options",
    "db",
    "call",
    "packed",
    "txn",
    "pending",
    "sub",
    "watch",
    "notify",
    "conn",
    "poller",
    "keys",
    "strings",
    "hashes",
    "lists",
    "sets",
    "sorted_sets",
    "channels",
];

/// Sources that have nothing for the header.
const SILENT: &[&str] = &["lib", "bell", "boundary", "handle", "hooks", "number", "process"];

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn front_page() -> String {
    let source = fs::read_to_string(here().join("src/lib.rs")).unwrap();
    let mut page = String::from("/*\n");
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if !line.starts_with("```") {
            page.push_str(format!(" * {line}").trim_end());
            page.push('\n');
        }
    }
    page + " *\n * Written by `TENON_WRITE=1 cargo test -p tenondb-ffi --test header` from the sources in ffi/src.\n */"
}

fn header() -> String {
    let mut config = cbindgen::Config::from_file(here().join("cbindgen.toml")).expect("cbindgen.toml");
    config.header = Some(front_page());
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in SOURCES {
        builder = builder.with_src(here().join(format!("src/{name}.rs")));
    }
    let mut written = Vec::new();
    builder.generate().expect("cbindgen reads the sources").write(&mut written);
    let text = String::from_utf8(written).unwrap();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn functions(header: &str) -> BTreeSet<String> {
    // A prototype is the only kind of line that starts with a type and has a name with a parenthesis.
    let lines = header.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let names = lines.filter_map(|line| {
        let name = line.split('(').next()?.rsplit([' ', '*']).next()?;
        (line.contains('(') && name.starts_with("tenon_")).then(|| name.to_owned())
    });
    names.collect()
}

fn compare(path: &str, expected: &str) {
    let file = here().join(path);
    if std::env::var_os("TENON_WRITE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    let remedy = "TENON_WRITE=1 cargo test -p tenondb-ffi --test header";
    assert!(found == expected, "{path} is not what the sources say: {remedy}");
}

#[test]
fn the_header_and_the_symbols_are_what_the_sources_say() {
    let header = header();
    let symbols: String = functions(&header).iter().map(|name| format!("{name}\n")).collect();
    compare("../include/tenon.h", &header);
    compare("tenon.symbols", &symbols);
}

#[test]
fn every_source_is_in_the_header_or_known_to_have_nothing_for_it() {
    for entry in fs::read_dir(here().join("src")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        let is_known = SOURCES.contains(&&*name) || SILENT.contains(&&*name);
        assert!(is_known, "{name}.rs stands in no list of tests/header.rs");
    }
}

/// Items whose comment does not say what they are and which version has brought them.
fn silent_items(header: &str) -> Vec<String> {
    const STARTS: &[&str] = &["typedef struct", "typedef union", "typedef uint", "#define TENON_"];
    let mut faults = Vec::new();
    let (mut comment, mut open) = (String::new(), false);
    for line in header.lines() {
        if line.starts_with("/**") || open {
            if line.starts_with("/**") {
                comment.clear();
            }
            comment.push_str(line);
            open = !line.contains("*/");
            continue;
        }
        let is_function = line.starts_with(|c: char| c.is_ascii_lowercase())
            && line.contains("tenon_")
            && line.contains('(');
        let is_item = is_function || STARTS.iter().any(|start| line.starts_with(start));
        let is_guard = ["#define TENON_H", "#define TENON_BYTES"].iter().any(|guard| line.starts_with(guard));
        if is_item && !is_guard && !(comment.contains("Since: ") && comment.len() > 30) {
            faults.push(line.to_owned());
        }
        if !line.trim().is_empty() && !line.starts_with("#if") {
            comment.clear();
        }
    }
    faults
}

#[test]
fn every_item_says_what_it_is_and_since_when() {
    assert_eq!(silent_items(&header()), Vec::<String>::new());
    assert_eq!(silent_items("#define TENON_X 1\n").len(), 1);
    assert_eq!(silent_items("/** What it is, in some words. */\ntenon_status tenon_x(void);\n").len(), 1);
}
