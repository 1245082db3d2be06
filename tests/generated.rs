//! Every generated file is what the table says. `TENON_WRITE=1 cargo test --test generated` rewrites them.
use std::{fmt::Write as _, fs, path::PathBuf};
use tenondb::Spec;

fn check(path: &str, expected: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("TENON_WRITE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == expected,
        "{path} is not what the table says: TENON_WRITE=1 cargo test --test generated"
    );
}

fn effect(spec: &Spec) -> String {
    if spec.is_write() {
        format!(" It may change keys; its id in the log is `{:#06x}`.", spec.id)
    } else {
        String::new()
    }
}

#[test]
fn the_list_of_commands() {
    let mut groups: Vec<(&str, Vec<&Spec>)> = Vec::new();
    for spec in tenondb::commands() {
        let name = spec.group.name();
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, specs)) => specs.push(spec),
            None => groups.push((name, vec![spec])),
        }
    }
    groups.sort_by_key(|(name, _)| *name);
    let count: usize = groups.iter().map(|(_, specs)| specs.len()).sum();
    let mut page = String::from("# Commands\n\n");
    let _ = writeln!(
        page,
        "Generated from the commands' own facts; {count} of them, subcommands included. What differs from Redis"
    );
    let _ = writeln!(
        page,
        "and Valkey for good is in [compat.md](compat.md); what the ids are for, in [format.md](format.md).\n"
    );
    for (group, specs) in groups {
        let _ = writeln!(page, "## {group}\n");
        for spec in specs {
            let name = spec.name.replace('|', " ");
            let usage = format!("{name} {}", spec.usage);
            let _ = writeln!(page, "### {name}\n\n    {}\n", usage.trim());
            let _ = writeln!(page, "{} Since {}.{}\n", spec.summary, spec.since, effect(spec));
            if !spec.complexity.is_empty() {
                let _ = writeln!(page, "Complexity: {}\n", spec.complexity);
            }
        }
    }
    check("docs/commands.md", &page);
}
