//! Scripts through `db.call`: replies both ways, errors, what stays and what does not.
use crate::{Db, Reply};

fn eval(db: &Db, script: &str) -> String {
    show(db.call(["EVAL", script, "1", "k", "a", "b"]))
}

fn show(reply: crate::Result<Reply>) -> String {
    fn of(reply: &Reply) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let list = |values: &[Reply]| values.iter().map(of).collect::<Vec<_>>().join(" ");
        match reply {
            Reply::Nil => "nil".into(),
            Reply::Int(value) => format!(":{value}"),
            Reply::Float(value) => format!(",{value}"),
            Reply::Bool(value) => format!("#{value}"),
            Reply::Bytes(value) => text(value),
            Reply::Status(value) => format!("+{}", text(value)),
            Reply::Text(value) => format!("={}", text(value)),
            Reply::Array(values) => format!("[{}]", list(values)),
            Reply::Set(values) => format!("~[{}]", list(values)),
            Reply::Map(pairs) => {
                let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}={}", of(k), of(v))).collect();
                format!("{{{}}}", pairs.join(" "))
            }
            Reply::Error(error) => format!("-{error}"),
        }
    }
    reply.map_or_else(|error| format!("-{error}"), |reply| of(&reply))
}

/// What Valkey 9.1 answers.
#[test]
fn results_become_replies() {
    let db = Db::memory();
    for (script, reply) in [
        ("return 1", ":1"),
        ("return {3.99, -3.99, 1e30, 0/0}", "[:3 :-3 :-9223372036854775808 :-9223372036854775808]"),
        ("return 'x'", "x"),
        ("return nil", "nil"),
        ("return", "nil"),
        ("", "nil"),
        ("return false", "nil"),
        ("return true", ":1"),
        ("return {1, nil, 3}", "[:1]"),
        ("return {1, {2, 'x'}, {}}", "[:1 [:2 x] []]"),
        ("return {ok='fine\\r\\nx'}", "+fine  x"),
        ("return {err='raw'}", "-raw"),
        ("return redis.error_reply('MY err')", "-MY err"),
        ("return redis.error_reply('word')", "-ERR word"),
        ("return redis.error_reply(1)", "-ERR wrong number or type of arguments"),
        ("return redis.status_reply('OK')", "+OK"),
        ("return {double=3.5}", ",3.5"),
        ("return {map={a=1}}", "{a=:1}"),
        ("return {set={x=true}}", "~[x]"),
        ("return {big_number='123'}", "123"),
        ("return {verbatim_string={format='txt', string='hi'}}", "=hi"),
        ("redis.setresp(3) return {true, false}", "[#true #false]"),
        ("return function() end", "nil"),
        ("return KEYS", "[k]"),
        ("return ARGV", "[a b]"),
        ("return redis.sha1hex('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("return redis.replicate_commands()", ":1"),
        ("return redis.acl_check_cmd('get', 'x')", ":1"),
        ("return {redis.LOG_DEBUG, redis.LOG_WARNING, redis.REPL_NONE, redis.REPL_ALL}", "[:0 :3 :0 :3]"),
        ("return server == redis", ":1"),
        ("return {tostring(math.random()), tostring(math.random())}", "[0.39646477363839 0.84048536971234]"),
        ("return tostring(math.random())", "0.35333609737146"),
    ] {
        assert_eq!(eval(&db, script), reply, "{script}");
    }
    let deep = eval(&db, "local t = {} for i = 1, 10000 do t = {t} end return t");
    assert!(deep.contains("reached lua stack limit"));
}

#[test]
fn replies_become_values() {
    let db = Db::memory();
    for argv in ["SET k 12", "HSET h f v", "SADD s m", "ZADD z 1.5 m", "RPUSH l a b"] {
        db.call(argv.split(' ')).unwrap();
    }
    for (script, reply) in [
        ("return redis.call('get', 'k')", "12"),
        ("return redis.call('get', 'none') == false", ":1"),
        ("return redis.call('incr', 'k') + 1", ":14"),
        ("return redis.call('hgetall', 'h')[2]", "v"),
        ("return redis.call('smembers', 's')[1]", "m"),
        ("return redis.call('zscore', 'z', 'm')", "1.5"),
        ("return redis.call('zrange', 'z', 0, -1, 'withscores')", "[m 1.5]"),
        ("return redis.call('lrange', 'l', 0, -1)", "[a b]"),
        ("return redis.call('ping').ok", "PONG"),
        ("return redis.call('set', 'x', 1).ok", "OK"),
        ("redis.setresp(3) return redis.call('hgetall', 'h').map.f", "v"),
        ("redis.setresp(3) return redis.call('hgetall', 'h')", "{f=v}"),
        ("redis.setresp(3) return redis.call('smembers', 's')", "~[m]"),
        ("redis.setresp(3) return tostring(redis.call('zscore', 'z', 'm').double)", "1.5"),
        ("redis.setresp(3) return redis.call('zrange', 'z', 0, -1, 'withscores')[1]", "[m ,1.5]"),
        ("redis.setresp(3) return redis.call('get', 'none') == nil", "#true"),
        ("return redis.call('echo', 0.1)", "0.1"),
        ("return redis.call('echo', 1e17)", "100000000000000000"),
        ("return redis.call('echo', 1e20)", "1e+20"),
        ("return redis.call('echo', -0.0)", "0"),
        ("return redis.call('echo', 3.14159265358979)", "3.14159265358979"),
        ("return redis.call('blpop', 'none', 0)", "nil"),
    ] {
        assert_eq!(eval(&db, script), reply, "{script}");
    }
}

#[test]
fn errors_have_the_texts_of_valkey() {
    let db = Db::memory();
    db.call(["SET", "k", "v"]).unwrap();
    let at = "script: on @user_script:1.";
    for (script, error) in [
        ("return redis.call('nosuch')", "ERR Unknown command called from script {at}"),
        ("return redis.pcall('nosuch')", "ERR Unknown command called from script"),
        ("return redis.call('get')", "ERR Wrong number of args calling command from script {at}"),
        ("return redis.call('config', 'nosuch')", "ERR Unknown command called from script {at}"),
        (
            "return redis.call('eval', 'return 1', '0')",
            "ERR This Valkey command is not allowed from script {at}",
        ),
        ("return redis.call()", "ERR Please specify at least one argument for this call {at}"),
        ("return redis.call({})", "ERR Command arguments must be strings or integers {at}"),
        ("return redis.pcall('get', true)", "ERR Command arguments must be strings or integers"),
        (
            "return foo",
            "ERR user_script:1: Script attempted to access nonexistent global variable 'foo' {at}",
        ),
        ("foo = 1", "ERR user_script:1: Attempt to modify a readonly table {at}"),
        ("redis.call = 1", "ERR user_script:1: Attempt to modify a readonly table {at}"),
        ("error('boom')", "ERR user_script:1: boom {at}"),
        ("error({err='MY err'})", "MY err {at}"),
        ("error({})", "ERR unknown error {at}"),
        ("error()", "ERR nil {at}"),
        ("return redis.setresp(4)", "ERR RESP version must be 2 or 3. {at}"),
        ("return redis.log(1)", "ERR server.log() requires two arguments or more. {at}"),
        (
            "return redis.set_repl(9)",
            "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE. {at}",
        ),
        (
            "return redis.call('lpush', 'k', 1)",
            "WRONGTYPE Operation against a key holding the wrong kind of value {at}",
        ),
        (
            "return redis.pcall('lpush', 'k', 1)",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
        ),
        (
            "return redis.pcall('lpush', 'k', 1).err",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
        ),
        ("x y", "ERR Error compiling script (new function): user_script:1: '=' expected near 'y'"),
        ("return 'a'..nil", "ERR user_script:1: attempt to concatenate a nil value {at}"),
    ] {
        let error = error.replace("{at}", at);
        assert_eq!(eval(&db, script).trim_start_matches('-'), error, "{script}");
    }
    let caught = "return {pcall(function() return redis.call('lpush', 'k', 1) end)}";
    assert_eq!(eval(&db, caught), "[nil WRONGTYPE Operation against a key holding the wrong kind of value]");
    assert_eq!(
        db.call(["EVAL", "return redis.call('lpush', 'k', 1)", "0"]).unwrap_err().kind(),
        crate::Kind::WrongType
    );
}

#[test]
fn scripts_are_kept_by_their_sha() {
    let db = Db::memory();
    let sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";
    assert_eq!(show(db.call(["EVALSHA", sha, "0"])), "-NOSCRIPT No matching script.");
    assert_eq!(show(db.call(["EVALSHA", "x", "0"])), "-NOSCRIPT No matching script.");
    assert_eq!(show(db.call(["SCRIPT", "LOAD", "return 1"])), sha);
    assert_eq!(show(db.call(["EVALSHA", &sha.to_uppercase(), "0"])), ":1");
    assert_eq!(show(db.call(["SCRIPT", "EXISTS", sha, "x"])), "[:1 :0]");
    assert_eq!(show(db.call(["SCRIPT", "SHOW", sha])), "return 1");
    assert_eq!(show(db.call(["SCRIPT", "FLUSH"])), "+OK");
    assert_eq!(show(db.call(["SCRIPT", "EXISTS", sha])), "[:0]");
    assert_eq!(show(db.call(["EVAL", "return 1", "0"])), ":1");
    assert_eq!(show(db.call(["EVALSHA", sha, "0"])), ":1");
    for n in 0..500 {
        assert_eq!(show(db.call(["EVAL", &format!("return {n} + 1"), "0"])), format!(":{}", n + 1));
    }
    assert_eq!(show(db.call(["SCRIPT", "EXISTS", sha])), "[:0]");
    assert!(show(db.call(["SCRIPT", "LOAD", "x y"])).starts_with("-ERR Error compiling script"));
}

#[test]
fn a_select_ends_with_its_script() {
    let db = Db::memory();
    assert_eq!(eval(&db, "redis.call('select', 3) return redis.call('set', 'k', 1)"), "+OK");
    assert_eq!(show(db.call(["DBSIZE"])), ":0");
    assert_eq!(show(db.select(3).unwrap().call(["DBSIZE"])), ":1");
}

#[test]
fn read_only_scripts_write_nothing() {
    let db = Db::memory();
    let refused = "-ERR Write commands are not allowed from read-only scripts. script: on @user_script:";
    assert_eq!(show(db.call(["EVAL_RO", "return redis.call('set', 'k', 1)", "0"])), format!("{refused}1."));
    assert_eq!(
        show(db.call(["EVAL_RO", "return redis.call('publish', 'k', 1)", "0"])),
        format!("{refused}1.")
    );
    let flagged = "#!lua flags=no-writes\nreturn redis.call('set', 'k', 1)";
    assert_eq!(show(db.call(["EVAL", flagged, "0"])), format!("{refused}2."));
    assert_eq!(
        show(db.call(["EVAL_RO", "#!lua\nreturn 1", "0"])),
        "-ERR Can not execute a script with write flag using *_ro command."
    );
    assert_eq!(
        show(db.call(["EVAL_RO", "#!lua flags=no-writes\nreturn redis.call('get', 'k')", "0"])),
        "nil"
    );
    assert_eq!(show(db.call(["DBSIZE"])), ":0");
}

#[test]
fn a_panic_in_a_script_leaves_the_database_in_order() {
    let db = Db::memory();
    assert_eq!(eval(&db, "redis.call('set', 'k', 1) error('no')").split(' ').next(), Some("-ERR"));
    // What was written before an error stays, as in Redis.
    assert_eq!(show(db.call(["GET", "k"])), "1");
    assert_eq!(db.core.scripts.kill().unwrap_err().code(), "NOTBUSY");
}
use crate::cmd::session::Scripts as _;
