/*
** What Rust may do with a Lua state: the whole list, each of them safe to call from Rust, because
**
**   - the collector stands still and allocation does not fail while Rust runs (`rust` below is not 0);
**   - room on the stack is seen to, an index that is not there is answered, and not followed;
**   - nothing here runs a metamethod, except tn_run, which is protected.
*/
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>
#if !defined(_WIN32)
#include <locale.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif
#define TN_LOCALES
#endif

/* Above so many slots a table is as large as Rust makes it: Lua itself would raise some doublings later. */
#define TABLE_BITS_MAX 24

/* Instructions between two looks at whether the script has to stop. */
#define LOOK_EVERY 100000

/* How a native of Rust ends, when it does not return results. */
#define RAISE_TOP (-1)
#define RAISE_TEXT (-2)
#define RAISE_ARGUMENT (-3)
#define RAISE_MEMORY (-4)

/* One for every state, shared with Rust: src/ffi.rs has the same fields. */
typedef struct tn_host {
  size_t used;             /* bytes that Lua has allocated */
  size_t used_max;         /* above so many, allocation fails – but not for Rust */
  size_t rust;             /* Rust runs: how deeply */
  size_t threshold;        /* the collector's, while it stands still at rest */
  const uint32_t *stop;    /* odd: the script has to stop */
  int (*call) (lua_State *L, void *native);
  void (*look) (void *state);  /* called now and then by a script that runs; of Rust */
  void *state;             /* Rust's side */
  Table *globals;
} tn_host;

static tn_host *host_of (lua_State *L) {
  return (tn_host *)G(L)->ud;
}

static void *allocate (void *ud, void *block, size_t old_bytes, size_t new_bytes) {
  tn_host *host = (tn_host *)ud;
  void *made;
  if (new_bytes == 0) {
    free(block);
    host->used -= old_bytes;
    return NULL;
  }
  if (new_bytes > old_bytes && host->rust == 0
      && (new_bytes > host->used_max || host->used - old_bytes > host->used_max - new_bytes))
    return NULL;
  made = realloc(block, new_bytes);
  if (made == NULL) {
    if (new_bytes <= old_bytes) return block;
    if (host->rust != 0) abort();  /* as any allocation of Rust */
    return NULL;
  }
  host->used += new_bytes - old_bytes;
  return made;
}

/* {======================================================================
** Stopping
** ======================================================================= */

static void stop_hook (lua_State *L, lua_Debug *ar);

/* From here on every line of every coroutine raises: no pcall holds it up. */
static void stop_everything (lua_State *L) {
  GCObject *o;
  for (o = G(L)->rootgc; o != NULL; o = o->gch.next)
    if (o->gch.tt == LUA_TTHREAD) lua_sethook(gco2th(o), stop_hook, LUA_MASKLINE, 0);
  lua_sethook(G(L)->mainthread, stop_hook, LUA_MASKLINE, 0);
}

/* Adds to the error on the top where the innermost function of Lua is. */
static void add_place (lua_State *L, int level) {
  lua_Debug ar;
  do {
    if (!lua_getstack(L, level++, &ar) || !lua_getinfo(L, "Sl", &ar)) return;
  } while (*ar.what == 'C');
  lua_pushstring(L, ar.source);
  lua_setfield(L, -2, "source");
  lua_pushinteger(L, ar.currentline);
  lua_setfield(L, -2, "line");
}

static void raise_stopped (lua_State *L) {
  stop_everything(L);
  luaD_checkstack(L, LUA_MINSTACK);
  lua_newtable(L);
  lua_pushliteral(L, "ERR Script killed by user with SCRIPT KILL.");
  lua_setfield(L, -2, "err");
  add_place(L, 0);
  /* A handler of the script's would run inside the hook, where no other hook stops it. */
  L->errfunc = 0;
  lua_error(L);
}

static int has_to_stop (lua_State *L) {
  const uint32_t *stop = host_of(L)->stop;
  return stop != NULL && (__atomic_load_n(stop, __ATOMIC_RELAXED) & 1) != 0;
}

static void tn_poll (lua_State *L) {
  if (has_to_stop(L)) raise_stopped(L);
}

static void stop_hook (lua_State *L, lua_Debug *ar) {
  tn_host *host = host_of(L);
  (void)ar;
  if (host->look != NULL && host->rust == 0) {
    host->rust++;
    host->look(host->state);
    host->rust--;
  }
  if (has_to_stop(L)) raise_stopped(L);
}

/* }====================================================================== */

/* {======================================================================
** Natives: functions of Rust that Lua calls
** ======================================================================= */

static int native (lua_State *L) {
  tn_host *host = host_of(L);
  global_State *g = G(L);
  size_t threshold = g->GCthreshold;
  int status;
  g->GCthreshold = MAX_LUMEM;
  host->rust++;
  status = host->call(L, pvalue(&curr_func(L)->c.upvalue[0]));
  host->rust--;
  g->GCthreshold = threshold;
  /* Whatever it says: it may have given up because of this. And a script of slow commands comes by the hook too rarely. */
  if (has_to_stop(L)) raise_stopped(L);
  if (status >= 0) {
    luaC_checkGC(L);
    if (host->used > host->used_max) {
      luaC_fullgc(L);
      if (host->used > host->used_max) luaD_throw(L, LUA_ERRMEM);
    }
    return status;
  }
  if (status == RAISE_MEMORY) luaD_throw(L, LUA_ERRMEM);
  if (status == RAISE_TEXT) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  else if (status == RAISE_ARGUMENT)
    return luaL_argerror(L, (int)lua_tointeger(L, -2), lua_tostring(L, -1));
  return lua_error(L);
}

/* The value at an index that counts from 1 or back from -1; NULL: there is none. */
static TValue *value_at (lua_State *L, int at) {
  if (at > 0) return at <= L->top - L->base ? L->base + (at - 1) : NULL;
  return at < 0 && -(ptrdiff_t)at <= L->top - L->base ? L->top + at : NULL;
}

static Table *table_at (lua_State *L, int at) {
  TValue *o = value_at(L, at);
  return o != NULL && ttistable(o) ? hvalue(o) : NULL;
}

static int has_room (lua_State *L) {
  return L->top < L->ci->top || lua_checkstack(L, 1);
}

static int clamped (size_t hint) {
  return hint > (1 << 20) ? (1 << 20) : (int)hint;
}

void *tn_host_of (lua_State *L) { return host_of(L); }
int tn_len (lua_State *L) { return cast_int(L->top - L->base); }

int tn_kind (lua_State *L, int at) {
  TValue *o = value_at(L, at);
  return o == NULL ? LUA_TNONE : ttype(o);
}

int tn_truth (lua_State *L, int at) {
  TValue *o = value_at(L, at);
  return o != NULL && !l_isfalse(o);
}

/* Only for numbers. */
double tn_number (lua_State *L, int at) { return nvalue(value_at(L, at)); }

/* Only for strings. */
const char *tn_bytes (lua_State *L, int at, size_t *len) {
  TString *s = rawtsvalue(value_at(L, at));
  *len = s->tsv.len;
  return getstr(s);
}

int tn_to_number (lua_State *L, int at, double *to) {
  TValue n;
  const TValue *o = value_at(L, at);
  if (o == NULL || !tonumber(o, &n)) return 0;
  *to = nvalue(o);
  return 1;
}

const char *tn_to_bytes (lua_State *L, int at, size_t *len) {
  TValue *o = value_at(L, at);
  if (o == NULL || !(ttisstring(o) || luaV_tostring(L, o))) return NULL;
  return tn_bytes(L, at, len);
}

int tn_light (lua_State *L, int at, size_t *to) {
  TValue *o = value_at(L, at);
  if (o == NULL || !ttislightuserdata(o)) return 0;
  *to = (size_t)pvalue(o);
  return 1;
}

/* lua_checkstack, as the libraries of C have it. */
int tn_room (lua_State *L, size_t n) { return n <= LUAI_MAXCSTACK && lua_checkstack(L, (int)n); }

/* For natives that take long. */
int tn_is_stopped (lua_State *L) { return has_to_stop(L); }

/* What Lua may still allocate. */
size_t tn_memory_left (lua_State *L) {
  tn_host *host = host_of(L);
  return host->used < host->used_max ? host->used_max - host->used : 0;
}

size_t tn_raw_len (lua_State *L, int at) {
  TValue *o = value_at(L, at);
  if (o == NULL) return 0;
  switch (ttype(o)) {
    case LUA_TSTRING: return tsvalue(o)->len;
    case LUA_TUSERDATA: return uvalue(o)->len;
    case LUA_TTABLE: return luaH_getn(hvalue(o));
    default: return 0;
  }
}

size_t tn_identity (lua_State *L, int at) {
  return value_at(L, at) == NULL ? 0 : (size_t)lua_topointer(L, at);
}

int tn_push_nil (lua_State *L) {
  if (!has_room(L)) return 0;
  setnilvalue(L->top);
  api_incr_top(L);
  return 1;
}

int tn_push_bool (lua_State *L, int value) {
  if (!has_room(L)) return 0;
  setbvalue(L->top, value != 0);
  api_incr_top(L);
  return 1;
}

int tn_push_number (lua_State *L, double value) {
  if (!has_room(L)) return 0;
  setnvalue(L->top, value);
  api_incr_top(L);
  return 1;
}

int tn_push_bytes (lua_State *L, const char *bytes, size_t len) {
  /* The longest that Lua can count the block of. */
  if (len >= INT_MAX || !has_room(L)) return 0;
  setsvalue2s(L, L->top, luaS_newlstr(L, bytes, len));
  api_incr_top(L);
  return 1;
}

int tn_push_light (lua_State *L, size_t value) {
  if (!has_room(L)) return 0;
  setpvalue(L->top, (void *)value);
  api_incr_top(L);
  return 1;
}

int tn_push_table (lua_State *L, size_t array, size_t hash) {
  if (!has_room(L)) return 0;
  sethvalue(L, L->top, luaH_new(L, clamped(array), clamped(hash)));
  api_incr_top(L);
  return 1;
}

int tn_push_copy (lua_State *L, int at) {
  if (value_at(L, at) == NULL || !has_room(L)) return 0;
  setobj2s(L, L->top, value_at(L, at));
  api_incr_top(L);
  return 1;
}

/* A function of Rust, with the topmost values as its upvalues. */
int tn_push_native (lua_State *L, void *function, size_t upvalues) {
  if (upvalues > 200 || (ptrdiff_t)upvalues > L->top - L->base || !has_room(L)) return 0;
  setpvalue(L->top, function);
  api_incr_top(L);
  lua_insert(L, -(int)upvalues - 1);
  lua_pushcclosure(L, native, (int)upvalues + 1);
  return 1;
}

int tn_push_upvalue (lua_State *L, size_t n) {
  Closure *running;
  if (L->ci == L->base_ci || !has_room(L)) return 0;
  running = curr_func(L);
  if (!running->c.isC || n == 0 || n >= running->c.nupvalues) return 0;
  setobj2s(L, L->top, &running->c.upvalue[n]);
  api_incr_top(L);
  return 1;
}

/* 1: pushed; 0: there is none; -1: no room. */
int tn_push_metatable (lua_State *L, int at) {
  if (value_at(L, at) == NULL) return 0;
  if (!has_room(L)) return -1;
  return lua_getmetatable(L, at);
}

int tn_set_metatable (lua_State *L, int at) {
  Table *t = table_at(L, at);
  TValue *top = L->top - 1;
  if (t == NULL || t->readonly || L->top == L->base || !(ttistable(top) || ttisnil(top))) return 0;
  return lua_setmetatable(L, at);
}

void tn_truncate (lua_State *L, size_t len) {
  if ((ptrdiff_t)len < L->top - L->base) L->top = L->base + len;
}

void tn_insert (lua_State *L, int at) { if (value_at(L, at) != NULL) lua_insert(L, at); }
void tn_remove (lua_State *L, int at) { if (value_at(L, at) != NULL) lua_remove(L, at); }
void tn_replace (lua_State *L, int at) { if (value_at(L, at) != NULL) lua_replace(L, at); }

void tn_raw_get (lua_State *L, int at) {
  Table *t = table_at(L, at);
  if (L->top == L->base) return;
  if (t == NULL) setnilvalue(L->top - 1);
  else setobj2s(L, L->top - 1, luaH_get(t, L->top - 1));
}

int tn_raw_get_index (lua_State *L, int at, int n) {
  Table *t = table_at(L, at);
  if (!has_room(L)) return 0;
  if (t == NULL) setnilvalue(L->top);
  else setobj2s(L, L->top, luaH_getnum(t, n));
  api_incr_top(L);
  return 1;
}

int tn_raw_get_field (lua_State *L, int at, const char *name, size_t len) {
  Table *t;
  if (!has_room(L)) return 0;
  t = table_at(L, at);
  if (t == NULL) setnilvalue(L->top);
  else setobj2s(L, L->top, luaH_getstr(t, luaS_newlstr(L, name, len)));
  api_incr_top(L);
  return 1;
}

/* Why a table does not take a value: src/frame.rs has the texts. */
static int refuses (lua_State *L, const Table *t, const TValue *key) {
  if (t == NULL) return 1;
  if (t->readonly) return 2;
  if (key != NULL && ttisnil(key)) return 3;
  if (key != NULL && ttisnumber(key) && luai_numisnan(nvalue(key))) return 4;
  if (t->lsizenode >= TABLE_BITS_MAX || t->sizearray >= (1 << (TABLE_BITS_MAX + 1))) return 5;
  if (host_of(L)->used > host_of(L)->used_max) return 6;
  return 0;
}

int tn_raw_set (lua_State *L, int at) {
  Table *t = table_at(L, at);
  int why;
  if (L->top - L->base < 2) return 1;
  if ((why = refuses(L, t, L->top - 2)) != 0) return why;
  setobj2t(L, luaH_set(L, t, L->top - 2), L->top - 1);
  luaC_barriert(L, t, L->top - 1);
  L->top -= 2;
  return 0;
}

int tn_raw_set_index (lua_State *L, int at, int n) {
  Table *t = table_at(L, at);
  int why;
  if (L->top == L->base) return 1;
  if ((why = refuses(L, t, NULL)) != 0) return why;
  setobj2t(L, luaH_setnum(L, t, n), L->top - 1);
  luaC_barriert(L, t, L->top - 1);
  L->top--;
  return 0;
}

int tn_raw_set_field (lua_State *L, int at, const char *name, size_t len) {
  Table *t = table_at(L, at);
  int why;
  if (L->top == L->base) return 1;
  if ((why = refuses(L, t, NULL)) != 0) return why;
  setobj2t(L, luaH_setstr(L, t, luaS_newlstr(L, name, len)), L->top - 1);
  t->flags = 0;  /* it may be a metatable, and the name an event's */
  luaC_barriert(L, t, L->top - 1);
  L->top--;
  return 0;
}

/* The entry behind the place `cursor`: 1 and its key and value, 0 at the end, -1 without room. Places stay what they are while
** nothing new is put into the table. */
int tn_next (lua_State *L, int at, size_t *cursor) {
  Table *t = table_at(L, at);
  size_t i, len;
  if (t == NULL) return 0;
  if (L->ci->top - L->top < 2 && !lua_checkstack(L, 2)) return -1;
  len = (size_t)t->sizearray + sizenode(t);
  for (i = *cursor; i < len; i++) {
    if (i < (size_t)t->sizearray) {
      if (ttisnil(&t->array[i])) continue;
      setnvalue(L->top, cast_num(i + 1));
      setobj2s(L, L->top + 1, &t->array[i]);
    }
    else {
      Node *node = gnode(t, i - t->sizearray);
      if (ttisnil(gval(node))) continue;
      setobj2s(L, L->top, key2tval(node));
      setobj2s(L, L->top + 1, gval(node));
    }
    L->top += 2;
    *cursor = i + 1;
    return 1;
  }
  *cursor = len;
  return 0;
}

#if defined(TN_LOCALES)
static locale_t plain_locale (void) {
  static locale_t plain;
  locale_t found = __atomic_load_n(&plain, __ATOMIC_ACQUIRE);
  if (found == (locale_t)0) {
    found = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    __atomic_store_n(&plain, found, __ATOMIC_RELEASE);
  }
  return found;
}
#define in_plain_locale(body) \
  { locale_t plain = plain_locale(); \
    locale_t before = plain != (locale_t)0 ? uselocale(plain) : (locale_t)0; \
    body; \
    if (before != (locale_t)0) uselocale(before); }
#else
#define in_plain_locale(body) { body; }
#endif

/* }====================================================================== */

/* {======================================================================
** States
** ======================================================================= */

static int clock_of_processor (lua_State *L) {
  lua_pushnumber(L, (lua_Number)clock() / (lua_Number)CLOCKS_PER_SEC);
  return 1;
}

/* pcall, but an error that is a table with a text in `err` is that text, as it was when commands raised texts. */
static int pcall_with_text (lua_State *L) {
  int given;
  luaL_checkany(L, 1);
  given = lua_gettop(L);
  if (lua_pcall(L, given - 1, LUA_MULTRET, 0) == 0) {
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return lua_gettop(L);
  }
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "err");
    if (lua_isstring(L, -1)) lua_replace(L, -2);
    else lua_pop(L, 1);
  }
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

/* Makes a table of the error, and notes where it was: in the function that raised it, or in the caller of a native. */
static int note_error (lua_State *L) {
  lua_Debug ar;
  int found;
  lua_settop(L, 1);
  found = lua_getstack(L, 1, &ar) && lua_getinfo(L, "Sl", &ar);
  if (found && *ar.what == 'C')
    found = lua_getstack(L, 2, &ar) && lua_getinfo(L, "Sl", &ar);
  if (!lua_istable(L, 1)) {
    lua_newtable(L);
    lua_pushliteral(L, "ERR ");
    lua_getglobal(L, "tostring");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_concat(L, 2);
    lua_setfield(L, 2, "err");
    lua_replace(L, 1);
  }
  if (found) {
    lua_pushstring(L, ar.source);
    lua_setfield(L, 1, "source");
    lua_pushinteger(L, ar.currentline);
    lua_setfield(L, 1, "line");
  }
  return 1;
}

static int no_such_global (lua_State *L) {
  if (!lua_isstring(L, 2)) return luaL_error(L, "Second argument to luaProtectedTableError must be a string or number");
  return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", lua_tostring(L, 2));
}

static void library (lua_State *L, const char *name, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

/* Places in the registry. */
#define NOTE_ERROR 1
#define FIRST_CHUNK 2

static int open_state (lua_State *L) {
  static const char *const absent[] =
    {"dofile", "loadfile", "print", "newproxy", "setfenv", "getfenv", "require", "module", NULL};
  int i;
  library(L, "", luaopen_base);
  library(L, LUA_TABLIBNAME, luaopen_table);
  library(L, LUA_STRLIBNAME, luaopen_string);
  library(L, LUA_MATHLIBNAME, luaopen_math);
  for (i = 0; absent[i] != NULL; i++) {
    lua_pushnil(L);
    lua_setglobal(L, absent[i]);
  }
  lua_newtable(L);
  lua_pushcfunction(L, clock_of_processor);
  lua_setfield(L, -2, "clock");
  lua_setglobal(L, "os");
  lua_pushcfunction(L, pcall_with_text);
  lua_setglobal(L, "pcall");
  lua_pushcfunction(L, note_error);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "__server__err__handler");
  lua_pushvalue(L, -1);
  lua_setglobal(L, "__redis__err__handler");
  lua_rawseti(L, LUA_REGISTRYINDEX, NOTE_ERROR);
  /* From now on they are replaced, which needs no memory. */
  lua_newtable(L);
  lua_setglobal(L, "KEYS");
  lua_newtable(L);
  lua_setglobal(L, "ARGV");
  return 0;
}

/* Everything that a script can reach is read-only from now on, the metatables of strings and the like too. */
static void protect (lua_State *L, Table *t) {
  int i;
  if (t == NULL || t->readonly) return;
  t->readonly = 1;
  for (i = 0; i < sizenode(t); i++) {
    TValue *value = gval(gnode(t, i));
    if (ttistable(value)) protect(L, hvalue(value));
  }
  protect(L, t->metatable);
}

static int seal_state (lua_State *L) {
  int i;
  lua_newtable(L);
  lua_pushcfunction(L, no_such_global);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, LUA_GLOBALSINDEX);
  protect(L, hvalue(gt(L)));
  for (i = 0; i < NUM_TAGS; i++) protect(L, G(L)->mt[i]);
  return 0;
}

/* Lets Lua run, with what it may allocate bounded and its collector going, and calls the function under `given` values. */
static int let_run (lua_State *L, int given, int results, int handler) {
  tn_host *host = host_of(L);
  int status;
  /* Lua does not collect when memory runs out: it has to have done so before. */
  if (host->threshold != MAX_LUMEM && host->threshold > host->used_max / 4 * 3)
    host->threshold = host->used_max / 4 * 3;
  G(L)->GCthreshold = host->threshold;
  host->rust--;
  in_plain_locale(status = lua_pcall(L, given, results, handler));
  host->rust++;
  host->threshold = G(L)->GCthreshold;
  G(L)->GCthreshold = MAX_LUMEM;
  return status;
}

static int run_c (lua_State *L, lua_CFunction f) {
  lua_pushcfunction(L, f);
  return let_run(L, 0, 0, 0);
}

/* A state with its libraries; NULL: no memory. */
lua_State *tn_open (tn_host *host) {
  lua_State *L;
  size_t used_max = host->used_max;
  host->rust = 1;
  host->used_max = SIZE_MAX;
  L = lua_newstate(allocate, host);
  if (L == NULL) return NULL;
  host->threshold = G(L)->GCthreshold;
  G(L)->GCthreshold = MAX_LUMEM;
  host->globals = hvalue(gt(L));
  if (run_c(L, open_state) != 0) {
    host->rust = 1;
    lua_close(L);
    return NULL;
  }
  host->used_max = used_max;
  lua_sethook(L, stop_hook, LUA_MASKCOUNT, LOOK_EVERY);
  return L;
}

void tn_close (lua_State *L) { lua_close(L); }

int tn_set_global (lua_State *L, const char *name, size_t len) {
  Table *t = host_of(L)->globals;
  if (L->top == L->base || t->readonly) return 0;
  setobj2t(L, luaH_setstr(L, t, luaS_newlstr(L, name, len)), L->top - 1);
  luaC_barriert(L, t, L->top - 1);
  L->top--;
  return 1;
}

int tn_push_global (lua_State *L, const char *name, size_t len) {
  if (!has_room(L)) return 0;
  setobj2s(L, L->top, luaH_getstr(host_of(L)->globals, luaS_newlstr(L, name, len)));
  api_incr_top(L);
  return 1;
}

int tn_seal (lua_State *L) { return run_c(L, seal_state); }

typedef struct Chunk { const char *text; size_t len; const char *name; int place; } Chunk;

static int load_chunk (lua_State *L) {
  Chunk *chunk = (Chunk *)lua_touserdata(L, 1);
  if (luaL_loadbuffer(L, chunk->text, chunk->len, chunk->name) != 0) return lua_error(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, chunk->place);
  return 0;
}

/* Compiles a chunk and keeps it in the registry. Not 0: the error is on the stack. */
int tn_load (lua_State *L, const char *text, size_t len, const char *name, int place) {
  Chunk chunk;
  chunk.text = text;
  chunk.len = len;
  chunk.name = name;
  chunk.place = place + FIRST_CHUNK;
  lua_settop(L, 0);
  lua_pushcfunction(L, load_chunk);
  lua_pushlightuserdata(L, &chunk);
  return let_run(L, 1, 0, 0);
}

/* Lets a chunk be collected. */
void tn_unload (lua_State *L, int place) {
  lua_settop(L, 0);
  lua_pushnil(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, place + FIRST_CHUNK);
}

static void give_global (lua_State *L, const char *name) {
  Table *globals = host_of(L)->globals;
  /* It is there, so that nothing is allocated. */
  setobj2t(L, luaH_setstr(L, globals, luaS_new(L, name)), L->top - 1);
  luaC_barriert(L, globals, L->top - 1);
  L->top--;
}

/* Runs a chunk whose KEYS and ARGV are on the stack, and leaves its result or its error there. */
int tn_run (lua_State *L, int place) {
  tn_host *host = host_of(L);
  int status;
  if (L->top - L->base < 2) return LUA_ERRERR;
  give_global(L, "ARGV");
  give_global(L, "KEYS");
  lua_settop(L, 0);
  /* What an earlier script may have made of the collector is forgotten. */
  G(L)->gcpause = LUAI_GCPAUSE;
  G(L)->gcstepmul = LUAI_GCMUL;
  if (host->threshold == MAX_LUMEM) host->threshold = G(L)->totalbytes;
  lua_rawgeti(L, LUA_REGISTRYINDEX, NOTE_ERROR);
  lua_rawgeti(L, LUA_REGISTRYINDEX, place + FIRST_CHUNK);
  status = let_run(L, 0, 1, 1);
  lua_remove(L, 1);
  return status;
}

/* Ends a run: an empty stack, the hook as it was, and a share of the collector's work. */
void tn_rest (lua_State *L) {
  tn_host *host = host_of(L);
  lua_settop(L, 0);
  lua_sethook(L, stop_hook, LUA_MASKCOUNT, LOOK_EVERY);
  if (host->used > host->used_max / 4) {
    G(L)->GCthreshold = host->threshold;
    luaC_fullgc(L);
  }
  else if (G(L)->totalbytes >= host->threshold) {
    G(L)->GCthreshold = host->threshold;
    luaC_step(L);
  }
  else return;
  host->threshold = G(L)->GCthreshold;
  G(L)->GCthreshold = MAX_LUMEM;
}

/* }====================================================================== */
