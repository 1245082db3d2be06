//! Connections: who they are, what they are told, how they end.
use proptest::prelude::*;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tenondb::{
    Clock, Db, Options,
    resp::{Conn, ConnOptions},
};

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

/// The lines of CLIENT LIST.
fn lines(conn: &mut Conn, filter: &str) -> Vec<String> {
    let reply = say(conn, &format!("CLIENT LIST {filter}"));
    reply.lines().filter(|line| line.starts_with("id=")).map(str::to_owned).collect()
}

fn field<'l>(line: &'l str, name: &str) -> &'l str {
    let mut fields = line.split(' ').filter_map(|field| field.split_once('='));
    fields.find(|(key, _)| *key == name).unwrap_or_else(|| panic!("no {name} in {line}")).1
}

#[test]
fn a_connection_is_listed_from_its_first_to_its_last_moment() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    let mut a = Conn::new(&db);
    let options = ConnOptions { addr: "10.0.0.7:4711".into(), fd: 9, unix: true, ..ConnOptions::default() };
    let mut b = Conn::open(&db, options);
    assert!(a.id() > 0 && b.id() > a.id());
    assert_eq!(db.connection_count(), 2);
    clock.advance_ms(5_000);
    say(&mut b, "HELLO 3 SETNAME bob");
    say(&mut b, "CLIENT SETINFO LIB-NAME lib");
    say(&mut b, "CLIENT NO-TOUCH ON");
    say(&mut b, "SELECT 3");
    say(&mut b, "WATCH x y");
    say(&mut b, "MULTI");
    say(&mut b, "GET x");
    b.feed(b"GET unfini");
    clock.advance_ms(2_000);
    let all = lines(&mut a, "");
    assert_eq!(all.len(), 2);
    let line = &all[1];
    for (name, value) in [
        ("addr", "10.0.0.7:4711"),
        ("fd", "9"),
        ("name", "bob"),
        ("age", "7"),
        ("idle", "2"),
        ("flags", "xUT"),
        ("db", "3"),
        ("multi", "1"),
        ("watch", "2"),
        ("qbuf", "10"),
        ("cmd", "get"),
        ("user", "default"),
        ("resp", "3"),
        ("lib-name", "lib"),
    ] {
        assert_eq!(field(line, name), value, "{name} in {line}");
    }
    assert_eq!(field(&all[0], "flags"), "N");
    assert_eq!(field(&all[0], "cmd"), "client|list");
    say(&mut a, "SELECT 3");
    say(&mut a, "SET y 1");
    assert_eq!(field(&lines(&mut a, "")[1], "flags"), "xdUT", "somebody else has changed what it watches");
    let second = b.id();
    drop(b);
    assert_eq!(lines(&mut a, "").len(), 1);
    assert_eq!(lines(&mut a, &format!("ID {second}")).len(), 0);
    assert!(Conn::new(&db).id() > second, "ids are not used again");
    assert_eq!(db.connection_count(), 1);
}

#[test]
fn filters_find_whom_they_describe() {
    let db = Db::memory();
    let mut conns: Vec<Conn> = (0..4)
        .map(|n| Conn::open(&db, ConnOptions { addr: format!("10.0.0.{n}:1"), ..ConnOptions::default() }))
        .collect();
    for (n, conn) in conns.iter_mut().enumerate() {
        say(conn, &format!("CLIENT SETNAME c{n}"));
        say(conn, &format!("SELECT {n}"));
    }
    let ids: Vec<u64> = conns.iter().map(Conn::id).collect();
    let (first, rest) = conns.split_first_mut().unwrap();
    say(&mut rest[2], "MULTI");
    let cases = [
        (format!("ID {} {}", ids[1], ids[3]), vec![1, 3]),
        ("NAME c2".into(), vec![2]),
        ("NOT-NAME c2".into(), vec![0, 1, 3]),
        ("DB 1".into(), vec![1]),
        ("NOT-DB 1 SKIPME YES".into(), vec![2, 3]),
        ("IP 10.0.0.2".into(), vec![2]),
        ("ADDR 10.0.0.2:1 NAME c1".into(), vec![]),
        ("FLAGS x".into(), vec![3]),
        ("NOT-FLAGS x".into(), vec![0, 1, 2]),
        ("TYPE normal USER default".into(), vec![0, 1, 2, 3]),
        ("TYPE pubsub".into(), vec![]),
        ("NAME c1 NAME c2".into(), vec![2]),
    ];
    for (filter, expected) in cases {
        let found: Vec<u64> =
            lines(first, &filter).iter().map(|line| field(line, "id").parse().unwrap()).collect();
        assert_eq!(found, expected.iter().map(|n| ids[*n]).collect::<Vec<_>>(), "{filter}");
    }
}

#[test]
fn a_killed_connection_is_woken_and_says_nothing_more() {
    let db = Db::memory();
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let mut victim = Conn::open(
        &db,
        ConnOptions { addr: "10.0.0.1:1".into(), wake: Some(wake), ..ConnOptions::default() },
    );
    let mut killer = Conn::new(&db);
    victim.feed(b"PING\r\n");
    assert_eq!(say(&mut killer, "CLIENT KILL 10.0.0.1:1"), "+OK\r\n");
    assert_eq!(say(&mut killer, "CLIENT KILL ADDR 10.0.0.1:1"), ":1\r\n");
    assert_eq!(woken.load(Ordering::Relaxed), 1, "it is woken once");
    assert!(victim.is_closed() && victim.output().is_empty());
    victim.feed(b"SET k v\r\n");
    assert_eq!(say(&mut killer, "GET k"), "$-1\r\n");
    // Whoever kills itself still hears of it.
    let own = killer.id();
    assert_eq!(say(&mut killer, &format!("CLIENT KILL ID {own}")), ":0\r\n");
    assert!(!killer.is_closed());
    assert_eq!(say(&mut killer, &format!("CLIENT KILL ID {own} SKIPME NO")), ":1\r\n");
    assert!(killer.is_closed());
}

#[test]
fn replies_are_switched_off_skipped_and_switched_on() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    for (line, reply) in [
        ("CLIENT REPLY SKIP", ""),
        ("PING", ""),
        ("PING", "+PONG\r\n"),
        ("CLIENT REPLY OFF", ""),
        ("PING", ""),
        ("NONSENSE", ""),
        ("CLIENT REPLY SKIP", ""),
        ("SET k 1", ""),
        ("PING", ""),
        ("CLIENT REPLY ON", "+OK\r\n"),
        ("GET k", "$1\r\n1\r\n"),
        ("CLIENT REPLY OFF", ""),
        ("RESET", "+RESET\r\n"),
        ("PING", "+PONG\r\n"),
        ("CLIENT REPLY OFF", ""),
    ] {
        assert_eq!(say(&mut conn, line), reply, "{line}");
    }
    conn.feed(b"*1\r\n$x\r\n");
    assert!(conn.is_closed() && conn.output().is_empty());
}

#[test]
fn a_password_guards_connections_and_nothing_else() {
    let db = Db::with(Options { requirepass: Some(b"sesam".to_vec()), ..Options::default() });
    db.call(["SET", "k", "v"]).unwrap();
    let mut conn = Conn::new(&db);
    for line in ["GET k", "NONSENSE", "GET", "MULTI", "CLIENT ID"] {
        assert_eq!(say(&mut conn, line), "-NOAUTH Authentication required.\r\n", "{line}");
    }
    assert!(say(&mut conn, "HELLO 3").starts_with("-NOAUTH HELLO must be called"));
    for wrong in ["AUTH x", "AUTH sesam2", "AUTH sesa", "AUTH nobody sesam", "HELLO 2 AUTH default x"] {
        assert!(say(&mut conn, wrong).starts_with("-WRONGPASS "), "{wrong}");
    }
    assert_eq!(say(&mut conn, "AUTH default sesam"), "+OK\r\n");
    assert_eq!(say(&mut conn, "GET k"), "$1\r\nv\r\n");
    assert_eq!(say(&mut conn, "RESET"), "+RESET\r\n");
    assert!(say(&mut conn, "GET k").starts_with("-NOAUTH"));
    // What is announced before AUTH is kept small.
    let mut other = Conn::new(&db);
    other.feed(b"*11\r\n");
    assert!(other.is_closed());
    assert_eq!(other.output(), b"-ERR Protocol error: unauthenticated multibulk length\r\n");
    // Nobody has to say it any more.
    assert_eq!(say(&mut conn, "AUTH sesam"), "+OK\r\n");
    let mut third = Conn::new(&db);
    assert_eq!(say(&mut conn, "CONFIG SET requirepass \"\""), "+OK\r\n");
    assert_eq!(say(&mut third, "GET k"), "$1\r\nv\r\n");
}

#[test]
fn quit_answers_and_ends() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    conn.feed(b"MULTI\r\nQUIT\r\nSET k v\r\n");
    assert_eq!(conn.take_output(), b"+OK\r\n+OK\r\n");
    assert!(conn.is_closed() && conn.pending_input() == 0);
    assert!(db.call(["GET", "k"]).unwrap().is_nil());
}

#[test]
fn a_protocol_holds_from_where_it_was_chosen() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    conn.feed(b"GET x\r\nHELLO 3\r\nGET x\r\nHELLO 2\r\nGET x\r\n");
    let output = String::from_utf8(conn.take_output()).unwrap();
    assert!(output.starts_with("$-1\r\n%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"), "{output}");
    assert!(output.contains("_\r\n*14\r\n$6\r\nserver\r\n") && output.ends_with("$-1\r\n"), "{output}");
}

#[test]
fn a_paused_connection_goes_on_when_its_output_was_read() {
    let db = Db::memory();
    db.call(["SET", "k", &"v".repeat(1000)]).unwrap();
    let mut conn = Conn::open(&db, ConnOptions { pause_above_bytes: 5_000, ..ConnOptions::default() });
    conn.feed("GET k\r\n".repeat(100).as_bytes());
    let mut read = 0;
    let mut rounds = 0;
    while conn.is_paused() {
        assert!(conn.output_len() < 7_000 && conn.pending_input() > 0);
        let len = conn.output_len();
        conn.consume(len);
        read += len;
        rounds += 1;
        conn.resume();
    }
    assert_eq!((read + conn.output_len(), conn.pending_input()), (100 * 1009, 0));
    assert!(rounds > 10);
}

#[test]
fn whoever_does_not_read_is_cut_off() {
    let clock = Clock::manual(0);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    db.call(["SET", "k", &"v".repeat(1000)]).unwrap();
    db.call(["CONFIG", "SET", "client-output-buffer-limit", "normal 10000 5000 10"]).unwrap();
    let mut greedy = Conn::new(&db);
    greedy.feed("GET k\r\n".repeat(5).as_bytes());
    greedy.feed("GET k\r\n".repeat(5).as_bytes());
    assert!(greedy.is_closed() && greedy.output().is_empty());
    let mut slow = Conn::new(&db);
    slow.feed("GET k\r\n".repeat(6).as_bytes());
    clock.advance_ms(10_000);
    assert!(!slow.check_output_limit());
    clock.advance_ms(1_000);
    assert!(slow.check_output_limit() && slow.is_closed());
    let info = db.call(["INFO", "stats"]).unwrap();
    let text = String::from_utf8_lossy(info.as_bytes().unwrap()).into_owned();
    assert!(text.contains("client_output_buffer_limit_disconnections:2\r\n"), "{text}");
}

#[test]
fn what_is_only_announced_takes_no_memory() {
    let db = Db::memory();
    for announced in ["*1000000000\r\n$3\r\nSET\r\n", "*3\r\n$3\r\nSET\r\n$500000000\r\nx", "*2147483647\r\n"]
    {
        let mut conn = Conn::new(&db);
        conn.feed(announced.as_bytes());
        assert!(!conn.is_closed() && conn.pending_input() == announced.len() && conn.output().is_empty());
    }
    let mut conn = Conn::new(&db);
    conn.feed(b"*3\r\n$1000000000\r\n");
    assert_eq!(conn.output(), b"-ERR Protocol error: invalid bulk length\r\n");
    db.configure(|settings| settings.client_query_buffer_limit = 1000);
    let mut conn = Conn::new(&db);
    conn.feed(b"*2\r\n$3\r\nGET\r\n$5000\r\n");
    conn.feed(&[b'x'; 2000]);
    assert!(conn.is_closed() && conn.output().is_empty());
}

#[test]
fn what_a_connection_reads_without_touching_stays_idle() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    let mut conn = Conn::new(&db);
    say(&mut conn, "SET k v");
    say(&mut conn, "CLIENT NO-TOUCH ON");
    clock.advance_ms(50_000);
    say(&mut conn, "GET k");
    for line in ["MULTI", "GET k", "EXEC"] {
        say(&mut conn, line);
    }
    assert_eq!(say(&mut conn, "OBJECT IDLETIME k"), ":50\r\n");
    say(&mut conn, "CLIENT NO-TOUCH OFF");
    say(&mut conn, "GET k");
    assert_eq!(say(&mut conn, "OBJECT IDLETIME k"), ":0\r\n");
}

#[test]
fn a_connection_may_be_used_from_any_thread() {
    fn goes_to_another_thread<T: Send>(_: &T) {}
    goes_to_another_thread(&Conn::new(&Db::memory()));
}

/// Bytes that are nearly requests.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"*2\r\n".to_vec()),
        Just(b"$3\r\nGET\r\n".to_vec()),
        Just(b"$1\r\nk\r\n".to_vec()),
        Just(b"*3\r\n$4\r\nHSET\r\n".to_vec()),
        Just(b"CLIENT LIST ID 1 \"\r\n".to_vec()),
        Just(b"MULTI\r\n".to_vec()),
        Just(b"EXEC\r\n".to_vec()),
        Just(b"$-1\r\n".to_vec()),
        Just(b"*-9223372036854775808\r\n".to_vec()),
        Just(b"$99999\r\n".to_vec()),
        Just(b"$000001\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Nothing that arrives makes a connection panic, and a sane one beside it goes on.
    #[test]
    fn noise_does_no_harm(noise in noise(), cut in 0usize..200) {
        let db = Db::memory();
        let mut conn = Conn::new(&db);
        let (a, b) = noise.split_at(cut.min(noise.len()));
        conn.feed(a);
        conn.feed(b);
        prop_assert!(!conn.output().windows(20).any(|text| text == b"-ERR internal error:"));
        prop_assert_eq!(say(&mut Conn::new(&db), "PING"), "+PONG\r\n");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However the bytes arrive, and however the output is taken, the replies are the same.
    #[test]
    fn pieces_make_no_difference(cuts in prop::collection::vec(1usize..40, 1..60), takes in prop::collection::vec(0usize..50, 1..60)) {
        let script: Vec<u8> = [
            &b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\n01\r\n4\r\n789\r\n"[..],
            b"GET k\r\nget \"k\\x00\" \r\n\r\n*0\r\n",
            b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\nMULTI\r\nGET k\r\nECHO 'a b'\r\nEXEC\r\nNONSENSE a b\r\n",
            b"*11\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n$1\r\nf\r\n$1\r\ng\r\n$1\r\nh\r\n$1\r\ni\r\n$1\r\nk\r\n",
            b"CLIENT GETNAME\r\nPING\r\n",
        ].concat();
        let db = Db::memory();
        let mut whole = Conn::new(&db);
        whole.feed(&script);
        let expected = whole.take_output();
        let mut conn = Conn::new(&Db::memory());
        let (mut rest, mut seen) = (&script[..], Vec::new());
        for (cut, take) in cuts.iter().cycle().zip(takes.iter().cycle()) {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            conn.feed(piece);
            rest = after;
            let taken = (*take).min(conn.output_len());
            seen.extend_from_slice(&conn.output()[..taken]);
            conn.consume(taken);
            if rest.is_empty() {
                break;
            }
        }
        seen.extend(conn.take_output());
        prop_assert_eq!(String::from_utf8(seen).unwrap(), String::from_utf8(expected).unwrap());
        prop_assert_eq!(conn.pending_input(), 0);
    }
}
