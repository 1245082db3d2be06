//! JSON as scripts use it.
use super::open;
use crate::script::lib::arguments::run;

fn result(body: &str) -> String {
    let said = run(open, &format!("local ok, r = pcall(function() {body} end) return r"));
    // Errors begin with where they were raised.
    said.split_once("1: ").map_or(said.clone(), |(_, why)| why.into())
}

#[test]
fn tables_are_written() {
    for (value, said) in [
        ("{}", "{}"),
        ("{1,nil,3}", "[1,null,3]"),
        ("{[0]=1}", r#"{"0":1}"#),
        ("{[1.5]=2}", r#"{"1.5":2}"#),
        ("{a={{b={}}}}", r#"{"a":[{"b":{}}]}"#),
        ("{[1]=1,[10]=2}", "[1,null,null,null,null,null,null,null,null,2]"),
        ("{[1]=1,[11]=2}", "Cannot serialise table: excessively sparse array"),
        ("{[2147483647]=1}", "Cannot serialise table: excessively sparse array"),
        ("{[2147483648]=1}", r#"{"2147483648":1}"#),
        ("{[true]=2}", "Cannot serialise boolean: table key must be a number or string"),
        ("{tostring}", "Cannot serialise function: type not supported"),
        ("{1/0}", "Cannot serialise number: must not be NaN or Inf"),
        ("lib.null", "null"),
        ("0.1", "0.1"),
        ("1e15", "1e+15"),
        ("setmetatable({}, {__index = function() return 1 end})", "{}"),
    ] {
        assert_eq!(result(&format!("return lib.encode({value})")), said, "{value}");
    }
}

#[test]
fn texts_are_read() {
    for (body, said) in [
        (r#"return lib.decode('{"a":{"b":[1,2,[3]]},"c":null}').a.b[3][1]"#, "3"),
        (
            r#"return lib.encode(lib.decode(' [1, {"a": [null, true, "\\u00e9"]}] '))"#,
            r#"[1,{"a":[null,true,"é"]}]"#,
        ),
        ("return lib.decode(12)", "12"),
        ("return lib.decode('[1,]')", "Expected value but found T_ARR_END at character 4"),
        ("return lib.decode({})", "bad argument #1 to 'decode' (string expected, got table)"),
        ("return lib.decode()", "bad argument #1 to 'decode' (expected 1 argument)"),
        ("return lib.encode(1, 2)", "bad argument #1 to 'encode' (expected 1 argument)"),
        ("return lib.decode('\\0a')", "JSON parser does not support UTF-16 or UTF-32"),
    ] {
        assert_eq!(result(body), said, "{body}");
    }
}

#[test]
fn settings_belong_to_a_library() {
    for (body, said) in [
        ("local c = lib.new() c.encode_sparse_array(true) return c.encode({[100]=1})", r#"{"100":1}"#),
        (
            "local c = lib.new() c.encode_sparse_array(true) return lib.encode({[100]=1})",
            "Cannot serialise table: excessively sparse array",
        ),
        ("lib.encode_sparse_array(false, 0) return #lib.encode({[1]=1,[3000]=2})", "14995"),
        ("return table.concat({select(2, lib.encode_sparse_array(nil, 5))}, ',')", "5,10"),
        ("lib.encode_number_precision(3) return lib.encode({1234.5, 2.5, 1/3})", "[1.23e+03,2.5,0.333]"),
        ("lib.encode_invalid_numbers(true) return lib.encode({0/0, -1/0})", "[nan,-inf]"),
        ("lib.encode_invalid_numbers('null') return lib.encode({0/0, -1/0})", "[null,null]"),
        ("return lib.encode_invalid_numbers('null')", "null"),
        (
            "lib.decode_invalid_numbers('off') return lib.decode('0x1')",
            "Expected value but found invalid number at character 1",
        ),
        (
            "lib.decode_max_depth(2) return lib.decode('[[[')",
            "Found too many nested data structures (3) at character 3",
        ),
        ("lib.encode_max_depth(2) return lib.encode({{{}}})", "Cannot serialise, excessive nesting (3)"),
        (
            "return tostring(lib.encode_keep_buffer()) .. tostring(lib.encode_keep_buffer('off')) .. lib.encode({1})",
            "truefalse[1]",
        ),
        ("return lib.encode_max_depth(14.9)", "14"),
        ("return lib.encode_max_depth(4294967298)", "2"),
        (
            "return lib.encode_max_depth(0)",
            "bad argument #1 to 'encode_max_depth' (expected integer between 1 and 2147483647)",
        ),
        (
            "return lib.encode_max_depth('x')",
            "bad argument #1 to 'encode_max_depth' (number expected, got string)",
        ),
        (
            "return lib.encode_max_depth(1, 2)",
            "bad argument #2 to 'encode_max_depth' (found too many arguments)",
        ),
        (
            "return lib.encode_sparse_array('foo')",
            "bad argument #1 to 'encode_sparse_array' (invalid option 'foo')",
        ),
        (
            "return lib.encode_sparse_array(false, -1)",
            "bad argument #1 to 'encode_sparse_array' (expected integer between 0 and 2147483647)",
        ),
    ] {
        assert_eq!(result(body), said, "{body}");
    }
}

#[test]
fn depth_ends_where_the_stack_does() {
    for (body, said) in [
        (
            "lib.decode_max_depth(1000000) lib.decode(('['):rep(100000))",
            "Found too many nested data structures (7999) at character 7999",
        ),
        (
            "lib.decode_max_depth(1000000) lib.decode(('{\"a\":'):rep(100000))",
            "Found too many nested data structures (4000) at character 19996",
        ),
        (
            "lib.encode_max_depth(1000000) local t = {} for i = 1, 100000 do t = {t} end lib.encode(t)",
            "Cannot serialise, excessive nesting (7998)",
        ),
        (
            "lib.encode_max_depth(1000000) local t = {} for i = 1, 100000 do t = {a = t} end lib.encode(t)",
            "Cannot serialise, excessive nesting (4000)",
        ),
    ] {
        assert_eq!(result(body), said, "{body}");
    }
}

/// Each table holds the one before twice: no memory holds the text of the last one.
#[test]
fn what_does_not_fit_is_refused() {
    let said = result("local t = {('x'):rep(1000)} for i = 1, 60 do t = {t, t} end lib.encode(t)");
    assert_eq!(said, "not enough memory");
}
