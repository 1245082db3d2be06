package tenondb

/*
#include "tenon.h"

typedef struct {
    uintptr_t handle;
    uintptr_t rest;
    size_t len;
    uint32_t status;
} go_wait;

// What a look has found: a packed reply in the buffer, a reply of its own, or nothing (len is 0).
static void go_pack(tenon_status status, tenon_reply *reply, uint8_t *buffer, size_t capacity, go_wait *to) {
    to->status = status;
    to->rest = 0;
    to->len = 0;
    if (reply == NULL) return;
    if (tenon_reply_packed(reply, buffer, capacity, &to->len) == TENON_OK) {
        tenon_reply_free(reply);
    } else {
        to->rest = (uintptr_t)reply;
    }
}

static void go_pending_look(uintptr_t pending, uint8_t *buffer, size_t capacity, go_wait *to) {
    tenon_reply *reply;
    tenon_status status = tenon_pending_wait((const tenon_pending *)pending, 0, &reply);
    go_pack(status, reply, buffer, capacity, to);
}
static void go_pending_begin(uintptr_t db, uintptr_t poller, uint64_t token, const uint8_t *data, size_t len,
                             uint8_t *buffer, size_t capacity, go_wait *to) {
    tenon_pending *pending;
    tenon_reply *error;
    tenon_status status = tenon_pending_new_packed((const tenon_db *)db, data, len, &pending, &error);
    to->handle = (uintptr_t)pending;
    if (status != TENON_OK) {
        go_pack(status, error, buffer, capacity, to);
        return;
    }
    tenon_pending_attach(pending, (const tenon_poller *)poller, token);
    go_pending_look(to->handle, buffer, capacity, to);
}
static void go_pending_free(uintptr_t pending) { tenon_pending_free((tenon_pending *)pending); }

static tenon_status go_poller_new(uintptr_t *poller, int32_t *fd, uintptr_t *error) {
    tenon_status status = tenon_poller_new((tenon_poller **)poller, (tenon_reply **)error);
    return status == TENON_OK ? tenon_poller_fd((const tenon_poller *)*poller, fd) : status;
}
static size_t go_poller_take(uintptr_t poller, uint64_t *tokens, size_t capacity) {
    size_t count;
    tenon_poller_take((const tenon_poller *)poller, tokens, capacity, &count);
    return count;
}
*/
import "C"

import (
	"context"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// hub is how goroutines wait without threads: one descriptor of the library's in Go's own poller, and a goroutine that passes on
// whom it speaks of. It is made by the first who waits, and lasts.
type hub struct {
	poller  C.uintptr_t
	mu      sync.Mutex
	last    uint64
	waiters map[uint64]chan struct{}
}

var theHub struct {
	mu  sync.Mutex
	hub *hub
}

func getHub() (*hub, error) {
	theHub.mu.Lock()
	defer theHub.mu.Unlock()
	if theHub.hub != nil {
		return theHub.hub, nil
	}
	h := &hub{waiters: make(map[uint64]chan struct{})}
	var fd C.int32_t
	var said C.uintptr_t
	if err := failure(C.uint32_t(C.go_poller_new(&h.poller, &fd, &said)), said); err != nil {
		return nil, err
	}
	// The descriptor belongs to the library; Go's poller gets one of its own for the same thing.
	own, err := syscall.Dup(int(fd))
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(own)
	file := os.NewFile(uintptr(own), "tenon poller")
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	go h.listen(conn, file)
	theHub.hub = h
	return h, nil
}

// listen is the goroutine of the hub. Programs that look for forgotten goroutines know it by this name.
func (h *hub) listen(conn syscall.RawConn, file *os.File) {
	var tokens [64]C.uint64_t
	for {
		// It parks the goroutine whenever the function answers false, until the descriptor is readable again.
		_ = conn.Read(func(uintptr) bool {
			for {
				count := C.go_poller_take(h.poller, &tokens[0], C.size_t(len(tokens)))
				if count == 0 {
					return false
				}
				h.wake(tokens[:count])
			}
		})
		// A system without a poller for it: then it is looked at often.
		time.Sleep(time.Millisecond)
		runtime.KeepAlive(file)
	}
}

func (h *hub) wake(tokens []C.uint64_t) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, token := range tokens {
		if wakes := h.waiters[uint64(token)]; wakes != nil {
			select {
			case wakes <- struct{}{}:
			default:
			}
		}
	}
}

// join returns a token and the channel that is sent to when it is time to look again.
func (h *hub) join() (uint64, chan struct{}) {
	wakes := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.waiters[h.last] = wakes
	return h.last, wakes
}

func (h *hub) leave(token uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waiters, token)
}

// found is what a look has found: the value if there is one.
func (b *buffers) found(to *C.go_wait) (Value, bool) {
	if to.len == 0 {
		return Value{}, false
	}
	return b.reply(uintptr(to.rest), int(to.len)), true
}

// await runs a command that may wait.
func (db *DB) await(ctx context.Context, args []any) (Value, error) {
	handle, err := db.open()
	if err != nil {
		return Value{}, err
	}
	h, err := getHub()
	if err != nil {
		return Value{}, err
	}
	b := pool.Get().(*buffers)
	defer b.release()
	if err := b.command(args); err != nil {
		return Value{}, err
	}
	token, wakes := h.join()
	defer h.leave(token)
	data, size := bytesOf(b.in)
	out, capacity := bytesOf(b.out)
	var to C.go_wait
	C.go_pending_begin(C.uintptr_t(handle), h.poller, C.uint64_t(token), data, size, out, capacity, &to)
	runtime.KeepAlive(db)
	pending := to.handle
	// What it was served with and nobody has taken is given back by this.
	defer C.go_pending_free(pending)
	for {
		if value, ok := b.found(&to); ok {
			if value.kind == KindError {
				return Value{}, db.refused(value.Err())
			}
			return value, nil
		}
		if to.status != C.TENON_OK {
			return Value{}, db.refused(failure(to.status, 0))
		}
		select {
		case <-wakes:
		case <-ctx.Done():
			return Value{}, ctx.Err()
		case <-db.closed:
			return Value{}, errClosed
		}
		C.go_pending_look(pending, out, capacity, &to)
	}
}
