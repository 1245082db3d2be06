//! Replies as people read them, in redis-cli's notation, and raw for programs.
use crate::reply::Reply;

/// Writes `reply` for people: `(integer) 1`, `1) "a"`, `(nil)`; a line feed in the end.
pub fn pretty(reply: &Reply, out: &mut Vec<u8>) {
    nested(reply, &mut String::new(), out);
}

/// Writes `reply` for programs: texts as they are, a line an element; a line feed in the end.
pub fn raw(reply: &Reply, out: &mut Vec<u8>) {
    raw_part(reply, out);
    out.push(b'\n');
}

fn raw_part(reply: &Reply, out: &mut Vec<u8>) {
    match reply {
        Reply::Nil => {}
        Reply::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Reply::Bool(value) => out.extend_from_slice(if *value { b"(true)" } else { b"(false)" }),
        Reply::Double(text)
        | Reply::BigNumber(text)
        | Reply::Status(text)
        | Reply::Error(text)
        | Reply::Text(text)
        | Reply::Verbatim(text) => out.extend_from_slice(text),
        Reply::Array(items) | Reply::Set(items) | Reply::Push(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b'\n');
                }
                raw_part(item, out);
            }
        }
        Reply::Map(pairs) => {
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(b'\n');
                }
                raw_part(key, out);
                out.push(b' ');
                raw_part(value, out);
            }
        }
    }
}

/// `indent` is what stands before the elements of the reply after its first, which stands where we are.
fn nested(reply: &Reply, indent: &mut String, out: &mut Vec<u8>) {
    match reply {
        Reply::Nil => out.extend_from_slice(b"(nil)"),
        Reply::Int(value) => out.extend_from_slice(format!("(integer) {value}").as_bytes()),
        Reply::Double(text) => tagged("(double) ", text, out),
        Reply::BigNumber(text) => tagged("(big number) ", text, out),
        Reply::Bool(value) => out.extend_from_slice(if *value { b"(true)" } else { b"(false)" }),
        Reply::Status(text) | Reply::Verbatim(text) => out.extend_from_slice(text),
        Reply::Error(text) => tagged("(error) ", text, out),
        Reply::Text(text) => quote(text, out),
        Reply::Array(items) if items.is_empty() => out.extend_from_slice(b"(empty array)"),
        Reply::Set(items) if items.is_empty() => out.extend_from_slice(b"(empty set)"),
        Reply::Push(items) if items.is_empty() => out.extend_from_slice(b"(empty push)"),
        Reply::Map(pairs) if pairs.is_empty() => out.extend_from_slice(b"(empty hash)"),
        Reply::Array(items) | Reply::Push(items) => return list(items, ')', indent, out),
        Reply::Set(items) => return list(items, '~', indent, out),
        Reply::Map(pairs) => {
            let width = digits(pairs.len());
            for (index, (key, value)) in pairs.iter().enumerate() {
                number(index, '#', width, indent, out);
                deeper(indent, width, |indent| nested(key, indent, out));
                // The value stands on its key's line, unless it is long.
                out.pop();
                out.extend_from_slice(b" => ");
                deeper(indent, width, |indent| {
                    if is_long(value) {
                        out.push(b'\n');
                        out.extend_from_slice(indent.as_bytes());
                    }
                    nested(value, indent, out);
                });
            }
            return;
        }
    }
    out.push(b'\n');
}

/// Tells whether a value of a map takes more than a line: more than one scalar is in it.
fn is_long(value: &Reply) -> bool {
    match value {
        Reply::Array(items) | Reply::Set(items) | Reply::Push(items) => {
            items.len() > 1 || items.first().is_some_and(is_long)
        }
        Reply::Map(pairs) => pairs.len() > 1 || pairs.first().is_some_and(|(_, value)| is_long(value)),
        _ => false,
    }
}

fn tagged(tag: &str, text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(tag.as_bytes());
    out.extend_from_slice(text);
}

fn list(items: &[Reply], sign: char, indent: &mut String, out: &mut Vec<u8>) {
    let width = digits(items.len());
    for (index, item) in items.iter().enumerate() {
        number(index, sign, width, indent, out);
        deeper(indent, width, |indent| nested(item, indent, out));
    }
}

fn number(index: usize, sign: char, width: usize, indent: &str, out: &mut Vec<u8>) {
    let indent = if index == 0 { "" } else { indent };
    out.extend_from_slice(format!("{indent}{:width$}{sign} ", index + 1).as_bytes());
}

fn deeper(indent: &mut String, width: usize, body: impl FnOnce(&mut String)) {
    let before = indent.len();
    indent.extend(std::iter::repeat_n(' ', width + 2));
    body(indent);
    indent.truncate(before);
}

fn digits(count: usize) -> usize {
    count.to_string().len()
}

/// Writes `text` in quotes, so that it can be typed again. Unlike redis-cli it leaves UTF-8 as it is.
pub fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '"' | '\\' => out.extend_from_slice(&[b'\\', letter as u8]),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\x07' => out.extend_from_slice(b"\\a"),
                '\x08' => out.extend_from_slice(b"\\b"),
                // Marks that turn the direction of writing could show a text as another.
                letter if letter.is_control() || is_turning(letter) => {
                    let mut bytes = [0; 4];
                    escape(letter.encode_utf8(&mut bytes).as_bytes(), out);
                }
                letter => {
                    let mut bytes = [0; 4];
                    out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
                }
            }
        }
        escape(chunk.invalid(), out);
    }
    out.push(b'"');
}

fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
    }
}

fn is_turning(letter: char) -> bool {
    matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], as_raw: bool) -> String {
        let (reply, _) = Reply::parse(bytes).unwrap().unwrap();
        let mut out = Vec::new();
        if as_raw {
            raw(&reply, &mut out)
        } else {
            pretty(&reply, &mut out)
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn replies_look_as_in_redis_cli() {
        for (bytes, want) in [
            (&b":1\r\n"[..], "(integer) 1\n"),
            (b"$-1\r\n", "(nil)\n"),
            (b"+OK\r\n", "OK\n"),
            (b"-WRONGTYPE x\r\n", "(error) WRONGTYPE x\n"),
            (b",3.5\r\n", "(double) 3.5\n"),
            (b"#f\r\n", "(false)\n"),
            (b"=7\r\ntxt:a\nb\r\n", "a\nb\n"),
            (b"*0\r\n", "(empty array)\n"),
            (b"%0\r\n", "(empty hash)\n"),
            (b"~0\r\n", "(empty set)\n"),
            (b"*2\r\n$1\r\na\r\n$1\r\nb\r\n", "1) \"a\"\n2) \"b\"\n"),
            (b"%1\r\n$1\r\nk\r\n$1\r\nv\r\n", "1# \"k\" => \"v\"\n"),
            (b"~1\r\n$1\r\nk\r\n", "1~ \"k\"\n"),
            (b"*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", "1) 1) (integer) 1\n   2) (integer) 2\n2) (integer) 3\n"),
        ] {
            assert_eq!(shown(bytes, false), want);
        }
    }

    #[test]
    fn numbers_are_aligned_and_nesting_is_indented() {
        let mut bytes = b"*10\r\n".to_vec();
        bytes.extend_from_slice(&b":0\r\n".repeat(9));
        bytes.extend_from_slice(b"*2\r\n:1\r\n:2\r\n");
        let text = shown(&bytes, false);
        assert!(text.starts_with(" 1) (integer) 0\n 2) "), "{text}");
        assert!(text.ends_with("10) 1) (integer) 1\n    2) (integer) 2\n"), "{text}");
    }

    #[test]
    fn what_is_quoted_can_be_typed_again() {
        let text = b"a\"b\\c\n\r\t\x07\x08\x00\x7f\xff\xc3\xa9\xe2\x80\xae end";
        let mut quoted = Vec::new();
        quote(text, &mut quoted);
        let want = "\"a\\\"b\\\\c\\n\\r\\t\\a\\b\\x00\\x7f\\xffé\\xe2\\x80\\xae end\"";
        assert_eq!(String::from_utf8(quoted.clone()).unwrap(), want);
        assert_eq!(tenondb::resp::split_words(&quoted), Some(vec![text.to_vec()]));
    }

    #[test]
    fn raw_is_for_programs() {
        assert_eq!(shown(b"$3\r\na\"b\r\n", true), "a\"b\n");
        assert_eq!(shown(b"_\r\n", true), "\n");
        assert_eq!(shown(b"*3\r\n:1\r\n*1\r\n+x\r\n_\r\n", true), "1\nx\n\n");
        assert_eq!(shown(b"%2\r\n+a\r\n:1\r\n+b\r\n,2.5\r\n", true), "a 1\nb 2.5\n");
    }
}
