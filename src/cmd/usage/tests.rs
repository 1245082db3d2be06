//! Tests of the usage grammar.
//! Usage lines of real commands, read and written again.
use super::*;

fn tree(line: &str) -> Usage<'_> {
    Usage::parse(line).unwrap_or_else(|fault| panic!("{line}: {fault}"))
}

fn token(word: &str) -> Usage<'_> {
    Usage::Token(word)
}

fn place(word: &str) -> Usage<'_> {
    Usage::Placeholder(word)
}

fn maybe(part: Usage<'_>) -> Usage<'_> {
    Usage::Optional(Box::new(part))
}

fn many(part: Usage<'_>) -> Usage<'_> {
    Usage::Repeat(Box::new(part))
}

#[test]
fn words_and_alternatives() {
    assert_eq!(tree(""), Usage::Sequence(vec![]));
    assert_eq!(tree("key"), place("key"));
    assert_eq!(
        tree("key <milliseconds | PX ms>"),
        Usage::Sequence(vec![
            place("key"),
            Usage::OneOf(vec![place("milliseconds"), Usage::Sequence(vec![token("PX"), place("ms")])]),
        ])
    );
    assert_eq!(
        tree("[NX | XX] <* | id>"),
        Usage::Sequence(vec![
            maybe(Usage::OneOf(vec![token("NX"), token("XX")])),
            Usage::OneOf(vec![token("*"), place("id")]),
        ])
    );
}

#[test]
fn repetition_joins_what_it_repeats() {
    assert_eq!(tree("key [key ...]"), many(place("key")));
    let pair = Usage::Sequence(vec![place("score"), place("member")]);
    assert_eq!(
        tree("key [INCR] score member [score member ...]"),
        Usage::Sequence(vec![place("key"), maybe(token("INCR")), many(pair)])
    );
    let get = Usage::Sequence(vec![token("GET"), place("pattern")]);
    assert_eq!(tree("[GET pattern [GET pattern ...]]"), maybe(many(get)));
    assert_eq!(
        tree("WEIGHTS weight [weight ...]"),
        Usage::Sequence(vec![token("WEIGHTS"), many(place("weight"))])
    );
    // Not the same as what stands before: any number of them.
    assert_eq!(tree("key [field ...]"), Usage::Sequence(vec![place("key"), maybe(many(place("field")))]));
}

#[test]
fn nested_options_keep_their_order() {
    assert_eq!(
        tree("key [count [WITHVALUES]]"),
        Usage::Sequence(vec![
            place("key"),
            maybe(Usage::Sequence(vec![place("count"), maybe(token("WITHVALUES"))])),
        ])
    );
    let line = "[protover [AUTH username password] [SETNAME clientname]]";
    let Usage::Optional(hello) = tree(line) else { panic!("not optional") };
    assert_eq!(hello.parts().len(), 3);
}

#[test]
fn broken_lines_are_refused() {
    for line in
        ["[key", "<a | b", "key]", "a>", "[a >]", "...", "[...]", "[a ... b]", "a ... ...", "a ... [b]"]
    {
        assert!(Usage::parse(line).is_err(), "{line}");
    }
    assert!(Usage::parse("a ... | b ...").is_ok());
}

/// A fuzzer found the line that took minutes to write: each repeated part is written twice, and one in another four times.
#[test]
fn brackets_stand_in_one_another_eight_times_at_most() {
    let nested = |depth: usize| format!("{}a ...{}", "[".repeat(depth), "] ...".repeat(depth - 1) + "]");
    assert!(tree(&nested(8)).to_string().len() < 4096);
    assert_eq!(Usage::parse(&nested(9)), Err("brackets stand too deep"));
}

#[test]
fn lengths_and_tokens() {
    let zadd = tree("key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]");
    assert_eq!((zadd.words_min(), zadd.words_max()), (3, None));
    let getex = tree(
        "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]",
    );
    assert_eq!((getex.words_min(), getex.words_max()), (1, Some(3)));
    let mut tokens = Vec::new();
    zadd.each_token(&mut |word| tokens.push(word));
    assert_eq!(tokens, ["NX", "XX", "GT", "LT", "CH", "INCR"]);
}

/// Lines of real commands: what is read is written again the same way.
const LINES: &[&str] = &[
    "",
    "key",
    "key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
    "key field value [field value ...]",
    "key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
    "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]",
    "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
    "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
    "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
    "numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | KEEPTTL]",
    "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
    "[[NOSAVE | SAVE] [NOW] [FORCE] [SAFE] [FAILOVER] | ABORT]",
    "key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]",
    "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
    "<ip:port | <[ID client-id [client-id ...]] | [TYPE <NORMAL | PUBSUB>] | [SKIPME <YES | NO>]> [<[ID client-id [client-id ...]] | [TYPE <NORMAL | PUBSUB>] | [SKIPME <YES | NO>]> ...]>",
];

#[test]
fn real_lines_survive_the_way_there_and_back() {
    for line in LINES {
        assert_eq!(tree(line).to_string(), *line);
    }
}
