//! What the functions of the libraries ask of their arguments and of the stack, as functions of C do.
use tenondb_lua::{Frame, Kind, Native, Raise};

/// Makes sure of room for that many values more; `why` is said where there is none.
pub fn room(frame: &mut Frame<'_>, slots: usize, why: &str) -> Result<(), Raise> {
    if frame.room(slots) { Ok(()) } else { Err(Raise::text(format!("stack overflow ({why})"))) }
}

/// Returns the integer at `at`, or `missing` where there is nothing or nil.
pub fn optional_int(frame: &Frame<'_>, at: i32, missing: i64) -> Result<i64, Raise> {
    match frame.kind(at) {
        Kind::None | Kind::Nil => Ok(missing),
        _ => frame.check_int(at),
    }
}

/// Looks now and then at whether the script has to stop: for what goes through a value, which may be of any size.
#[derive(Debug, Default)]
pub struct Patience(u32);

impl Patience {
    /// Notes a step.
    ///
    /// # Errors
    /// The script has to stop. The layer below raises that, whatever is said here.
    #[inline]
    pub fn step(&mut self, frame: &Frame<'_>) -> Result<(), Raise> {
        const STEPS: u32 = 4096;
        self.0 = (self.0 + 1) % STEPS;
        if self.0 == 0 && frame.is_stopped() { Err(Raise::text("stopped")) } else { Ok(()) }
    }
}

/// Pushes a table of functions.
pub fn functions(frame: &mut Frame<'_>, all: &[(&str, Native)]) -> Result<(), Raise> {
    frame.push_table(0, all.len())?;
    for (name, function) in all {
        frame.push_native(*function)?;
        frame.raw_set_field(-2, name.as_bytes())?;
    }
    Ok(())
}

/// Runs a chunk with one library, which is called `lib` there.
#[cfg(test)]
pub fn run(open: fn(&mut Frame<'_>) -> Result<(), Raise>, chunk: &str) -> String {
    let mut state =
        tenondb_lua::State::new(tenondb_lua::Limits { used_bytes_max: 32 << 20 }).expect("memory");
    let (Ok(said) | Err(said)) = state.test(&[("lib", open)], chunk);
    String::from_utf8_lossy(&said).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::script::lib::{cjson, cmsgpack};
    use std::sync::atomic::AtomicU32;
    use tenondb_lua::{Frame, Host, Limits, Raise, State};

    struct Nobody;
    impl Host for Nobody {
        fn call(&self, _: u32, _: &mut Frame<'_>) -> Result<usize, Raise> {
            Err(Raise::text("nobody"))
        }
    }

    /// The texts of these tables have no end that anybody would see, and no memory would hold them.
    #[test]
    fn a_script_is_stopped_in_the_middle_of_a_text() {
        let mut state = State::new(Limits { used_bytes_max: usize::MAX / 2 }).expect("memory");
        state.set_up("cjson", cjson::open).unwrap();
        state.set_up("cmsgpack", cmsgpack::open).unwrap();
        for write in [
            "for i = 1, 60 do t = {t, t} end cjson.encode(t)",
            "for i = 1, 14 do t = {a = t, b = t, c = t, d = t} end cmsgpack.pack(t)",
        ] {
            let script = format!("local t = {{('x'):rep(1000)}} {write}");
            let chunk = state.load(script.as_bytes(), c"@test").unwrap();
            state.run(chunk, [&[], &[]], &Nobody, &AtomicU32::new(1), |frame, ended| {
                assert!(ended.is_err(), "{write}");
                frame.raw_get_field(1, b"err").unwrap();
                let error = frame.bytes(-1).unwrap_or_default();
                assert!(error.ends_with(b"killed by user with SCRIPT KILL."), "{write}");
            });
        }
    }
}
