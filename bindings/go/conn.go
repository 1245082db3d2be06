package tenondb

/*
#include "tenon.h"

static tenon_status go_conn_open(uintptr_t db, uintptr_t poller, uint64_t token, uintptr_t *conn, uintptr_t *error) {
    uint32_t ready;
    tenon_status status = tenon_conn_open((const tenon_db *)db, (tenon_conn **)conn, (tenon_reply **)error);
    if (status != TENON_OK) return status;
    return tenon_conn_attach((const tenon_conn *)*conn, (const tenon_poller *)poller, token, &ready);
}
static tenon_status go_conn_write(uintptr_t conn, const uint8_t *data, size_t len) {
    return tenon_conn_write((const tenon_conn *)conn, data, len);
}
static tenon_status go_conn_read(uintptr_t conn, uint8_t *buffer, size_t capacity, size_t *len) {
    return tenon_conn_read((const tenon_conn *)conn, buffer, capacity, len);
}
static void go_conn_free(uintptr_t conn) { tenon_conn_free((tenon_conn *)conn); }

#cgo noescape go_conn_write
#cgo nocallback go_conn_write
#cgo noescape go_conn_read
#cgo nocallback go_conn_read
*/
import "C"

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// conn is a connection that speaks RESP, without a socket. What is written is executed by the call that writes it.
type conn struct {
	handle  C.uintptr_t
	hub     *hub
	token   uint64
	wakes   chan struct{}
	closed  chan struct{}
	once    sync.Once
	reading sync.Mutex
	cleanup runtime.Cleanup

	// When reads and writes end, in Unix nanoseconds; 0: never. A write executes, it does not wait: one that comes too late is refused.
	readUntil, writeUntil atomic.Int64
	// Sent to when the first of them was changed: somebody may wait by the old one.
	moved chan struct{}
}

// Dial opens a connection that speaks RESP (2, until it says HELLO 3), as clients of a server expect one:
//
//	redis.NewClient(&redis.Options{Dialer: db.Dialer})
//
// It has deadlines, and may be used by a goroutine that reads and others that write. It keeps the database alive.
func (db *DB) Dial() (net.Conn, error) {
	handle, err := db.open()
	if err != nil {
		return nil, err
	}
	h, err := getHub()
	if err != nil {
		return nil, err
	}
	c := &conn{hub: h, closed: make(chan struct{}), moved: make(chan struct{}, 1)}
	c.token, c.wakes = h.join()
	var said C.uintptr_t
	status := C.go_conn_open(C.uintptr_t(handle), h.poller, C.uint64_t(c.token), &c.handle, &said)
	runtime.KeepAlive(db)
	if err := failure(C.uint32_t(status), said); err != nil {
		h.leave(c.token)
		return nil, db.refused(err)
	}
	type rest struct {
		hub    *hub
		token  uint64
		handle C.uintptr_t
	}
	// The net for connections that are forgotten.
	c.cleanup = runtime.AddCleanup(c, func(of rest) {
		of.hub.leave(of.token)
		C.go_conn_free(of.handle)
	}, rest{h, c.token, c.handle})
	return c, nil
}

// Dialer is [DB.Dial] with the arguments that clients give theirs: they are of no consequence.
func (db *DB) Dialer(ctx context.Context, network, address string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return db.Dial()
}

func (c *conn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *conn) fault(op string, err error) error {
	return &net.OpError{Op: op, Net: "tenon", Addr: address{}, Err: err}
}

// Read reads reply bytes; it blocks the goroutine and no thread.
func (c *conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	for {
		// Before the look: a deadline that is over is over, whatever there is to read.
		left, over := remaining(&c.readUntil)
		switch {
		case c.isClosed():
			return 0, c.fault("read", net.ErrClosed)
		case over:
			return 0, c.fault("read", os.ErrDeadlineExceeded)
		}
		if n, err := c.look(b); n > 0 || err != nil {
			return n, err
		}
		c.sleep(left)
	}
}

// look reads what there is; 0 says that there is nothing now, and that c.wakes will be sent to when there is.
func (c *conn) look(b []byte) (int, error) {
	data, size := bytesOf(b)
	var n C.size_t
	status := C.go_conn_read(c.handle, data, size, &n)
	runtime.KeepAlive(c)
	switch {
	case status == C.TENON_OK:
		return int(n), nil
	case c.isClosed():
		return 0, c.fault("read", net.ErrClosed)
	case status == C.TENON_CLOSED:
		return 0, io.EOF
	}
	return 0, c.fault("read", failure(C.uint32_t(status), 0))
}

// remaining is how long it is until a moment, 0 without one, and whether it is over.
func remaining(until *atomic.Int64) (time.Duration, bool) {
	at := until.Load()
	if at == 0 {
		return 0, false
	}
	left := time.Duration(at - time.Now().UnixNano())
	return left, left <= 0
}

// sleep waits until it is time to look again.
func (c *conn) sleep(left time.Duration) {
	var over <-chan time.Time
	if left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-c.wakes:
	case <-c.closed:
	case <-c.moved:
	case <-over:
	}
}

// Write executes the commands in b.
func (c *conn) Write(b []byte) (int, error) {
	if _, over := remaining(&c.writeUntil); over {
		return 0, c.fault("write", os.ErrDeadlineExceeded)
	}
	if c.isClosed() {
		return 0, c.fault("write", net.ErrClosed)
	}
	data, size := bytesOf(b)
	status := C.go_conn_write(c.handle, data, size)
	runtime.KeepAlive(c)
	switch {
	case status == C.TENON_OK:
		return len(b), nil
	case c.isClosed():
		return 0, c.fault("write", net.ErrClosed)
	case status == C.TENON_CLOSED:
		return 0, c.fault("write", syscall.EPIPE)
	}
	return 0, c.fault("write", failure(C.uint32_t(status), 0))
}

// Close ends the connection; a goroutine that reads goes on with an error.
func (c *conn) Close() error {
	err := c.fault("close", net.ErrClosed)
	c.once.Do(func() {
		err = nil
		close(c.closed)
		c.cleanup.Stop()
		c.hub.leave(c.token)
		C.go_conn_free(c.handle)
	})
	return err
}

func (c *conn) LocalAddr() net.Addr  { return address{} }
func (c *conn) RemoteAddr() net.Addr { return address{} }

func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	if err := c.until(&c.readUntil, t); err != nil {
		return err
	}
	select {
	case c.moved <- struct{}{}:
	default:
	}
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error { return c.until(&c.writeUntil, t) }

func (c *conn) until(which *atomic.Int64, t time.Time) error {
	if c.isClosed() {
		return c.fault("set", net.ErrClosed)
	}
	at := int64(0)
	if !t.IsZero() {
		at = max(1, t.UnixNano())
	}
	which.Store(at)
	return nil
}

type address struct{}

func (address) Network() string { return "tenon" }
func (address) String() string  { return "embedded:0" }
