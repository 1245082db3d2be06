package tenondb

import (
	"context"
	"time"
)

// LPush is LPUSH: the length of the list then.
func (c Commands) LPush(key string, elements ...any) (int64, error) {
	return c.integer(with([]any{"LPUSH", key}, elements)...)
}

// RPush is RPUSH: the length of the list then.
func (c Commands) RPush(key string, elements ...any) (int64, error) {
	return c.integer(with([]any{"RPUSH", key}, elements)...)
}

// LPushX is LPUSHX.
func (c Commands) LPushX(key string, elements ...any) (int64, error) {
	return c.integer(with([]any{"LPUSHX", key}, elements)...)
}

// RPushX is RPUSHX.
func (c Commands) RPushX(key string, elements ...any) (int64, error) {
	return c.integer(with([]any{"RPUSHX", key}, elements)...)
}

// LPop is LPOP: nil when there is none.
func (c Commands) LPop(key string) ([]byte, error) { return c.bytes("LPOP", key) }

// RPop is RPOP: nil when there is none.
func (c Commands) RPop(key string) ([]byte, error) { return c.bytes("RPOP", key) }

// LPopCount is LPOP with a count.
func (c Commands) LPopCount(key string, count int) ([][]byte, error) {
	return c.list("LPOP", key, count)
}

// RPopCount is RPOP with a count.
func (c Commands) RPopCount(key string, count int) ([][]byte, error) {
	return c.list("RPOP", key, count)
}

// LLen is LLEN.
func (c Commands) LLen(key string) (int64, error) { return c.integer("LLEN", key) }

// LIndex is LINDEX: nil when there is none.
func (c Commands) LIndex(key string, index int64) ([]byte, error) {
	return c.bytes("LINDEX", key, index)
}

// LSet is LSET.
func (c Commands) LSet(key string, index int64, element any) error {
	return c.status("LSET", key, index, element)
}

// LRange is LRANGE.
func (c Commands) LRange(key string, start, stop int64) ([][]byte, error) {
	return c.list("LRANGE", key, start, stop)
}

// LTrim is LTRIM.
func (c Commands) LTrim(key string, start, stop int64) error {
	return c.status("LTRIM", key, start, stop)
}

// LRem is LREM.
func (c Commands) LRem(key string, count int64, element any) (int64, error) {
	return c.integer("LREM", key, count, element)
}

// LPos is LPOS: where the element is, and whether it is.
func (c Commands) LPos(key string, element any) (int64, bool, error) {
	return c.some("LPOS", key, element)
}

// Side is an end of a list.
type Side string

const (
	// Left is the head of a list, Right its tail.
	Left  Side = "LEFT"
	Right Side = "RIGHT"
)

// LMove is LMOVE: the element that was moved; nil when there was none.
func (c Commands) LMove(source, target string, from, to Side) ([]byte, error) {
	return c.bytes("LMOVE", source, target, string(from), string(to))
}

// seconds is a timeout as commands that wait want it; 0 is for ever.
func seconds(timeout time.Duration) float64 {
	if timeout <= 0 {
		return 0
	}
	return max(timeout, time.Millisecond).Seconds()
}

// popped is the key and the element of a pop that waited; "" and nil when its time was over.
func popped(v Value, err error) (string, []byte, error) {
	if err != nil || v.IsNil() {
		return "", nil, err
	}
	return v.list[0].String(), v.list[1].bytes, nil
}

// BLPop is BLPOP: waits until one of the lists has an element, for timeout at most, 0 for ever, and ends with ctx. The list and its
// element; nil when the time was over.
func (db *DB) BLPop(ctx context.Context, timeout time.Duration, keys ...string) (string, []byte, error) {
	return popped(db.Do(ctx, "BLPOP", keys, seconds(timeout)))
}

// BRPop is BRPOP: as [DB.BLPop], at the other end.
func (db *DB) BRPop(ctx context.Context, timeout time.Duration, keys ...string) (string, []byte, error) {
	return popped(db.Do(ctx, "BRPOP", keys, seconds(timeout)))
}

// BLMove is BLMOVE: waits as [DB.BLPop] does.
func (db *DB) BLMove(ctx context.Context, source, target string, from, to Side, timeout time.Duration) ([]byte, error) {
	v, err := db.Do(ctx, "BLMOVE", source, target, string(from), string(to), seconds(timeout))
	if err != nil {
		return nil, err
	}
	return v.Bytes()
}
