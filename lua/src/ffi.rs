//! The functions of `c/layer.c`, and what both sides share.
use std::{
    ffi::{c_char, c_int, c_void},
    sync::atomic::AtomicU32,
};

/// A `lua_State`: a coroutine, or the main one.
#[repr(C)]
pub struct Lua {
    _opaque: [u8; 0],
}

/// `tn_host`: one for every state.
#[repr(C)]
pub struct Shared {
    pub used: usize,
    pub used_max: usize,
    pub rust: usize,
    pub threshold: usize,
    pub stop: *const AtomicU32,
    pub call: Option<unsafe extern "C" fn(*mut Lua, *mut c_void) -> c_int>,
    pub look: Option<unsafe extern "C" fn(*mut c_void)>,
    pub state: *mut c_void,
    pub globals: *mut c_void,
}

const _: () = assert!(size_of::<Shared>() == 9 * size_of::<usize>());

pub const RAISE_TOP: c_int = -1;
pub const RAISE_TEXT: c_int = -2;
pub const RAISE_ARGUMENT: c_int = -3;
pub const RAISE_MEMORY: c_int = -4;

/// `LUA_ERRMEM`: the error on the stack is a plain text, noted by nobody.
pub const OUT_OF_MEMORY: c_int = 4;

// SAFETY: each is defined in `c/layer.c` with this signature.
unsafe extern "C" {
    pub fn tn_host_of(lua: *mut Lua) -> *mut Shared;
    pub fn tn_len(lua: *mut Lua) -> c_int;
    pub fn tn_kind(lua: *mut Lua, at: c_int) -> c_int;
    pub fn tn_truth(lua: *mut Lua, at: c_int) -> c_int;
    pub fn tn_number(lua: *mut Lua, at: c_int) -> f64;
    pub fn tn_bytes(lua: *mut Lua, at: c_int, len: *mut usize) -> *const u8;
    pub fn tn_to_number(lua: *mut Lua, at: c_int, to: *mut f64) -> c_int;
    pub fn tn_to_bytes(lua: *mut Lua, at: c_int, len: *mut usize) -> *const u8;
    pub fn tn_light(lua: *mut Lua, at: c_int, to: *mut usize) -> c_int;
    pub fn tn_room(lua: *mut Lua, n: usize) -> c_int;
    pub fn tn_is_stopped(lua: *mut Lua) -> c_int;
    pub fn tn_memory_left(lua: *mut Lua) -> usize;
    pub fn tn_raw_len(lua: *mut Lua, at: c_int) -> usize;
    pub fn tn_identity(lua: *mut Lua, at: c_int) -> usize;
    pub fn tn_push_nil(lua: *mut Lua) -> c_int;
    pub fn tn_push_bool(lua: *mut Lua, value: c_int) -> c_int;
    pub fn tn_push_number(lua: *mut Lua, value: f64) -> c_int;
    pub fn tn_push_bytes(lua: *mut Lua, bytes: *const u8, len: usize) -> c_int;
    pub fn tn_push_light(lua: *mut Lua, value: usize) -> c_int;
    pub fn tn_push_table(lua: *mut Lua, array: usize, hash: usize) -> c_int;
    pub fn tn_push_copy(lua: *mut Lua, at: c_int) -> c_int;
    pub fn tn_push_native(lua: *mut Lua, function: *mut c_void, upvalues: usize) -> c_int;
    pub fn tn_push_upvalue(lua: *mut Lua, n: usize) -> c_int;
    pub fn tn_push_metatable(lua: *mut Lua, at: c_int) -> c_int;
    pub fn tn_set_metatable(lua: *mut Lua, at: c_int) -> c_int;
    pub fn tn_truncate(lua: *mut Lua, len: usize);
    pub fn tn_insert(lua: *mut Lua, at: c_int);
    pub fn tn_remove(lua: *mut Lua, at: c_int);
    pub fn tn_replace(lua: *mut Lua, at: c_int);
    pub fn tn_raw_get(lua: *mut Lua, at: c_int);
    pub fn tn_raw_get_index(lua: *mut Lua, at: c_int, n: c_int) -> c_int;
    pub fn tn_raw_get_field(lua: *mut Lua, at: c_int, name: *const u8, len: usize) -> c_int;
    pub fn tn_raw_set(lua: *mut Lua, at: c_int) -> c_int;
    pub fn tn_raw_set_index(lua: *mut Lua, at: c_int, n: c_int) -> c_int;
    pub fn tn_raw_set_field(lua: *mut Lua, at: c_int, name: *const u8, len: usize) -> c_int;
    pub fn tn_next(lua: *mut Lua, at: c_int, cursor: *mut usize) -> c_int;

    pub fn tn_open(shared: *mut Shared) -> *mut Lua;
    pub fn tn_close(lua: *mut Lua);
    pub fn tn_set_global(lua: *mut Lua, name: *const u8, len: usize) -> c_int;
    pub fn tn_push_global(lua: *mut Lua, name: *const u8, len: usize) -> c_int;
    pub fn tn_seal(lua: *mut Lua) -> c_int;
    pub fn tn_load(lua: *mut Lua, text: *const u8, len: usize, name: *const c_char, place: c_int) -> c_int;
    pub fn tn_unload(lua: *mut Lua, place: c_int);
    pub fn tn_run(lua: *mut Lua, place: c_int) -> c_int;
    pub fn tn_rest(lua: *mut Lua);
}
