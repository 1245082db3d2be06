//! MessagePack as scripts use it.
use super::open;
use crate::script::lib::arguments::run;

fn result(body: &str) -> String {
    let said = run(open, &format!("local ok, r = pcall(function() {body} end) return r"));
    // Errors begin with where they were raised.
    said.split_once("1: ").map_or(said.clone(), |(_, why)| why.into())
}

fn packed(values: &str) -> String {
    let digits = "(c) return string.format('%02x', c:byte()) end";
    result(&format!("return (lib.pack({values}):gsub('.', function{digits}))"))
}

#[test]
fn tables_are_lists_when_their_keys_are_those_of_a_list() {
    for (values, bytes) in [
        ("{}", "90"),
        ("{1,2}", "920102"),
        ("{a=1}", "81a16101"),
        ("{1,nil,3}", "8201010303"),
        ("{[0]=1}", "810001"),
        ("{[1.5]=1}", "81ca3fc0000001"),
        ("nil, tostring, true, 'a'", "c0c0c3a161"),
        ("{{{}}}", "919190"),
    ] {
        assert_eq!(packed(values), bytes, "{values}");
    }
    // Sixteen deep, and nil.
    assert_eq!(packed("(function() local t = {} t[1] = t return t end)()"), "91".repeat(16) + "c0");
}

#[test]
fn streams_are_unpacked_in_parts() {
    for (body, said) in [
        ("return select('#', lib.unpack(''))", "0"),
        ("return table.concat({lib.unpack(lib.pack(1, 'a', 2))}, ',')", "1,a,2"),
        ("return table.concat({lib.unpack_one('abc', 1)}, ',')", "2,98"),
        ("return table.concat({lib.unpack_one('abc', 3)}, ',')", "-1"),
        ("return table.concat({lib.unpack_limit('abc', 2)}, ',')", "2,97,98"),
        ("return table.concat({lib.unpack_limit('abc', 0, 1)}, ',')", "1"),
        ("local t = lib.unpack(lib.pack({1, {a = {2}}, 3})) return t[1] .. t[2].a[1] .. t[3] .. #t", "1233"),
        ("local t = lib.unpack('\\147\\192\\192\\5') return t[3]", "5"),
    ] {
        assert_eq!(result(body), said, "{body}");
    }
}

#[test]
fn bad_calls_are_told() {
    for (body, said) in [
        ("lib.pack()", "bad argument #0 to 'pack' (MessagePack pack needs input.)"),
        ("lib.unpack()", "bad argument #1 to 'unpack' (string expected, got no value)"),
        ("lib.unpack_one()", "bad argument #1 to 'unpack_one' (string expected, got no value)"),
        ("lib.unpack_limit('a')", "bad argument #2 to 'unpack_limit' (number expected, got no value)"),
        ("lib.unpack_limit('a', -1)", "Invalid request to unpack with offset of 0 and limit of 1."),
        ("lib.unpack_one('a', 5)", "Start offset 5 greater than input length 1."),
        ("lib.unpack('\\193')", "Bad data format in input."),
        ("lib.unpack('\\205')", "Missing bytes in input."),
        ("lib.unpack('\\221\\255\\255\\255\\255')", "Missing bytes in input."),
        ("lib.unpack('\\129\\192\\1')", "table index is nil"),
        ("lib.unpack('\\129\\203\\127\\248\\0\\0\\0\\0\\0\\0\\1')", "table index is NaN"),
        ("lib.unpack(('\\145'):rep(100000))", "stack overflow (in function mp_decode_to_lua_array)"),
        (
            "lib.unpack(('a'):rep(8010))",
            "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)",
        ),
    ] {
        assert_eq!(result(body), said, "{body}");
    }
}

/// Each table holds the one before sixteen times: no memory holds the text of the last one.
#[test]
fn what_does_not_fit_is_refused() {
    let said = result(
        "local t = {('x'):rep(1000)} for i = 1, 14 do t = {t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t} end lib.pack(t)",
    );
    assert_eq!(said, "not enough memory");
}
