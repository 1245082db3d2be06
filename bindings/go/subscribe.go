package tenondb

/*
#include "tenon.h"

static tenon_status go_sub_new(uintptr_t db, size_t capacity, size_t bytes_max, uint32_t overflow, uintptr_t poller,
                               uint64_t token, uintptr_t *sub, uintptr_t *error) {
    tenon_status status = tenon_sub_new((const tenon_db *)db, capacity, bytes_max, overflow, (tenon_sub **)sub, (tenon_reply **)error);
    return status == TENON_OK ? tenon_sub_attach((const tenon_sub *)*sub, (const tenon_poller *)poller, token) : status;
}
static tenon_status go_sub_change(uintptr_t sub, int is_added, uint32_t topic, const uint8_t *name, size_t len) {
    tenon_bytes bytes = {name, len};
    if (is_added) return tenon_sub_add((const tenon_sub *)sub, topic, 1, &bytes);
    return tenon_sub_remove((const tenon_sub *)sub, topic, 1, &bytes);
}
static tenon_status go_sub_next(uintptr_t sub, uintptr_t *reply) {
    return tenon_sub_next((const tenon_sub *)sub, 0, (tenon_reply **)reply);
}
static uint64_t go_sub_dropped(uintptr_t sub) {
    uint64_t count;
    tenon_sub_dropped((const tenon_sub *)sub, &count);
    return count;
}
static void go_sub_free(uintptr_t sub) { tenon_sub_free((tenon_sub *)sub); }

static tenon_status go_watch_new(uintptr_t db, const uint8_t *prefix, size_t len, size_t capacity, uintptr_t poller,
                                 uint64_t token, uintptr_t *watch, uintptr_t *error) {
    tenon_bytes bytes = {prefix, len};
    tenon_status status = tenon_watch_new((const tenon_db *)db, bytes, capacity, (tenon_watch **)watch, (tenon_reply **)error);
    return status == TENON_OK ? tenon_watch_attach((const tenon_watch *)*watch, (const tenon_poller *)poller, token) : status;
}
static tenon_status go_watch_next(uintptr_t watch, uintptr_t *reply) {
    return tenon_watch_next((const tenon_watch *)watch, 0, (tenon_reply **)reply);
}
static void go_watch_free(uintptr_t watch) { tenon_watch_free((tenon_watch *)watch); }
*/
import "C"

import (
	"runtime"
	"sync"
)

// Topic is what is subscribed to.
type Topic uint32

const (
	// Channel is a channel.
	Channel Topic = iota
	// Pattern is all channels that match a pattern of the kind that KEYS has.
	Pattern
	// Shard is a shard channel, which patterns do not match.
	Shard
)

// Overflow says what happens to a message for which there is no room. A publisher never waits.
type Overflow uint32

const (
	// Cut ends the subscription, and [Subscription.Err] says so.
	Cut Overflow = iota
	// DropOldest makes room by dropping the oldest messages.
	DropOldest
	// DropNewest does not deliver it.
	DropNewest
)

// SubscribeOptions say how a subscription is bounded; the zero value has the defaults.
type SubscribeOptions struct {
	// Capacity is the most messages that wait to be read; 65,536 for 0.
	Capacity int
	// BytesMax is the most bytes that wait; 32 MiB for 0.
	BytesMax int
	// Overflow says what happens to what has no room.
	Overflow Overflow
}

// Message is what was published.
type Message struct {
	// Channel is where it was published, Pattern by which pattern it came; "" when by none.
	Channel, Pattern string
	// Payload is the message itself.
	Payload []byte
}

// Subscription gets messages. It is closed by [Subscription.Close], which also ends its goroutine.
type Subscription struct {
	// C gives the messages in the order in which they were published; it is closed when the subscription has ended.
	C <-chan Message
	listener
}

// listener is a handle that is told of news, and the goroutine that passes them on.
type listener struct {
	mu     sync.Mutex
	handle C.uintptr_t
	err    error
	end    chan struct{}
	done   chan struct{}
	free   func(C.uintptr_t)
}

// Close ends it, and returns when its goroutine has ended. Closing again does nothing.
func (l *listener) Close() error {
	l.mu.Lock()
	handle := l.handle
	l.handle = 0
	l.mu.Unlock()
	if handle != 0 {
		close(l.end)
		l.free(handle)
	}
	<-l.done
	return nil
}

// Err is why it has ended by itself; nil while it goes on and after Close.
func (l *listener) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// listen passes on what next finds until it is closed or next fails. pass tells whether to go on.
func (l *listener) listen(h *hub, token uint64, wakes chan struct{}, next func(C.uintptr_t, *C.uintptr_t) C.uint32_t, pass func(Value) bool) {
	defer close(l.done)
	defer h.leave(token)
	for {
		l.mu.Lock()
		handle := l.handle
		l.mu.Unlock()
		if handle == 0 {
			return
		}
		var reply C.uintptr_t
		status := next(handle, &reply)
		switch {
		case status != C.TENON_OK:
			err := failure(status, reply)
			l.mu.Lock()
			if l.handle != 0 {
				l.err = err
			}
			l.mu.Unlock()
			return
		case reply != 0:
			if !pass(takeReply(reply)) {
				return
			}
		default:
			select {
			case <-wakes:
			case <-l.end:
				return
			}
		}
	}
}

// Subscribe subscribes to channels. Messages that are published when it has returned are had.
func (db *DB) Subscribe(channels ...string) (*Subscription, error) {
	return db.SubscribeWith(SubscribeOptions{}, Channel, channels...)
}

// PSubscribe subscribes to all channels that match one of the patterns.
func (db *DB) PSubscribe(patterns ...string) (*Subscription, error) {
	return db.SubscribeWith(SubscribeOptions{}, Pattern, patterns...)
}

// SubscribeWith subscribes to names of a topic, with bounds of its own.
func (db *DB) SubscribeWith(options SubscribeOptions, topic Topic, names ...string) (*Subscription, error) {
	handle, err := db.open()
	if err != nil {
		return nil, err
	}
	h, err := getHub()
	if err != nil {
		return nil, err
	}
	token, wakes := h.join()
	var sub, said C.uintptr_t
	status := C.go_sub_new(C.uintptr_t(handle), C.size_t(max(0, options.Capacity)), C.size_t(max(0, options.BytesMax)),
		C.uint32_t(options.Overflow), h.poller, C.uint64_t(token), &sub, &said)
	runtime.KeepAlive(db)
	if err := failure(status, said); err != nil {
		h.leave(token)
		return nil, db.refused(err)
	}
	messages := make(chan Message)
	s := &Subscription{C: messages}
	s.listener = listener{handle: sub, end: make(chan struct{}), done: make(chan struct{})}
	s.free = func(handle C.uintptr_t) { C.go_sub_free(handle) }
	for _, name := range names {
		if err := s.Add(topic, name); err != nil {
			h.leave(token)
			C.go_sub_free(sub)
			return nil, err
		}
	}
	next := func(handle C.uintptr_t, reply *C.uintptr_t) C.uint32_t {
		return C.uint32_t(C.go_sub_next(handle, reply))
	}
	pass := func(v Value) bool {
		select {
		case messages <- messageOf(v):
			return true
		case <-s.end:
			return false
		}
	}
	go func() {
		defer close(messages)
		s.listen(h, token, wakes, next, pass)
	}()
	return s, nil
}

func messageOf(v Value) Message {
	parts := v.list
	m := Message{Channel: parts[len(parts)-2].String(), Payload: parts[len(parts)-1].bytes}
	if len(parts) == 4 {
		m.Pattern = parts[1].String()
	}
	return m
}

func (s *Subscription) change(isAdded bool, topic Topic, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handle == 0 {
		return &Error{Kind: ErrClosed, Text: "ERR the subscription is closed"}
	}
	data, size := stringOf(name)
	return failure(C.uint32_t(C.go_sub_change(s.handle, C.int(one(isAdded)), C.uint32_t(topic), data, size)), 0)
}

// Add subscribes to one more name.
func (s *Subscription) Add(topic Topic, name string) error { return s.change(true, topic, name) }

// Remove unsubscribes from a name. Messages that wait already are still had.
func (s *Subscription) Remove(topic Topic, name string) error { return s.change(false, topic, name) }

// Dropped is how many messages had no room; 0 when it is closed.
func (s *Subscription) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handle == 0 {
		return 0
	}
	return uint64(C.go_sub_dropped(s.handle))
}

// Invalidation is what a cache has to forget.
type Invalidation struct {
	// Key has changed, has expired or is gone, in one of the logical databases.
	Key string
	// All says that any key may have changed; Key is "".
	All bool
}

// Watch tells which keys of a prefix have changed. It is closed by Close, which also ends its goroutine.
type Watch struct {
	// C gives the invalidations; it is closed when the watch is.
	C <-chan Invalidation
	listener
}

// Watch watches all keys whose names begin with prefix, in all logical databases; "" is the prefix of every key. What has no room
// (capacity, 65,536 for 0) is not lost: all that waits becomes one about every key.
func (db *DB) Watch(prefix string, capacity int) (*Watch, error) {
	handle, err := db.open()
	if err != nil {
		return nil, err
	}
	h, err := getHub()
	if err != nil {
		return nil, err
	}
	token, wakes := h.join()
	var watch, said C.uintptr_t
	data, size := stringOf(prefix)
	status := C.go_watch_new(C.uintptr_t(handle), data, size, C.size_t(max(0, capacity)), h.poller, C.uint64_t(token), &watch, &said)
	runtime.KeepAlive(db)
	if err := failure(C.uint32_t(status), said); err != nil {
		h.leave(token)
		return nil, db.refused(err)
	}
	stale := make(chan Invalidation)
	w := &Watch{C: stale}
	w.listener = listener{handle: watch, end: make(chan struct{}), done: make(chan struct{})}
	w.free = func(handle C.uintptr_t) { C.go_watch_free(handle) }
	next := func(handle C.uintptr_t, reply *C.uintptr_t) C.uint32_t {
		return C.uint32_t(C.go_watch_next(handle, reply))
	}
	pass := func(v Value) bool {
		select {
		case stale <- Invalidation{Key: string(v.bytes), All: v.IsNil()}:
			return true
		case <-w.end:
			return false
		}
	}
	go func() {
		defer close(stale)
		w.listen(h, token, wakes, next, pass)
	}()
	return w, nil
}
