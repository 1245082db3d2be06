package tenondb

import "time"

// Get is GET: nil when there is no such key, and not nil when the string is empty.
func (c Commands) Get(key string) ([]byte, error) { return c.bytes("GET", key) }

// Get is GET: nil when there is no such key, and not nil when the string is empty.
func (db *DB) Get(key string) ([]byte, error) {
	b := pool.Get().(*buffers)
	defer b.release()
	n, fits, err := db.getInto(key, b.out)
	switch {
	case err != nil || n < 0:
		return nil, err
	case !fits:
		// It is longer than anticipated, or was changed in between: the general way takes any length.
		return db.Commands.Get(key)
	}
	return append(make([]byte, 0, n), b.out[:n]...), nil
}

// GetInto copies the string at key into a buffer of the caller's and returns its length, without memory of its own: -1 when there is no
// such key. When it is longer than the buffer, nothing is copied and the error is [ErrLimit]; the length is that of the string.
func (db *DB) GetInto(key string, into []byte) (int, error) {
	n, fits, err := db.getInto(key, into)
	if err == nil && !fits {
		return n, &Error{Kind: ErrLimit, Text: "ERR the buffer is too small for the value"}
	}
	return n, err
}

// Set is SET, without options: see [Commands.SetWith].
func (c Commands) Set(key string, value any) error { return c.status("SET", key, value) }

// Set is SET, without options: see [Commands.SetWith].
func (db *DB) Set(key string, value any) error {
	switch value := value.(type) {
	case string:
		data, size := stringOf(value)
		return db.setBytes(key, data, size)
	case []byte:
		data, size := bytesOf(value)
		return db.setBytes(key, data, size)
	}
	_, err := db.call([]any{"SET", key, value})
	return err
}

// SetOptions are those of SET; the zero value has none.
type SetOptions struct {
	// TTL is how long the key lives from now on; 0: for ever.
	TTL time.Duration
	// ExpireAt is until when it lives, instead of TTL; zero: it is not said.
	ExpireAt time.Time
	// KeepTTL keeps the time that it has.
	KeepTTL bool
	// OnlyNew sets only a key that is not there, OnlyExisting only one that is.
	OnlyNew, OnlyExisting bool
	// IfEqual, unless nil, sets only a key whose string is this one.
	IfEqual []byte
}

// SetWith is SET with options, and tells whether the key was set.
func (c Commands) SetWith(key string, value any, o SetOptions) (bool, error) {
	args := []any{"SET", key, value}
	if o.OnlyNew {
		args = append(args, "NX")
	}
	if o.OnlyExisting {
		args = append(args, "XX")
	}
	if o.IfEqual != nil {
		args = append(args, "IFEQ", o.IfEqual)
	}
	if o.TTL != 0 {
		args = append(args, "PX", milliseconds(o.TTL))
	}
	if !o.ExpireAt.IsZero() {
		args = append(args, "PXAT", o.ExpireAt.UnixMilli())
	}
	if o.KeepTTL {
		args = append(args, "KEEPTTL")
	}
	v, err := c.run(args...)
	return err == nil && !v.IsNil(), err
}

// milliseconds are never 0 of a time that is not: what is asked to live shortly shall not be refused.
func milliseconds(d time.Duration) int64 {
	if ms := d.Milliseconds(); ms != 0 || d == 0 {
		return ms
	}
	if d > 0 {
		return 1
	}
	return -1
}

// GetDel is GETDEL: the string, whose key is removed.
func (c Commands) GetDel(key string) ([]byte, error) { return c.bytes("GETDEL", key) }

// GetEx is GETEX with PX: the string, whose key lives for ttl from now on.
func (c Commands) GetEx(key string, ttl time.Duration) ([]byte, error) {
	return c.bytes("GETEX", key, "PX", milliseconds(ttl))
}

// GetSet is SET with GET: the string that was there.
func (c Commands) GetSet(key string, value any) ([]byte, error) {
	return c.bytes("SET", key, value, "GET")
}

// MGet is MGET: nil for keys that are not there.
func (c Commands) MGet(keys ...string) ([][]byte, error) { return c.list("MGET", keys) }

// MSet is MSET: keys and values by turns.
func (c Commands) MSet(pairs ...any) error { return c.status(with([]any{"MSET"}, pairs)...) }

// MSetNX is MSETNX: all or none, and whether they were.
func (c Commands) MSetNX(pairs ...any) (bool, error) { return c.truth(with([]any{"MSETNX"}, pairs)...) }

// Incr is INCR.
func (c Commands) Incr(key string) (int64, error) { return c.integer("INCR", key) }

// Incr is INCR.
func (db *DB) Incr(key string) (int64, error) { return db.incrBy(key, 1) }

// IncrBy is INCRBY.
func (c Commands) IncrBy(key string, by int64) (int64, error) { return c.integer("INCRBY", key, by) }

// IncrBy is INCRBY.
func (db *DB) IncrBy(key string, by int64) (int64, error) { return db.incrBy(key, by) }

// Decr is DECR.
func (c Commands) Decr(key string) (int64, error) { return c.integer("DECR", key) }

// DecrBy is DECRBY.
func (c Commands) DecrBy(key string, by int64) (int64, error) { return c.integer("DECRBY", key, by) }

// IncrByFloat is INCRBYFLOAT.
func (c Commands) IncrByFloat(key string, by float64) (float64, error) {
	return c.number("INCRBYFLOAT", key, by)
}

// Append is APPEND: the length that the string has then.
func (c Commands) Append(key string, value any) (int64, error) {
	return c.integer("APPEND", key, value)
}

// StrLen is STRLEN.
func (c Commands) StrLen(key string) (int64, error) { return c.integer("STRLEN", key) }

// GetRange is GETRANGE.
func (c Commands) GetRange(key string, start, end int64) ([]byte, error) {
	return c.bytes("GETRANGE", key, start, end)
}

// SetRange is SETRANGE.
func (c Commands) SetRange(key string, offset int64, value any) (int64, error) {
	return c.integer("SETRANGE", key, offset, value)
}
