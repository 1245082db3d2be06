/*
** Lua 5.1.5 and the layer that Rust stands on, as one unit: everything of Lua is private to it, so that a process
** that has another Lua in it has no symbol twice.
**
**   Rust: Frame, State ──▶ tn_… (layer.c) ──▶ Lua's internals (puc/)
**   Lua code ──▶ native() (layer.c) ──▶ Rust: a native, which returns a status ──▶ native() raises, if need be
**
** An error of Lua is a longjmp. None ever passes a frame of Rust: while Rust runs, nothing of what it calls can raise.
*/
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#define luaall_c
#define LUA_CORE
#define LUA_LIB

/* The system's before Lua's, which have macros of short names. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The jumps of POSIX leave the signal mask alone. */
#if !defined(_WIN32)
#define LUA_USE_ULONGJMP
#endif

#include "../puc/luaconf.h"
#undef LUA_API
#define LUA_API static
#undef LUALIB_API
#define LUALIB_API static

/* The only data of Lua with names for the linker. */
#define luaO_nilobject_ tenon_luaO_nilobject_
#define luaT_typenames tenon_luaT_typenames
#define luaX_tokens tenon_luaX_tokens
#define luaP_opmodes tenon_luaP_opmodes
#define luaP_opnames tenon_luaP_opnames
#define lua_ident tenon_lua_ident

#include "../puc/lua.h"

/* Raises when the script has to stop: for what takes long without running a line of Lua. */
static void tn_poll (lua_State *L);

#include "../puc/lapi.c"
#include "../puc/lcode.c"
#include "../puc/ldebug.c"
#include "../puc/ldo.c"
#include "../puc/ldump.c"
#include "../puc/lfunc.c"
#include "../puc/lgc.c"
#include "../puc/llex.c"
#include "../puc/lmem.c"
#include "../puc/lobject.c"
#include "../puc/lopcodes.c"
#include "../puc/lparser.c"
#include "../puc/lstate.c"
#include "../puc/lstring.c"
#include "../puc/ltable.c"
#include "../puc/ltm.c"
#include "../puc/lundump.c"
#include "../puc/lvm.c"
#include "../puc/lzio.c"

#include "../puc/lauxlib.c"
#include "../puc/lbaselib.c"
#include "../puc/lmathlib.c"
#include "../puc/lstrlib.c"
#include "../puc/ltablib.c"

#include "layer.c"
