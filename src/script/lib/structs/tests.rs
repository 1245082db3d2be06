//! Layouts as scripts pack and unpack them.
use super::open;
use crate::script::lib::arguments::run;

/// Runs `local r = {…}` and returns its values; what is no number or printable string as hexadecimal digits.
fn results(call: &str) -> String {
    let chunk = format!(
        "local r = {{pcall(function() return {call} end)}}
         for i = 2, #r do
             r[i] = type(r[i]) == 'number' and string.format('%.17g', r[i])
                 or (tostring(r[i]):gsub('[^ -~]', function(c) return string.format('\\\\%02x', c:byte()) end))
         end
         return table.concat(r, ' ', 2)"
    );
    let said = run(open, &chunk);
    // Errors begin with where they were raised.
    said.split_once("1: ").map_or(said.clone(), |(_, why)| why.into())
}

#[test]
fn values_are_packed() {
    for (call, said) in [
        ("lib.pack('b>hi3', -1, 1, -2)", r"\ff\00\01\ff\ff\fe"),
        ("lib.pack('i16', -1)", r"\ff\ff\ff\ff\ff\ff\ff\ff\00\00\00\00\00\00\00\00"),
        ("lib.pack('>d', 0.1)", r"?\b9\99\99\99\99\99\9a"),
        ("lib.pack('c2c0s', 'abc', 'def', 12)", r"abdef12\00"),
        ("lib.pack('!8bd', 1, 2)", r"\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00@"),
        ("lib.pack('!4bi3', 1, 2)", r"\01\00\00\02\00\00"),
        ("lib.pack('L', 1e30)", r"\00\00\00\00\00\00\00\00"),
        ("lib.pack('B', 256)", r"\00"),
        ("lib.pack('c5', 'abc')", "bad argument #3 to 'pack' (string too short)"),
        ("lib.pack('bb', 1)", "bad argument #3 to 'pack' (number expected, got nil)"),
        ("lib.pack('z')", "bad argument #1 to 'pack' (invalid format option 'z')"),
        ("lib.pack('i33', 1)", "integral size 33 is larger than limit of 32"),
    ] {
        assert_eq!(results(call), said, "{call}");
    }
}

#[test]
fn values_are_unpacked() {
    for (call, said) in [
        ("lib.unpack('bBh', string.char(255, 255, 1, 2))", "-1 255 513 5"),
        ("lib.unpack('c2c', 'abc')", "ab c 4"),
        ("lib.unpack('bc0', string.char(2) .. 'abc')", "ab 4"),
        ("lib.unpack('sc0', '2\\0abc')", "ab 5"),
        ("lib.unpack('c1c0', '2abc')", "ab 4"),
        ("lib.unpack('dc0', lib.pack('d', -0.5) .. 'abc')", " 9"),
        (
            "lib.unpack('dc0', lib.pack('d', -1) .. 'abc')",
            "bad argument #2 to 'unpack' (data string too short)",
        ),
        ("lib.unpack('c0', 'abc')", "format 'c0' needs a previous size"),
        ("lib.unpack('s', 'abc')", "unfinished string in data"),
        ("lib.unpack('b', 'abc', 3)", "99 4"),
        ("lib.unpack('b', 'abc', 0)", "bad argument #3 to 'unpack' (offset must be 1 or greater)"),
        ("lib.unpack('b', 'abc', -1)", "bad argument #2 to 'unpack' (data string too short)"),
        ("lib.unpack('', 'abc', -50)", "-50"),
        ("lib.unpack('!8d', ('a'):rep(8), -1)", "bad argument #2 to 'unpack' (data string too short)"),
        ("lib.unpack(('b'):rep(9000), ('a'):rep(9000))", "stack overflow (too many results)"),
        ("select('#', lib.unpack(('b'):rep(7990), ('a'):rep(9000)))", "7991"),
    ] {
        assert_eq!(results(call), said, "{call}");
    }
}

#[test]
fn sizes_are_told() {
    for (call, said) in [
        ("lib.size('!8bd')", "16"),
        ("lib.size('z5')", "0"),
        ("lib.size('!8c2147483647d')", "2147483656"),
        ("lib.size('s')", "bad argument #1 to 'size' (option 's' has no fixed size)"),
        ("lib.size('c0')", "bad argument #1 to 'size' (option 'c0' has no fixed size)"),
        ("lib.size('$')", "bad argument #1 to 'size' (invalid format option '$')"),
    ] {
        assert_eq!(results(call), said, "{call}");
    }
}
