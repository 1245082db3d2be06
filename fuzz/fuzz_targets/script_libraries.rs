//! Any bytes: what scripts are given as JSON, as MessagePack or as a structure is refused or becomes values, which are written again.
#![no_main]
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tenondb::{Clock, Db, Options};

static DB: LazyLock<Db> = LazyLock::new(|| {
    Db::with(Options { clock: Clock::manual(1_000_000), threads: 0, seed: Some(1), stripes: 1, ..Options::default() })
});

/// The first byte says which library, so that the rest is all its own.
const SCRIPT: &str = "
    local which, rest = ARGV[1]:byte() or 0, ARGV[1]:sub(2)
    local json = cjson.new()
    json.decode_invalid_numbers(which % 8 > 3)
    json.encode_invalid_numbers(true)
    json.encode_sparse_array(true)
    local values
    if which % 4 == 0 then
        values = {pcall(json.decode, rest)}
    elseif which % 4 == 1 then
        values = {pcall(cmsgpack.unpack, rest)}
    elseif which % 4 == 2 then
        values = {pcall(struct.unpack, rest:sub(1, 16), rest:sub(17))}
    else
        values = {pcall(struct.pack, rest, which, which / 3, rest, -which, 2 ^ which, rest)}
    end
    if not values[1] then return 0 end
    local packed = cmsgpack.pack(values)
    -- What has no bytes of its own is nil, and gone after the first way there and back.
    local ok, again = pcall(function() return cmsgpack.pack(cmsgpack.unpack(packed)) end)
    if ok then assert(#cmsgpack.pack(cmsgpack.unpack(again)) == #again) end
    pcall(json.encode, values)
    return 1
";

fuzz_target!(|bytes: &[u8]| {
    let reply = DB.call([&b"EVAL"[..], SCRIPT.as_bytes(), b"0", bytes]);
    assert!(reply.is_ok(), "{reply:?}");
});
