package tenondb

import (
	"iter"
	"time"
)

// Del is DEL: how many keys there were.
func (c Commands) Del(keys ...string) (int64, error) { return c.integer("DEL", keys) }

// Unlink is UNLINK.
func (c Commands) Unlink(keys ...string) (int64, error) { return c.integer("UNLINK", keys) }

// Exists is EXISTS: how many of the keys there are.
func (c Commands) Exists(keys ...string) (int64, error) { return c.integer("EXISTS", keys) }

// Touch is TOUCH.
func (c Commands) Touch(keys ...string) (int64, error) { return c.integer("TOUCH", keys) }

// Type is TYPE: "none" when there is no such key.
func (c Commands) Type(key string) (string, error) { return c.text("TYPE", key) }

// Expire is PEXPIRE, and tells whether there is such a key.
func (c Commands) Expire(key string, ttl time.Duration) (bool, error) {
	return c.truth("PEXPIRE", key, milliseconds(ttl))
}

// ExpireAt is PEXPIREAT.
func (c Commands) ExpireAt(key string, at time.Time) (bool, error) {
	return c.truth("PEXPIREAT", key, at.UnixMilli())
}

// Persist is PERSIST, and tells whether the key had a deadline.
func (c Commands) Persist(key string) (bool, error) { return c.truth("PERSIST", key) }

// What [Commands.TTL] says instead of a time.
const (
	// NoDeadline: the key lives for ever.
	NoDeadline time.Duration = -1
	// NoKey: there is no such key.
	NoKey time.Duration = -2
)

// TTL is PTTL: how long the key will live, [NoDeadline] or [NoKey].
func (c Commands) TTL(key string) (time.Duration, error) {
	ms, err := c.integer("PTTL", key)
	if err != nil || ms < 0 {
		return time.Duration(ms), err
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Rename is RENAME.
func (c Commands) Rename(key, to string) error { return c.status("RENAME", key, to) }

// RenameNX is RENAMENX.
func (c Commands) RenameNX(key, to string) (bool, error) { return c.truth("RENAMENX", key, to) }

// Copy is COPY, and tells whether it did: not when the target is there.
func (c Commands) Copy(source, target string) (bool, error) { return c.truth("COPY", source, target) }

// RandomKey is RANDOMKEY: "" when there is none.
func (c Commands) RandomKey() (string, error) { return c.text("RANDOMKEY") }

// Keys is KEYS: it looks at all keys at once; [DB.Scan] does so little by little.
func (c Commands) Keys(pattern string) ([]string, error) { return c.strings("KEYS", pattern) }

// DBSize is DBSIZE.
func (c Commands) DBSize() (int64, error) { return c.integer("DBSIZE") }

// FlushDB is FLUSHDB.
func (c Commands) FlushDB() error { return c.status("FLUSHDB") }

// FlushAll is FLUSHALL.
func (c Commands) FlushAll() error { return c.status("FLUSHALL") }

// Scan goes through the keys that match a pattern ("*" is all) by SCAN: each that is there all the time comes at least once. It ends with an
// error, which comes with the key "".
func (db *DB) Scan(pattern string) iter.Seq2[string, error] {
	return db.pages(func(cursor Value) []any { return []any{"SCAN", cursor.bytes, "MATCH", pattern, "COUNT", 512} }, 1)
}

// pages goes through the pages of a scan, step elements at a time.
func (db *DB) pages(ask func(cursor Value) []any, step int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		cursor := Value{kind: KindBytes, bytes: []byte("0")}
		for {
			page, err := db.call(ask(cursor))
			if err != nil {
				yield("", err)
				return
			}
			items := page.list[1].list
			for i := 0; i < len(items); i += step {
				if !yield(items[i].String(), nil) {
					return
				}
			}
			if cursor = page.list[0]; string(cursor.bytes) == "0" {
				return
			}
		}
	}
}
