package tenondb

//go:generate make library

/*
#cgo CFLAGS: -I${SRCDIR}
#cgo LDFLAGS: ${SRCDIR}/lib/libtenon.a -lpthread -lm -ldl
#include "tenon.h"

// Handles are numbers for Go, and never pointers: its collector has nothing to find in them.
#define DB(handle) ((const tenon_db *)(handle))

static tenon_bytes of(const uint8_t *data, size_t len) {
    tenon_bytes bytes = {data, len};
    return bytes;
}

static tenon_status go_open(const uint8_t *dir, size_t len, const tenon_options *given, const uint8_t *password,
                            size_t password_len, uintptr_t *db, uintptr_t *error) {
    tenon_options options = *given;
    options.password = of(password, password_len);
    if (dir == NULL) return tenon_memory(&options, (tenon_db **)db, (tenon_reply **)error);
    return tenon_open(of(dir, len), &options, (tenon_db **)db, (tenon_reply **)error);
}
static void go_defaults(tenon_options *options) { tenon_options_init(options); }
static tenon_status go_close(uintptr_t db, uintptr_t *error) { return tenon_close((tenon_db *)db, (tenon_reply **)error); }
static void go_free(uintptr_t db) { tenon_free((tenon_db *)db); }
static tenon_status go_select(uintptr_t db, uint32_t index, uintptr_t *out, uintptr_t *error) {
    return tenon_select(DB(db), index, (tenon_db **)out, (tenon_reply **)error);
}
static tenon_status go_durable(uintptr_t db, uintptr_t *out) { return tenon_durable(DB(db), (tenon_db **)out); }
static tenon_status go_sync(uintptr_t db, uintptr_t *error) { return tenon_sync(DB(db), (tenon_reply **)error); }
static tenon_status go_tick(uintptr_t db, uint64_t budget_us, uint32_t *more) { return tenon_tick(DB(db), budget_us, more); }
static tenon_status go_clock_now(uintptr_t db, uint64_t *ms) { return tenon_clock_now(DB(db), ms); }
static tenon_status go_clock_set(uintptr_t db, uint64_t ms) { return tenon_clock_set(DB(db), ms); }
static tenon_status go_clock_advance(uintptr_t db, uint64_t ms) { return tenon_clock_advance(DB(db), ms); }

static void go_reply(uintptr_t reply, uint8_t *buffer, size_t capacity, size_t *len) {
    tenon_reply_packed((const tenon_reply *)reply, buffer, capacity, len);
    tenon_reply_free((tenon_reply *)reply);
}
static size_t go_reply_len(uintptr_t reply) {
    size_t len;
    tenon_reply_packed((const tenon_reply *)reply, NULL, 0, &len);
    return len;
}

// What a call answers, in one crossing: the packed reply when it has room, or its length and the reply itself.
typedef struct {
    uintptr_t rest;
    size_t len;
    uint32_t status;
} go_answer;

static void go_call(uintptr_t db, const uint8_t *data, size_t len, uint8_t *buffer, size_t capacity, go_answer *to) {
    to->status = tenon_call_into(DB(db), data, len, buffer, capacity, &to->len, (tenon_reply **)&to->rest);
}
static void go_batch(uintptr_t db, const uint8_t *data, size_t len, uint8_t *buffer, size_t capacity, go_answer *to) {
    to->status = tenon_batch_into(DB(db), data, len, buffer, capacity, &to->len, (tenon_reply **)&to->rest);
}
static tenon_status go_begin(uintptr_t db, uintptr_t *txn) { return tenon_txn_begin(DB(db), (tenon_txn **)txn); }
static void go_txn_call(uintptr_t txn, const uint8_t *data, size_t len, uint8_t *buffer, size_t capacity, go_answer *to) {
    to->status = tenon_txn_call_into((tenon_txn *)txn, data, len, buffer, capacity, &to->len, (tenon_reply **)&to->rest);
}
static tenon_status go_commit(uintptr_t txn, uintptr_t *error) { return tenon_txn_commit((tenon_txn *)txn, (tenon_reply **)error); }
static void go_abort(uintptr_t txn) { tenon_txn_abort((tenon_txn *)txn); }

static tenon_status go_get_into(uintptr_t db, const uint8_t *key, size_t key_len, uint8_t *buffer, size_t capacity,
                                int64_t *len, uintptr_t *error) {
    return tenon_get_into(DB(db), of(key, key_len), buffer, capacity, len, (tenon_reply **)error);
}
static tenon_status go_hget_into(uintptr_t db, const uint8_t *key, size_t key_len, const uint8_t *field, size_t field_len,
                                 uint8_t *buffer, size_t capacity, int64_t *len, uintptr_t *error) {
    return tenon_hget_into(DB(db), of(key, key_len), of(field, field_len), buffer, capacity, len, (tenon_reply **)error);
}
static tenon_status go_set(uintptr_t db, const uint8_t *key, size_t key_len, const uint8_t *value, size_t value_len,
                           uintptr_t *error) {
    return tenon_set(DB(db), of(key, key_len), of(value, value_len), (tenon_reply **)error);
}
static tenon_status go_incr(uintptr_t db, const uint8_t *key, size_t key_len, int64_t by, int64_t *sum, uintptr_t *error) {
    return tenon_incr(DB(db), of(key, key_len), by, sum, (tenon_reply **)error);
}

#cgo noescape go_call
#cgo nocallback go_call
#cgo noescape go_batch
#cgo nocallback go_batch
#cgo noescape go_txn_call
#cgo nocallback go_txn_call
#cgo noescape go_get_into
#cgo nocallback go_get_into
#cgo noescape go_hget_into
#cgo nocallback go_hget_into
#cgo noescape go_set
#cgo nocallback go_set
#cgo noescape go_incr
#cgo nocallback go_incr
#cgo noescape go_reply
#cgo nocallback go_reply
*/
import "C"

import (
	"runtime"
	"time"
	"unsafe"
)

func bytesOf(b []byte) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.SliceData(b)), C.size_t(len(b))
}

func stringOf(s string) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.StringData(s)), C.size_t(len(s))
}

// takeReply turns a reply of the library's into one of Go's, and frees it.
func takeReply(reply C.uintptr_t) Value {
	if reply == 0 {
		return Value{}
	}
	packed := make([]byte, C.go_reply_len(reply))
	data, capacity := bytesOf(packed)
	var n C.size_t
	C.go_reply(reply, data, capacity, &n)
	value, _ := unpack(packed)
	return value
}

// failure is the error that a status and the reply with its text stand for; nil for success.
func failure(status C.uint32_t, said C.uintptr_t) error {
	if status == C.TENON_OK {
		return nil
	}
	if value := takeReply(said); value.kind == KindError {
		return value.Err()
	}
	return &Error{Kind: ErrorKind(status), Text: "ERR the library answered " + ErrorKind(status).String()}
}

func openHandle(dir *string, o Options) (uintptr, error) {
	var options C.tenon_options
	C.go_defaults(&options)
	if o.Stripes != 0 {
		options.stripes = C.uint32_t(o.Stripes)
	}
	if o.SegmentBytes != 0 {
		options.segment_bytes = C.uint64_t(o.SegmentBytes)
	}
	options.fsync = C.uint32_t(o.Fsync)
	options.threads = C.uint32_t(one(!o.NoBackground))
	options.salvage = C.uint32_t(one(o.Salvage))
	if o.Seed != nil {
		options.seeded, options.seed = 1, C.uint64_t(*o.Seed)
	}
	if !o.Clock.IsZero() {
		options.clock, options.clock_ms = C.TENON_CLOCK_MANUAL, C.uint64_t(o.Clock.UnixMilli())
	}
	var path *C.uint8_t
	var pathLen C.size_t
	if dir != nil {
		// A path that is there and empty is an error of its own.
		path, pathLen = stringOf(*dir + "\x00")
		pathLen--
	}
	password, passwordLen := stringOf(o.Password)
	var db, said C.uintptr_t
	status := C.go_open(path, pathLen, &options, password, passwordLen, &db, &said)
	return uintptr(db), failure(status, said)
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func closeHandle(db uintptr) error {
	var said C.uintptr_t
	status := C.go_close(C.uintptr_t(db), &said)
	return failure(status, said)
}

func freeHandle(db uintptr) { C.go_free(C.uintptr_t(db)) }

func selectHandle(db uintptr, index int) (uintptr, error) {
	var out, said C.uintptr_t
	status := C.go_select(C.uintptr_t(db), C.uint32_t(max(-1, min(index, 1<<30))), &out, &said)
	return uintptr(out), failure(status, said)
}

func durableHandle(db uintptr) (uintptr, error) {
	var out C.uintptr_t
	return uintptr(out), failure(C.go_durable(C.uintptr_t(db), &out), 0)
}

func syncHandle(db uintptr) error {
	var said C.uintptr_t
	status := C.go_sync(C.uintptr_t(db), &said)
	return failure(status, said)
}

func tickHandle(db uintptr, budget time.Duration) (bool, error) {
	var more C.uint32_t
	status := C.go_tick(C.uintptr_t(db), C.uint64_t(max(budget, 0).Microseconds()), &more)
	return more == 1, failure(status, 0)
}

func clockNow(db uintptr) (uint64, error) {
	var ms C.uint64_t
	status := C.go_clock_now(C.uintptr_t(db), &ms)
	return uint64(ms), failure(status, 0)
}

func clockSet(db uintptr, ms uint64) error {
	return failure(C.go_clock_set(C.uintptr_t(db), C.uint64_t(ms)), 0)
}

func clockAdvance(db uintptr, ms uint64) error {
	return failure(C.go_clock_advance(C.uintptr_t(db), C.uint64_t(ms)), 0)
}

// The three ways by which a packed command is run.
type door int

const (
	throughDB door = iota
	throughBatch
	throughTxn
)

// exchange runs the packed command in b and returns its reply, with memory of its own.
func exchange(by door, handle uintptr, b *buffers) Value {
	data, size := bytesOf(b.in)
	out, capacity := bytesOf(b.out)
	var answer C.go_answer
	switch by {
	case throughDB:
		C.go_call(C.uintptr_t(handle), data, size, out, capacity, &answer)
	case throughBatch:
		C.go_batch(C.uintptr_t(handle), data, size, out, capacity, &answer)
	case throughTxn:
		C.go_txn_call(C.uintptr_t(handle), data, size, out, capacity, &answer)
	}
	return b.reply(uintptr(answer.rest), int(answer.len))
}

// reply is what an exchange has answered: in the buffer, or as a reply of its own that had no room there.
func (b *buffers) reply(rest uintptr, size int) Value {
	if rest == 0 {
		return unpackShared(b.out[:size])
	}
	packed := make([]byte, size)
	data, capacity := bytesOf(packed)
	var n C.size_t
	C.go_reply(C.uintptr_t(rest), data, capacity, &n)
	value, _ := unpack(packed)
	return value
}

func beginTxn(db uintptr) (uintptr, error) {
	var txn C.uintptr_t
	status := C.go_begin(C.uintptr_t(db), &txn)
	return uintptr(txn), failure(status, 0)
}

func commitTxn(txn uintptr) error {
	var said C.uintptr_t
	status := C.go_commit(C.uintptr_t(txn), &said)
	return failure(status, said)
}

func abortTxn(txn uintptr) { C.go_abort(C.uintptr_t(txn)) }

// getInto copies a value; its length, -1 without one, and whether it had room.
func (db *DB) getInto(key string, into []byte) (int, bool, error) {
	handle, err := db.open()
	if err != nil {
		return -1, false, err
	}
	name, nameLen := stringOf(key)
	out, capacity := bytesOf(into)
	var n C.int64_t
	var said C.uintptr_t
	status := C.go_get_into(C.uintptr_t(handle), name, nameLen, out, capacity, &n, &said)
	runtime.KeepAlive(db)
	return db.copied(status, int(n), said)
}

func (db *DB) hgetInto(key, field string, into []byte) (int, bool, error) {
	handle, err := db.open()
	if err != nil {
		return -1, false, err
	}
	name, nameLen := stringOf(key)
	part, partLen := stringOf(field)
	out, capacity := bytesOf(into)
	var n C.int64_t
	var said C.uintptr_t
	status := C.go_hget_into(C.uintptr_t(handle), name, nameLen, part, partLen, out, capacity, &n, &said)
	runtime.KeepAlive(db)
	return db.copied(status, int(n), said)
}

func (db *DB) copied(status C.uint32_t, n int, said C.uintptr_t) (int, bool, error) {
	if status == C.TENON_OK {
		return n, true, nil
	}
	if err := db.refused(failure(status, said)); status != C.TENON_LIMIT || n < 0 {
		return -1, false, err
	}
	return n, false, nil
}

func (db *DB) setBytes(key string, value *C.uint8_t, size C.size_t) error {
	handle, err := db.open()
	if err != nil {
		return err
	}
	name, nameLen := stringOf(key)
	var said C.uintptr_t
	status := C.go_set(C.uintptr_t(handle), name, nameLen, value, size, &said)
	runtime.KeepAlive(db)
	if status == C.TENON_OK {
		return nil
	}
	return db.refused(failure(status, said))
}

func (db *DB) incrBy(key string, by int64) (int64, error) {
	handle, err := db.open()
	if err != nil {
		return 0, err
	}
	name, nameLen := stringOf(key)
	var sum C.int64_t
	var said C.uintptr_t
	status := C.go_incr(C.uintptr_t(handle), name, nameLen, C.int64_t(by), &sum, &said)
	runtime.KeepAlive(db)
	if status == C.TENON_OK {
		return int64(sum), nil
	}
	return 0, db.refused(failure(status, said))
}
