package tenondb

import "iter"

// HGet is HGET: nil when there is no such field.
func (c Commands) HGet(key, field string) ([]byte, error) { return c.bytes("HGET", key, field) }

// HGet is HGET: nil when there is no such field.
func (db *DB) HGet(key, field string) ([]byte, error) {
	b := pool.Get().(*buffers)
	defer b.release()
	n, fits, err := db.hgetInto(key, field, b.out)
	switch {
	case err != nil || n < 0:
		return nil, err
	case !fits:
		return db.Commands.HGet(key, field)
	}
	return append(make([]byte, 0, n), b.out[:n]...), nil
}

// HGetInto is to HGET what [DB.GetInto] is to GET.
func (db *DB) HGetInto(key, field string, into []byte) (int, error) {
	n, fits, err := db.hgetInto(key, field, into)
	if err == nil && !fits {
		return n, &Error{Kind: ErrLimit, Text: "ERR the buffer is too small for the value"}
	}
	return n, err
}

// HSet is HSET: fields and values by turns; how many fields are new.
func (c Commands) HSet(key string, pairs ...any) (int64, error) {
	return c.integer(with([]any{"HSET", key}, pairs)...)
}

// HSetNX is HSETNX.
func (c Commands) HSetNX(key, field string, value any) (bool, error) {
	return c.truth("HSETNX", key, field, value)
}

// HMGet is HMGET: nil for fields that are not there.
func (c Commands) HMGet(key string, fields ...string) ([][]byte, error) {
	return c.list("HMGET", key, fields)
}

// HGetAll is HGETALL: empty when there is no such key.
func (c Commands) HGetAll(key string) (map[string][]byte, error) {
	v, err := c.run("HGETALL", key)
	if err != nil {
		return nil, err
	}
	return v.table()
}

// HKeys is HKEYS.
func (c Commands) HKeys(key string) ([]string, error) { return c.strings("HKEYS", key) }

// HVals is HVALS.
func (c Commands) HVals(key string) ([][]byte, error) { return c.list("HVALS", key) }

// HLen is HLEN.
func (c Commands) HLen(key string) (int64, error) { return c.integer("HLEN", key) }

// HExists is HEXISTS.
func (c Commands) HExists(key, field string) (bool, error) { return c.truth("HEXISTS", key, field) }

// HDel is HDEL: how many fields there were.
func (c Commands) HDel(key string, fields ...string) (int64, error) {
	return c.integer("HDEL", key, fields)
}

// HIncrBy is HINCRBY.
func (c Commands) HIncrBy(key, field string, by int64) (int64, error) {
	return c.integer("HINCRBY", key, field, by)
}

// HIncrByFloat is HINCRBYFLOAT.
func (c Commands) HIncrByFloat(key, field string, by float64) (float64, error) {
	return c.number("HINCRBYFLOAT", key, field, by)
}

// HScan goes through the fields of a hash by HSCAN, as [DB.Scan] does through keys.
func (db *DB) HScan(key, pattern string) iter.Seq2[string, error] {
	return db.pages(func(cursor Value) []any { return []any{"HSCAN", key, cursor.bytes, "MATCH", pattern, "COUNT", 512} }, 2)
}
