//! Scripts as applications have them: locks, limiters, queues; and as nobody should: loops without an end, bombs.
use crate::store::Folder;
use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};
use tenondb::{Db, Keys, Kind, Lists, Reply, Strings, op::BLPop, resp::Conn};

pub fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(reply.as_bytes().unwrap_or_default()).into_owned()
}

fn error(db: &Db, script: &str) -> String {
    db.call(["EVAL", script, "0"]).unwrap_err().to_string()
}

/// The scripts of redis-py's `Lock`.
#[test]
fn a_lock_of_redis_py() {
    const RELEASE: &str = "
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
        redis.call('del', KEYS[1])
        return 1
    ";
    const EXTEND: &str = "
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
        local expiration = redis.call('pttl', KEYS[1])
        if not expiration then
            expiration = 0
        end
        if expiration < 0 then
            return 0
        end
        local newttl = ARGV[2]
        if ARGV[3] == \"0\" then
            newttl = ARGV[2] + expiration
        end
        redis.call('pexpire', KEYS[1], newttl)
        return 1
    ";
    let db = Db::memory();
    let [release, extend] =
        [RELEASE, EXTEND].map(|script| text(&db.call(["SCRIPT", "LOAD", script]).unwrap()));
    db.call(["SET", "lock", "mine", "NX", "PX", "10000"]).unwrap();
    assert_eq!(db.call(["EVALSHA", &extend, "1", "lock", "other", "5000", "0"]).unwrap(), Reply::Int(0));
    assert_eq!(db.call(["EVALSHA", &extend, "1", "lock", "mine", "5000", "0"]).unwrap(), Reply::Int(1));
    let left = db.call(["PTTL", "lock"]).unwrap().as_int().unwrap();
    assert!((10_001..=15_000).contains(&left), "{left}");
    assert_eq!(db.call(["EVALSHA", &release, "1", "lock", "other"]).unwrap(), Reply::Int(0));
    assert_eq!(db.call(["EVALSHA", &release, "1", "lock", "mine"]).unwrap(), Reply::Int(1));
    assert_eq!(db.call(["EVALSHA", &release, "1", "lock", "mine"]).unwrap(), Reply::Int(0));
}

#[test]
fn a_limiter_with_a_window_that_slides() {
    const ALLOW: &str = "
        local now = tonumber(ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
        local count = redis.call('ZCARD', KEYS[1])
        if count >= tonumber(ARGV[3]) then
            local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
            return {0, oldest[2] + ARGV[2] - now}
        end
        redis.call('ZADD', KEYS[1], now, now .. ':' .. redis.call('INCR', KEYS[1] .. ':n'))
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return {1, tonumber(ARGV[3]) - count - 1}
    ";
    let db = Db::memory();
    let at = |now: &str| {
        let reply = db.call(["EVAL", ALLOW, "1", "limit:7", now, "1000", "2"]).unwrap();
        let list: Vec<i64> = reply.as_list().unwrap().iter().map(|v| v.as_int().unwrap()).collect();
        (list[0], list[1])
    };
    assert_eq!(
        [at("5000"), at("5100"), at("5200"), at("5999"), at("6001")],
        [(1, 1), (1, 0), (0, 800), (0, 1), (1, 0)]
    );
}

/// As BullMQ has it: the names of most keys are put together inside the script.
#[test]
fn a_queue_whose_keys_nobody_declares() {
    const ADD: &str = "
        local prefix = KEYS[1]
        local id = redis.call('INCR', prefix .. 'id')
        local job = prefix .. id
        redis.call('HMSET', job, 'name', ARGV[1], 'data', ARGV[2], 'timestamp', ARGV[3])
        local delay = tonumber(ARGV[4])
        if delay > 0 then
            redis.call('ZADD', prefix .. 'delayed', ARGV[3] + delay, id)
        else
            redis.call('LPUSH', prefix .. 'wait', id)
        end
        redis.call('XADD', prefix .. 'events', '*', 'event', 'added', 'jobId', id)
        return id .. ''
    ";
    const PROMOTE: &str = "
        local prefix = KEYS[1]
        local due = redis.call('ZRANGEBYSCORE', prefix .. 'delayed', 0, ARGV[1])
        for _, id in ipairs(due) do
            redis.call('LPUSH', prefix .. 'wait', id)
        end
        if #due > 0 then
            redis.call('ZREM', prefix .. 'delayed', unpack(due))
        end
        return #due
    ";
    const TAKE: &str = "
        local prefix = KEYS[1]
        local id = redis.call('RPOPLPUSH', prefix .. 'wait', prefix .. 'active')
        if not id then return nil end
        local job = redis.call('HGETALL', prefix .. id)
        local fields = {}
        for i = 1, #job, 2 do fields[job[i]] = job[i + 1] end
        redis.call('HSET', prefix .. id, 'processedOn', ARGV[1])
        return {id, fields.name, fields.data}
    ";
    let db = Db::memory();
    let add = |name: &str, delay: &str| {
        text(&db.call(["EVAL", ADD, "1", "q:", name, "{}", "1000", delay]).unwrap())
    };
    assert_eq!([add("a", "0"), add("b", "50"), add("c", "0")], ["1", "2", "3"]);
    let take = || {
        let reply = db.call(["EVAL", TAKE, "1", "q:", "2000"]).unwrap();
        reply.as_list().map(|job| job.iter().map(text).collect::<Vec<_>>().join(" "))
    };
    assert_eq!([take(), take(), take()], [Some("1 a {}".into()), Some("3 c {}".into()), None]);
    assert_eq!(db.call(["EVAL", PROMOTE, "1", "q:", "1050"]).unwrap(), Reply::Int(1));
    assert_eq!(take(), Some("2 b {}".into()));
    assert_eq!(db.call(["XLEN", "q:events"]).unwrap(), Reply::Int(3));
}

#[test]
fn who_waits_is_served_when_the_script_has_ended() {
    let db = Db::memory();
    let waits = db.clone();
    let waiter =
        thread::spawn(move || waits.wait(BLPop::new(&["l"], Duration::from_secs(20))).unwrap().unwrap().1);
    while db.call(["INFO", "clients"]).map(|info| text(&info).contains("blocked_clients:0")).unwrap() {
        thread::yield_now();
    }
    // The element that is there at the end counts, not the one that was there in between.
    db.call(["EVAL", "redis.call('RPUSH', 'l', 'a', 'b') redis.call('LPOP', 'l') return 1", "0"]).unwrap();
    assert_eq!(waiter.join().unwrap(), "b");
}

#[test]
fn what_a_script_publishes_comes_behind_it() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    conn.feed(b"HELLO 3\r\nSUBSCRIBE c\r\n");
    conn.take_output();
    conn.feed(b"EVAL \"redis.call('PUBLISH', 'c', 'm') return redis.call('SET', 'k', 'v')\" 0\r\n");
    assert_eq!(conn.take_output(), b"+OK\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n");
}

#[test]
fn a_script_that_does_not_end_is_killed_unless_it_has_written() {
    let db = Db::memory();
    assert_eq!(db.call(["SCRIPT", "KILL"]).unwrap_err().code(), "NOTBUSY");
    for script in ["while true do end", "while true do pcall(function() while true do end end) end"] {
        let runs = db.clone();
        let runner = thread::spawn(move || runs.call(["EVAL", script, "0"]).unwrap_err().to_string());
        while db.call(["SCRIPT", "KILL"]).is_err() {
            thread::yield_now();
        }
        assert!(runner.join().unwrap().starts_with("ERR Script killed by user with SCRIPT KILL."));
    }
    // Whether it has written already when it is to be killed, chance decides; sooner or later it has.
    let mut refused = 0;
    while refused == 0 {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let script = "redis.call('SET', 'k', 1) for i = 1, 2e6 do end return 'end'";
                let ended = db.call(["EVAL", script, "0"]);
                done.store(true, Relaxed);
                assert!(ended.is_ok() || ended.unwrap_err().to_string().contains("killed"));
            });
            while !done.load(Relaxed) {
                if let Err(error) = db.call(["SCRIPT", "KILL"]) {
                    assert!(["UNKILLABLE", "NOTBUSY"].contains(&error.code()), "{error}");
                    refused += usize::from(error.code() == "UNKILLABLE");
                }
            }
        });
    }
    assert_eq!(db.get("k").unwrap().unwrap(), "1");
}

#[test]
fn who_comes_beside_a_long_script_is_told_so() {
    let db = Db::memory();
    db.call(["CONFIG", "SET", "lua-time-limit", "20"]).unwrap();
    assert_eq!(db.settings().busy_reply_threshold, 20);
    let runs = db.clone();
    let runner =
        thread::spawn(move || runs.call(["EVAL", "while true do end", "0"]).unwrap_err().to_string());
    let mut conn = Conn::new(&db);
    let mut answer = |command: &str| {
        conn.feed(format!("{command}\r\n").as_bytes());
        String::from_utf8(conn.take_output()).unwrap()
    };
    // PING waits for no key, so that it is answered before the time, too.
    while answer("PING") == "+PONG\r\n" {
        thread::yield_now();
    }
    let busy = "-BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
    assert_eq!([answer("GET k"), answer("SET k v")], [busy; 2]);
    // What is refused between them spoils a transaction; it is never run as single commands.
    assert_eq!(answer("MULTI"), "+OK\r\n");
    assert_eq!(answer("SET k v"), busy);
    assert!(db.call(["SCRIPT", "KILL"]).is_ok());
    assert!(runner.join().unwrap().contains("killed"));
    assert!(answer("EXEC").starts_with("-EXECABORT"));
    assert_eq!(answer("SET k v"), "+OK\r\n");
}

#[test]
fn a_script_of_slow_commands_is_killed_between_two_of_them() {
    let db = Db::memory();
    (0..20_000).for_each(|n| db.set(format!("k{n}"), "v").unwrap());
    let runs = db.clone();
    let script = "for n = 1, 1000000 do redis.call('KEYS', '*') end";
    let runner = thread::spawn(move || runs.call(["EVAL", script, "0"]).unwrap_err().to_string());
    while db.call(["SCRIPT", "KILL"]).is_err() {
        thread::yield_now();
    }
    assert!(runner.join().unwrap().contains("killed"));
}

#[test]
fn bombs_harm_nobody() {
    let db = Db::memory();
    for (script, says) in [
        ("local s = 'x' while true do s = s .. s end", "not enough memory"),
        ("local t = {} while true do t[#t + 1] = {} end", "not enough memory"),
        ("return #string.rep('x', 1e9)", "not enough memory"),
        ("local function f() return 1 + f() end return f()", "stack overflow"),
        ("local function f(s) return (s:gsub('.', f)) end return f('x')", "overflow"),
        ("return ('a'):rep(300000):find(('a?'):rep(300000) .. 'b')", "too complex"),
        ("local t = {} for i = 1, 60 do t = {t, t} end return t", "too large"),
        ("return loadstring('\\27Lua')()", "attempt to call a nil value"),
    ] {
        let says_so = error(&db, script);
        assert!(says_so.contains(says), "{script}: {says_so}");
    }
    assert_eq!(
        error(&db, "local s = 'x' while true do s = s .. s end"),
        "ERR Error running script, not enough memory"
    );
    assert_eq!(db.call(["EVAL", "return 7", "0"]).unwrap(), Reply::Int(7));
    assert_eq!(db.call(["DBSIZE"]).unwrap(), Reply::Int(0));
}

#[test]
fn several_threads_with_scripts_and_without() {
    const MOVE: &str = "
        local n = tonumber(redis.call('GET', KEYS[1]) or 0)
        redis.call('SET', KEYS[1], n + 1)
        redis.call('SET', 'copy:' .. KEYS[1], n + 1)
        return n + 1
    ";
    let db = Db::memory();
    let sha = text(&db.call(["SCRIPT", "LOAD", MOVE]).unwrap());
    thread::scope(|scope| {
        for n in 0..4 {
            let (db, sha) = (db.clone(), &sha);
            scope.spawn(move || {
                for _ in 0..500 {
                    db.call(["EVALSHA", sha, "1", "counter"]).unwrap();
                    db.call(["INCR", "plain"]).unwrap();
                    db.call(["MSET", &format!("a{n}"), "1", "counter2", "2"]).unwrap();
                    let mut conn = Conn::new(&db);
                    conn.feed(
                        format!("MULTI\r\nEVALSHA {sha} 1 counter\r\nINCR plain\r\nEXEC\r\n").as_bytes(),
                    );
                    assert!(conn.take_output().starts_with(b"+OK"));
                }
            });
        }
    });
    for key in ["counter", "copy:counter", "plain"] {
        assert_eq!(db.get(key).unwrap().unwrap(), "4000", "{key}");
    }
}

#[test]
fn what_a_script_wrote_is_there_after_a_restart() {
    let folder = Folder::new("scripts");
    let db = Db::open(&folder.0).unwrap();
    db.call([
        "EVAL",
        "for i = 1, 10 do redis.call('RPUSH', 'l', i) end redis.call('EXPIRE', 'l', 1000)",
        "0",
    ])
    .unwrap();
    let failed = "redis.call('SET', 'k', math.random(1, 1)) redis.call('INCR', 'l')";
    assert_eq!(db.call(["EVAL", failed, "0"]).unwrap_err().kind(), Kind::WrongType);
    db.close().unwrap();
    let db = Db::open(&folder.0).unwrap();
    assert_eq!(db.llen("l").unwrap(), 10);
    assert!(db.call(["TTL", "l"]).unwrap().as_int().unwrap() > 900);
    assert_eq!(db.get("k").unwrap().unwrap(), "1");
}

#[test]
fn statuses_and_large_numbers_are_bytes_without_a_line_break() {
    let mut conn = Conn::new(&Db::memory());
    for (script, reply) in [
        ("return redis.status_reply('\\\\255a')", &b"+\xffa\r\n"[..]),
        ("return {ok = 'a\\\\255\\\\r\\\\nb\\\\0c'}", b"+a\xff  b\r\n"),
        ("return {err = 'A \\\\255b'}", b"-A \xffb\r\n"),
        ("redis.setresp(3) return {big_number = '12\\\\255'}", b"$3\r\n12\xff\r\n"),
    ] {
        conn.feed(format!("EVAL \"{script}\" 0\r\n").as_bytes());
        assert_eq!(conn.take_output().escape_ascii().to_string(), reply.escape_ascii().to_string());
    }
}

/// A script that does not end, on a thread of its own; it runs when this returns.
fn endless(db: &Db, script: &'static str) -> thread::JoinHandle<String> {
    let runs = db.clone();
    let runner = thread::spawn(move || runs.call(["EVAL", script, "0"]).unwrap_err().to_string());
    // The cache has it when it is about to run; then it holds the keys as soon as another does not get any.
    while db.get("k").is_ok() {
        thread::yield_now();
    }
    runner
}

/// A script that writes and then takes its time, on a thread of its own; it has written when this returns.
fn writing(db: &Db, script: &'static str) -> thread::JoinHandle<tenondb::Result<Reply>> {
    loop {
        let runs = db.clone();
        let runner = thread::spawn(move || runs.call(["EVAL", script, "0"]));
        // Killed before it could write, or over before anybody looked: once more.
        while !runner.is_finished() {
            if db.call(["SCRIPT", "KILL"]).is_err_and(|error| error.code() == "UNKILLABLE") {
                return runner;
            }
            thread::yield_now();
        }
    }
}

#[test]
fn who_waits_for_a_script_is_told_so_too_and_nothing_of_his_is_done() {
    let db = Db::memory();
    db.call(["CONFIG", "SET", "busy-reply-threshold", "50"]).unwrap();
    let runner = endless(&db, "while true do end");
    let refused = [
        db.set("a", "1").unwrap_err(),
        db.mset(&[("a", "1"), ("b", "2")]).unwrap_err(),
        db.call(["KEYS", "*"]).unwrap_err(),
        db.call(["RANDOMKEY"]).unwrap_err(),
        db.scan(0, 10).unwrap_err(),
        db.transaction(|tx| tx.set("a", "1")).unwrap_err(),
        db.call(["EVAL", "return 1", "0"]).unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.code() == "BUSY"), "{refused:?}");
    db.call(["SCRIPT", "KILL"]).unwrap();
    assert!(runner.join().unwrap().contains("killed"));
    assert_eq!(db.call(["DBSIZE"]).unwrap(), Reply::Int(0));
}

#[test]
fn who_goes_beside_a_script_holds_nobody_up() {
    let db = Db::memory();
    db.call(["CONFIG", "SET", "busy-reply-threshold", "50"]).unwrap();
    let mut conns: Vec<Conn> = (0..4).map(|_| Conn::new(&db)).collect();
    conns[0].feed(b"WATCH a b\r\n");
    conns[1].feed(b"WATCH a\r\nMULTI\r\nSET a 1\r\n");
    conns[2].feed(b"BLPOP jobs 0\r\n");
    conns[3].feed(b"HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX a\r\n");
    let runner = endless(&db, "while true do end");
    conns[1].take_output();
    conns[1].feed(b"EXEC\r\n");
    assert!(conns[1].take_output().starts_with(b"-EXECABORT Transaction discarded because of: BUSY"));
    drop(conns);
    assert_eq!(db.connection_count(), 0);
    db.call(["SCRIPT", "KILL"]).unwrap();
    assert!(runner.join().unwrap().contains("killed"));
    // What was put off is done: nobody waits for the list any more.
    while blocked(&db) != 0 {
        thread::yield_now();
    }
    db.rpush("jobs", &["job"]).unwrap();
    assert_eq!(db.llen("jobs").unwrap(), 1);
}

/// Callers that wait for keys.
fn blocked(db: &Db) -> usize {
    let info = db.call(["INFO", "clients"]).unwrap();
    let text = String::from_utf8(info.as_bytes().unwrap().to_vec()).unwrap();
    text.lines().find_map(|line| line.strip_prefix("blocked_clients:")).unwrap().trim().parse().unwrap()
}

#[test]
fn closing_stops_what_runs_and_keeps_all_or_nothing_of_what_it_wrote() {
    let dir = Folder::new("stopped");
    let open = || Db::open(&dir.0).unwrap();
    let db = open();
    db.call(["CONFIG", "SET", "busy-reply-threshold", "50"]).unwrap();
    let runner = endless(&db, "while true do end");
    db.close().unwrap();
    assert!(runner.join().unwrap().contains("killed"));
    let db = open();
    db.set("k", "before").unwrap();
    let runner =
        writing(&db, "redis.call('SET', 'k', 'half') redis.call('SET', 'other', 'half') while true do end");
    db.close().unwrap();
    assert!(runner.join().unwrap().is_err());
    let db = open();
    assert_eq!(
        db.call(["MGET", "k", "other"]).unwrap(),
        Reply::Array(vec![Reply::Bytes(b"before"[..].into()), Reply::Nil])
    );
    // One that comes to its end is kept whole.
    let runner =
        writing(&db, "redis.call('SET', 'k', 'a') for n = 1, 3e6 do end redis.call('SET', 'other', 'a')");
    db.close().unwrap();
    assert!(runner.join().unwrap().is_ok());
    let db = open();
    assert_eq!(
        db.call(["MGET", "k", "other"]).unwrap(),
        Reply::Array(vec![Reply::Bytes(b"a"[..].into()); 2])
    );
}

#[test]
fn what_was_put_off_may_be_put_off_again() {
    let db = Db::memory();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        // There is nearly always a script, and another one when that ends.
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Relaxed) {
                    db.call(["EVAL", "for n = 1, 2e4 do end", "0"]).unwrap();
                }
            });
        }
        for _ in 0..1500 {
            let mut conn = Conn::new(&db);
            conn.feed(b"WATCH a b c d e\r\n");
            assert_eq!(conn.take_output(), b"+OK\r\n");
        }
        over.store(true, Relaxed);
    });
    assert_eq!(db.connection_count(), 0);
}

#[test]
fn snapshots_wait_for_no_script() {
    let dir = Folder::new("beside");
    let db = Db::open(&dir.0).unwrap();
    db.call(["CONFIG", "SET", "busy-reply-threshold", "300"]).unwrap();
    for n in 0..50_000 {
        db.set(format!("key:{n}"), "value").unwrap();
    }
    for save in ["SAVE", "BGSAVE"] {
        let before = db.call(["LASTSAVE"]).unwrap();
        db.set("last", save).unwrap();
        let runs = db.clone();
        let runner =
            thread::spawn(move || runs.call(["EVAL", "while true do end", "0"]).unwrap_err().to_string());
        let refused = loop {
            // Before it runs there is a snapshot, or one is begun; the script may come into the middle of it.
            match db.call([save]) {
                Err(error) if error.code() == "BUSY" => break error,
                _ => thread::sleep(Duration::from_millis(5)),
            }
        };
        assert_eq!(refused.kind(), Kind::Busy);
        // Whoever looks at it does not wait either.
        let info = db.call(["INFO", "persistence"]);
        assert!(info.is_ok() || info.is_err_and(|error| error.code() == "BUSY"));
        db.call(["SCRIPT", "KILL"]).unwrap();
        assert!(runner.join().unwrap().contains("killed"));
        // It was begun, and goes on; or it is begun now.
        while db.call(["SAVE"]).is_err() {
            thread::sleep(Duration::from_millis(5));
        }
        let info = text(&db.call(["INFO", "persistence"]).unwrap());
        assert!(info.contains("rdb_last_bgsave_status:ok"), "{info}");
        assert!(db.call(["LASTSAVE"]).unwrap().as_int() >= before.as_int());
    }
    db.close().unwrap();
    let db = Db::open(&dir.0).unwrap();
    assert_eq!(db.call(["DBSIZE"]).unwrap(), Reply::Int(50_001));
}
