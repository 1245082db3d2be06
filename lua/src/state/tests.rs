//! States as hosts use them, and as scripts abuse them.
use super::*;
use std::sync::atomic::Ordering::Relaxed;

fn state() -> State {
    State::new(Limits { used_bytes_max: 16 << 20 }).unwrap()
}

fn says(script: &str) -> String {
    String::from_utf8(state().test(&[], script).unwrap()).unwrap()
}

fn fails(script: &str) -> String {
    String::from_utf8(state().test(&[], script).unwrap_err()).unwrap()
}

struct Nobody;
impl Host for Nobody {
    fn call(&self, _: u32, _: &mut Frame<'_>) -> Result<usize, Raise> {
        Err(Raise::text("no"))
    }
}

#[test]
fn scripts_compute() {
    assert_eq!(says("return 1 + 1"), "2");
    assert_eq!(says("return ('x'):rep(3) .. tostring(0.1) .. tostring(1e15)"), "xxx0.11e+15");
    assert_eq!(says("return table.concat({1, 2, 3}, ',')"), "1,2,3");
    assert_eq!(says("return select('#', unpack({1, 2, 3}))"), "3");
    assert_eq!(says("return [==[a]]b]==]"), "a]]b");
    assert_eq!(
        says("local t = {} for k in ('a=1,b=2'):gmatch('(%w+)=') do t[#t + 1] = k end return t[1] .. t[2]"),
        "ab"
    );
}

#[test]
fn what_reaches_the_system_is_not_there() {
    for name in
        ["print", "dofile", "loadfile", "require", "module", "newproxy", "setfenv", "getfenv", "io", "debug"]
    {
        assert_eq!(says(&format!("return type(rawget(_G, '{name}'))")), "nil", "{name}");
    }
    assert_eq!(
        says("local names = '' for name in pairs(os) do names = names .. name end return names"),
        "clock"
    );
    assert_eq!(
        says("return type(loadstring(string.dump(function() end))) .. type(loadstring('\\27Lua'))"),
        "nilnil"
    );
}

#[test]
fn a_sealed_state_cannot_be_changed() {
    let mut state = state();
    state.seal();
    for script in [
        "x = 1",
        "string.x = 1",
        "getmetatable('').__index = nil",
        "rawset(_G, 'x', 1)",
        "setmetatable(_G, nil)",
        "table.insert(math, 1)",
        "KEYS = nil",
    ] {
        let error = state.test(&[], script).unwrap_err();
        let error = String::from_utf8_lossy(&error);
        assert!(error.ends_with("Attempt to modify a readonly table"), "{script}: {error}");
    }
    let error = state.test(&[], "return nosuch").unwrap_err();
    assert_eq!(error, b"ERR test:1: Script attempted to access nonexistent global variable 'nosuch'");
    assert_eq!(state.test(&[], "return getmetatable('').__index == string").unwrap(), b"true");
}

#[test]
fn errors_are_tables_that_know_where_they_were() {
    let mut state = state();
    let chunk = state.load(b"\n\nlocal function f() error('boom') end f()", c"@user_script").unwrap();
    state.run(chunk, [&[], &[]], &Nobody, &AtomicU32::new(0), |frame, ended| {
        assert_eq!(ended, Err(Failure::Raised));
        frame.raw_get_field(1, b"err").unwrap();
        assert_eq!(frame.bytes(-1), Some(&b"ERR user_script:3: boom"[..]));
        frame.raw_get_field(1, b"source").unwrap();
        assert_eq!(frame.bytes(-1), Some(&b"@user_script"[..]));
        frame.raw_get_field(1, b"line").unwrap();
        assert_eq!(frame.number(-1), Some(3.0));
    });
    let error = state.load(b"return +", c"@user_script").unwrap_err();
    assert_eq!(error, b"user_script:1: unexpected symbol near '+'");
}

#[test]
fn keys_and_arguments_are_globals() {
    let mut state = state();
    state.seal();
    let chunk = state.load(b"return KEYS[1] .. #KEYS .. ARGV[2]", c"@user_script").unwrap();
    for round in ["x", "y"] {
        let keys: [&[u8]; 1] = [round.as_bytes()];
        let args: [&[u8]; 2] = [b"a", b"b"];
        state.run(chunk, [&keys, &args], &Nobody, &AtomicU32::new(0), |frame, ended| {
            assert_eq!(ended, Ok(()));
            assert_eq!(frame.bytes(1), Some(format!("{round}1b").as_bytes()));
        });
    }
}

#[test]
fn memory_has_an_end() {
    for script in [
        "return #string.rep('x', 100000000)",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local t = {} for i = 1, 1e9 do t[i .. ''] = i end",
    ] {
        let mut state = state();
        assert_eq!(state.test(&[], script).unwrap_err(), b"not enough memory", "{script}");
        assert_eq!(state.test(&[], "return 7").unwrap(), b"7");
        assert!(state.used_bytes() < 8 << 20, "{script}: {}", state.used_bytes());
    }
}

#[test]
fn the_stack_of_c_has_an_end() {
    assert!(fails("local function f() return f() + 1 end return f()").contains("stack overflow"));
    assert!(fails("local function f(s) return (s:gsub('.', f)) end return f('x')").contains("overflow"));
    assert!(fails("return ('a'):rep(300000):find(('a?'):rep(300000) .. 'b')").contains("too complex"));
    assert!(fails("return loadstring(('('):rep(100000) .. '1')()").contains("nil"));
    assert_eq!(says("local function f() return pcall(f) end f() return 'done'"), "done");
    assert!(fails("return unpack({}, -2147483648, 2147483647)").contains("too many results"));
    assert!(fails("return unpack({1}, 0, 2147483647)").contains("too many results"));
    assert_eq!(
        says(
            "local t = setmetatable({}, {}) getmetatable(t).__index = t return pcall(function() return t.x end)"
        ),
        "false"
    );
    assert!(fails(&format!("return [{}x", "=".repeat(1000))).contains("invalid long string"));
}

#[test]
fn a_script_is_stopped_whatever_it_does() {
    for script in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local function f() while true do end end while true do pcall(coroutine.wrap(f)) end",
        "return ('a'):rep(40):find(('a*'):rep(20) .. 'b')",
        "return xpcall(function() while true do end end, function() while true do end end)",
    ] {
        let mut state = state();
        let chunk = state.load(script.as_bytes(), c"@user_script").unwrap();
        let stop = AtomicU32::new(0);
        struct Stops<'s>(&'s AtomicU32);
        impl Host for Stops<'_> {
            fn call(&self, _: u32, _: &mut Frame<'_>) -> Result<usize, Raise> {
                Err(Raise::text("no"))
            }
            fn look(&self) {
                self.0.store(1, Relaxed);
            }
        }
        // What runs no line of Lua is stopped from outside.
        stop.store(u32::from(script.contains("find")), Relaxed);
        state.run(chunk, [&[], &[]], &Stops(&stop), &stop, |frame, ended| {
            // Who catches it on his last line comes to his end.
            assert!(ended.is_err() || script.contains("xpcall"), "{script}");
            if ended == Err(Failure::Raised) {
                frame.raw_get_field(1, b"err").unwrap();
                let error = String::from_utf8_lossy(frame.bytes(-1).unwrap()).into_owned();
                assert_eq!(error, "ERR Script killed by user with SCRIPT KILL.", "{script}");
            }
        });
        assert_eq!(state.test(&[], "for i = 1, 1e6 do end return 7").unwrap(), b"7");
    }
}

#[test]
fn natives_fail_as_functions_of_lua_do() {
    fn open(frame: &mut Frame<'_>) -> Result<(), Raise> {
        frame.push_table(0, 4)?;
        frame.push_native(|frame| {
            let n = frame.check_number(1)?;
            frame.push_number(n * 2.0).map(|()| 1)
        })?;
        frame.raw_set_field(-2, b"twice")?;
        frame.push_native(|_| Err(Raise::text("no way")))?;
        frame.raw_set_field(-2, b"fail")?;
        frame.push_native(|_| panic!("a native that panics"))?;
        frame.raw_set_field(-2, b"panic")?;
        frame.push_number(41.0)?;
        frame.push_closure(
            |frame| {
                *frame.local::<u32>().borrow_mut() += 1;
                let times = f64::from(*frame.local::<u32>().borrow());
                frame.push_upvalue(1)?;
                let kept = frame.number(-1).unwrap_or(0.0);
                frame.push_number(kept + times).map(|()| 1)
            },
            1,
        )?;
        frame.raw_set_field(-2, b"count")
    }
    let libraries: &[(&str, Open)] = &[("lib", open)];
    let of = |script: &str| {
        let mut state = State::new(Limits::default()).unwrap();
        state.test(libraries, script).map_err(|error| String::from_utf8(error).unwrap())
    };
    assert_eq!(of("return lib.twice('21')").unwrap(), b"42");
    assert_eq!(of("lib.count() return lib.count()").unwrap(), b"43");
    assert_eq!(of("lib.fail()").unwrap_err(), "ERR test:1: no way");
    let bad = "ERR test:1: bad argument #1 to 'twice' (number expected, got no value)";
    assert_eq!(of("lib.twice()").unwrap_err(), bad);
    assert_eq!(of("return coroutine.wrap(function() return lib.twice(4) end)()").unwrap(), b"8");
    assert!(of("return select(2, pcall(lib.panic))").unwrap().ends_with(b"panicked"));
}

#[test]
fn indices_that_are_not_there_read_as_nothing() {
    let mut state = state();
    let chunk = state.load(b"return {a = 1, 2}", c"@x").unwrap();
    state.run(chunk, [&[], &[]], &Nobody, &AtomicU32::new(0), |frame, _| {
        for at in [0, 2, -2, 1000, -1000, i32::MIN, i32::MAX, -10000, -10002] {
            assert_eq!(frame.kind(at), frame::Kind::None);
            assert!(!frame.truth(at) && frame.bytes(at).is_none() && frame.to_bytes(at).is_none());
            frame.remove(at);
            assert!(frame.push_copy(at).is_err());
        }
        frame.pop(7);
        frame.raw_get(1);
        assert!(frame.raw_set(1).is_err() && frame.raw_set_index(1, 1).is_err());
        let mut full = 0;
        while frame.push_nil().is_ok() {
            full += 1;
        }
        assert!((4000..=8000).contains(&full), "{full}");
    });
}
