//! Properties of the source itself: who may name whom, sizes, headers, rows, banned sources of time and chance. It
//! links nothing of the crate and answers in a moment. Each check is itself checked on a small bad example.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Folder → the folders it may name. Arrows point down only; ARCHITECTURE.md draws them.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &["base"]),
    ("ds", &["base", "ds"]),
    ("value", &["base", "ds", "value"]),
    ("store", &["base", "store"]),
    ("keyspace", &["base", "ds", "value", "keyspace"]),
    ("cmd", &["base", "value", "keyspace", "cmd"]),
    ("script", &["base", "cmd", "script"]),
    ("engine", &["base", "ds", "value", "store", "keyspace", "cmd", "script", "engine"]),
    ("api", &["base", "cmd", "engine", "api"]),
    ("resp", &["base", "cmd", "engine", "resp"]),
];

/// Longest file, tests included. Split by noun; tests move to a file of their own.
const LINES_MAX: usize = 600;

/// Where raw memory may be handled.
const UNSAFE_HOMES: &[&str] = &[
    "src/ds/",
    "src/base/bytes.rs",
    "src/base/lock/timed.rs",
    "src/store/region.rs",
    "ffi/",
    "lua/src/",
    "bindings/node/src/napi",
    "bindings/python/src/attached.rs",
    "bindings/python/src/view.rs",
    "tests/it/allocations.rs",
    "tests/it/fork.rs",
    "benches/",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(under: &str) -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                // What was installed is not ours, or is, a second time.
                if !path.ends_with("node_modules") {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(under), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Lines of code: comments and string contents blanked, tests after `#[cfg(test)]` kept.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The top-level folders that a file names by `crate::…`, with the line.
fn named(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (n, line) in code(text) {
        // `use crate::{` over several lines: the folders stand at the first depth of braces.
        if let Some(depth) = open {
            let mut depth = depth;
            for word in line.split_inclusive(['{', '}', ',']) {
                let name =
                    word.trim().trim_end_matches(['{', '}', ',']).split("::").next().unwrap_or("").trim();
                if depth == 1 && !name.is_empty() {
                    found.push((n, name.to_string()));
                }
                depth += word.matches('{').count();
                depth -= word.matches('}').count().min(depth);
                if depth == 0 {
                    break;
                }
            }
            open = (depth > 0).then_some(depth);
            continue;
        }
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            if let Some(rest) = rest.strip_prefix('{') {
                let opened = 1 + rest.matches('{').count();
                let closed = rest.matches('}').count();
                let mut depth = 1usize;
                for word in rest.split_inclusive(['{', '}', ',']) {
                    let name =
                        word.trim().trim_end_matches(['{', '}', ',']).split("::").next().unwrap_or("").trim();
                    if depth == 1 && !name.is_empty() && name != ";" {
                        found.push((n, name.to_string()));
                    }
                    depth += word.matches('{').count();
                    depth -= word.matches('}').count().min(depth);
                }
                if opened > closed {
                    open = Some(opened - closed);
                }
            } else {
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                found.push((n, name));
            }
        }
    }
    found
}

fn layer_faults(file: &str, text: &str) -> Vec<String> {
    let Some(folder) =
        file.strip_prefix("src/").and_then(|rest| rest.split_once('/')).map(|(folder, _)| folder)
    else {
        return Vec::new();
    };
    let Some((_, may)) = LAYERS.iter().find(|(name, _)| *name == folder) else {
        return vec![format!("{file}: folder `{folder}` is in no layer")];
    };
    let layers: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    named(text)
        .into_iter()
        .filter(|(_, name)| layers.contains(&name.as_str()) && !may.contains(&name.as_str()))
        .map(|(line, name)| format!("{file}:{line}: layer `{folder}` may not name `{name}`"))
        .collect()
}

#[test]
fn arrows_point_down_only() {
    let faults: Vec<String> =
        rust_files("src").iter().flat_map(|(file, text)| layer_faults(file, text)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(layer_faults("src/ds/x.rs", "use crate::cmd::Row;").len(), 1);
    assert_eq!(
        layer_faults(
            "src/cmd/x.rs",
            "use crate::{\n    base::{atom::Args, emit::{Emit, Sink}},\n    ds::table,\n};"
        )
        .len(),
        1
    );
    assert_eq!(layer_faults("src/cmd/x.rs", "use crate::{base::{a, b}, value::{engine}};").len(), 0);
    assert_eq!(layer_faults("src/cmd/x.rs", "let x = crate::engine::Db::memory();").len(), 1);
}

#[test]
fn files_are_short_and_open_with_what_they_are() {
    let mut faults = Vec::new();
    for (file, text) in [
        "src",
        "lua",
        "cli",
        "tests",
        "benches",
        "examples",
        "ffi",
        "bindings/python/src",
        "bindings/node/src",
    ]
    .iter()
    .flat_map(|under| rust_files(under))
    {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{file}: {lines} lines, above {LINES_MAX}: split it by noun"));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{file}: does not open with `//!`"));
        }
        if text.lines().any(|line| line.ends_with(' ') || line.contains('\t')) {
            faults.push(format!("{file}: tabs or trailing spaces"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn banned(file: &str, text: &str) -> Vec<String> {
    const WORDS: &[(&str, &str)] = &[
        ("Instant::now", "src/base/clock.rs"),
        ("SystemTime::now", "src/base/clock.rs"),
        ("RandomState::new", "src/base/rng.rs"),
        ("thread_rng", "src/base/rng.rs"),
        ("getrandom", "src/base/rng.rs"),
        ("todo!(", ""),
        ("unimplemented!(", ""),
        ("dbg!(", ""),
    ];
    let hit = |line: &str| WORDS.iter().find(|(word, home)| line.contains(word) && file != *home);
    code(text)
        .filter_map(|(n, line)| hit(line).map(|(word, _)| format!("{file}:{n}: `{word}` is banned here")))
        .collect()
}

#[test]
fn time_and_chance_come_through_the_front_door() {
    let faults: Vec<String> = rust_files("src").iter().flat_map(|(file, text)| banned(file, text)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(banned("src/cmd/x.rs", "let t = Instant::now();\n// Instant::now in prose").len(), 1);
    assert_eq!(banned("src/base/clock.rs", "Instant::now()").len(), 0);
}

fn unsafe_faults(file: &str, text: &str) -> Vec<String> {
    let home = UNSAFE_HOMES.iter().any(|home| file.starts_with(home));
    let is_unsafe = |line: &str| {
        ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|word| line.contains(word))
    };
    let lines = code(text).filter(|(_, line)| is_unsafe(line));
    lines.filter(|_| !home).map(|(n, _)| format!("{file}:{n}: `unsafe` outside its homes")).collect()
}

#[test]
fn raw_memory_is_handled_in_few_places() {
    let files = ["src", "lua", "cli", "examples", "bindings/python/src", "bindings/node/src"]
        .iter()
        .flat_map(|under| rust_files(under));
    let faults: Vec<String> = files.flat_map(|(file, text)| unsafe_faults(&file, &text)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(unsafe_faults("src/cmd/x.rs", "unsafe { f() }").len(), 1);
}

/// A family's `mod.rs` declares modules and lists rows: every file with a row is listed, and sorted.
#[test]
fn every_row_stands_in_its_familys_table() {
    let mut faults = Vec::new();
    let files: BTreeMap<String, String> = rust_files("src/cmd").into_iter().collect();
    for (file, text) in &files {
        let makes_row = ["::row!(", "::session_row!(", "::container_row!("].iter().any(|m| text.contains(m));
        let rows = text.matches("_row!(").count() + text.matches("::row!(").count();
        // The macros themselves stand in two files.
        if !makes_row || ["src/cmd/mod.rs", "src/cmd/wait.rs"].contains(&file.as_str()) {
            continue;
        }
        if rows > 1 {
            faults.push(format!("{file}: {rows} rows in one file: one command, one file"));
        }
        let path = Path::new(file);
        let stem = path.file_stem().unwrap().to_string_lossy();
        let dir = path.parent().unwrap();
        let (table, entry) = if stem == "mod" {
            let parent = dir.parent().unwrap().join("mod.rs");
            (parent, format!("{}::ROW", dir.file_name().unwrap().to_string_lossy()))
        } else {
            (dir.join("mod.rs"), format!("{stem}::ROW"))
        };
        let family = dir.strip_prefix("src/cmd").unwrap().components().next().unwrap();
        let tables = [table, Path::new("src/cmd").join(family).join("mod.rs")];
        let listed =
            tables.iter().any(|t| files.get(&*t.to_string_lossy()).is_some_and(|text| text.contains(&entry)));
        if !listed && stem != "mod" {
            faults.push(format!("{file}: its row stands in no table"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Nothing may know commands by name outside their own files.
#[test]
fn no_match_on_command_names() {
    let mut faults = Vec::new();
    for (file, text) in rust_files("src") {
        for (n, line) in code(&text) {
            let arm = line.trim_start();
            let name =
                arm.strip_prefix("b\"").or_else(|| arm.strip_prefix('"')).and_then(|r| r.split_once("\" =>"));
            if let Some((name, _)) = name
                && ["GET", "SET", "DEL", "ZADD", "EXEC", "MULTI", "get", "set", "multi", "exec"]
                    .contains(&name)
                && !file.starts_with("src/cmd/")
            {
                faults.push(format!("{file}:{n}: a match on a command's name"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
