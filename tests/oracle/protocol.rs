//! Bytes that are no commands, or not quite: what comes back, and whether the connection is closed.
//!
//! Inline commands with a NUL are left out (a server that looks for the end of a line with `strchr` waits for it for ever), and
//! with a byte of 255 (which Valkey skips).
use crate::{chance::Chance, side::Side, tnt::text::quote};

/// Requests as they should not be, or seldom are.
const CASES: &[&[u8]] = &[
    b"PING\r\n",
    b"PING\n",
    b"\r\nPING\r\n",
    b"\n\n\nPING\n",
    b"   PING   \r\n",
    b"ping \"a b\"\r\n",
    b"PING 'a\\'b'\r\n",
    b"PING \"\\x41\\n\\t\\\\\"\r\n",
    b"PING \"a\r\n",
    b"PING \"a\"b\r\n",
    b"PING 'a\r\nPING\r\n",
    b"PING a\"b c\"d'e f'\r\n",
    b"PING ''\"\"\r\n",
    b"\"PING\" \"\" ''\r\n",
    b"PING \"\\xzz\\x4\"\r\n",
    b"*1\r\n$4\r\nPING\r\n",
    b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
    b"*0\r\nPING\r\n",
    b"*-1\r\nPING\r\n",
    b"*-10\r\nPING\r\n",
    b"*1\r\n",
    b"*\r\nPING\r\n",
    b"*x\r\nPING\r\n",
    b"*1x\r\n$4\r\nPING\r\n",
    b"* 1\r\n$4\r\nPING\r\n",
    b"*+1\r\n$4\r\nPING\r\n",
    b"*01\r\n$4\r\nPING\r\n",
    b"*1048576\r\n",
    b"*1048577\r\n",
    b"*2147483647\r\n",
    b"*2147483648\r\n",
    b"*9223372036854775808\r\n",
    b"*1\r\n$-1\r\n",
    b"*1\r\n$0\r\n\r\n",
    b"*2\r\n$4\r\nPING\r\n$0\r\n\r\n",
    b"*1\r\n$x\r\n",
    b"*1\r\n$\r\n",
    b"*1\r\n$4x\r\nPING\r\n",
    b"*1\r\n$ 4\r\nPING\r\n",
    b"*1\r\n$04\r\nPING\r\n",
    b"*1\r\n:5\r\n",
    b"*1\r\n+PING\r\n",
    b"*1\r\nPING\r\n",
    b"*1\r\n\r\n",
    b"*1\r\n*1\r\n$4\r\nPING\r\n",
    b"*1\r\n$536870912\r\n",
    b"*1\r\n$536870913\r\n",
    b"*1\r\n$1000000000\r\n",
    b"*1\r\n$2147483648\r\n",
    b"*1\r\n$9223372036854775808\r\n",
    b"$4\r\nPING\r\n",
    b"+PING\r\n",
    b":1\r\n",
    b"%1\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\n\r\n",
    b"HOST: x\r\n",
    b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$x\r\n",
    b"NOSUCH \"a\\r\\nb\"\r\n",
    b"*2\r\n$6\r\nNO\r\nSU\r\n$3\r\na\nb\r\n",
    b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n",
];

/// Sends each case to both sides on a connection of its own; returns what differs, and how many were compared.
pub fn check(ours: &mut dyn Side, theirs: &mut dyn Side, seed: u64, spoiled: usize) -> (Vec<String>, usize) {
    let mut faults = Vec::new();
    let mut cases: Vec<Vec<u8>> = CASES.iter().map(|case| case.to_vec()).collect();
    // An inline command without an end, and a number without one.
    cases.push(vec![b'a'; 70_000]);
    cases.push([&b"*"[..], &[b'1'; 70_000]].concat());
    cases.push([&b"*1\r\n$"[..], &[b'1'; 70_000]].concat());
    let chance = &mut Chance::new(seed);
    cases.extend((0..spoiled).map(|_| spoil(chance)));
    for case in &cases {
        ours.start(&[]);
        theirs.start(&[]);
        let mine = ours.exchange_raw(case, &|_, _| true);
        let other =
            theirs.exchange_raw(case, &|bytes, closed| bytes.len() >= mine.0.len() && closed >= mine.1);
        if mine != other {
            let same = mine.0.iter().zip(&other.0).take_while(|(a, b)| a == b).count();
            let from = if same > 60 { same - 20 } else { 0 };
            let short = |bytes: &[u8]| quote(&bytes[from.min(bytes.len())..bytes.len().min(from + 200)]);
            let show = |(bytes, closed): &(Vec<u8>, bool)| {
                format!("{}{}", short(bytes), if *closed { " and closed" } else { "" })
            };
            faults.push(format!(
                "{}\n    ours   {}\n    theirs {}",
                quote(&case[..case.len().min(200)]),
                show(&mine),
                show(&other)
            ));
        }
    }
    (faults, cases.len())
}

/// A few good commands with some bytes changed, taken out or put in.
fn spoil(chance: &mut Chance) -> Vec<u8> {
    let mut wire = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nthere\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING \"a b\"\r\n*1\r\n$4\r\nPING\r\n".to_vec();
    for _ in 0..1 + chance.below(2) {
        let at = chance.below(wire.len());
        match chance.below(4) {
            0 => drop(wire.remove(at)),
            1 => wire.insert(
                at,
                *chance.pick(&[b"\r", b"\n", b"*", b"$", b"1", b"-", b"\"", b" "]).first().unwrap_or(&b'x'),
            ),
            2 => {
                wire[at] =
                    *chance.pick(&[b"\r", b"\n", b"*", b"$", b"9", b"-", b"'", b"x"]).first().unwrap_or(&b'x')
            }
            _ => wire.truncate(at),
        }
    }
    wire
}
