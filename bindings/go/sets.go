package tenondb

import "iter"

// SAdd is SADD: how many members are new.
func (c Commands) SAdd(key string, members ...any) (int64, error) {
	return c.integer(with([]any{"SADD", key}, members)...)
}

// SRem is SREM: how many members there were.
func (c Commands) SRem(key string, members ...any) (int64, error) {
	return c.integer(with([]any{"SREM", key}, members)...)
}

// SCard is SCARD.
func (c Commands) SCard(key string) (int64, error) { return c.integer("SCARD", key) }

// SIsMember is SISMEMBER.
func (c Commands) SIsMember(key string, member any) (bool, error) {
	return c.truth("SISMEMBER", key, member)
}

// SMembers is SMEMBERS.
func (c Commands) SMembers(key string) ([]string, error) { return c.strings("SMEMBERS", key) }

// SMove is SMOVE.
func (c Commands) SMove(source, target string, member any) (bool, error) {
	return c.truth("SMOVE", source, target, member)
}

// SPop is SPOP with a count.
func (c Commands) SPop(key string, count int) ([]string, error) { return c.strings("SPOP", key, count) }

// SRandMember is SRANDMEMBER with a count.
func (c Commands) SRandMember(key string, count int) ([]string, error) {
	return c.strings("SRANDMEMBER", key, count)
}

// SInter is SINTER.
func (c Commands) SInter(keys ...string) ([]string, error) { return c.strings("SINTER", keys) }

// SUnion is SUNION.
func (c Commands) SUnion(keys ...string) ([]string, error) { return c.strings("SUNION", keys) }

// SDiff is SDIFF.
func (c Commands) SDiff(keys ...string) ([]string, error) { return c.strings("SDIFF", keys) }

// SInterStore is SINTERSTORE.
func (c Commands) SInterStore(target string, keys ...string) (int64, error) {
	return c.integer("SINTERSTORE", target, keys)
}

// SUnionStore is SUNIONSTORE.
func (c Commands) SUnionStore(target string, keys ...string) (int64, error) {
	return c.integer("SUNIONSTORE", target, keys)
}

// SDiffStore is SDIFFSTORE.
func (c Commands) SDiffStore(target string, keys ...string) (int64, error) {
	return c.integer("SDIFFSTORE", target, keys)
}

// SScan goes through the members of a set by SSCAN, as [DB.Scan] does through keys.
func (db *DB) SScan(key, pattern string) iter.Seq2[string, error] {
	return db.pages(func(cursor Value) []any { return []any{"SSCAN", key, cursor.bytes, "MATCH", pattern, "COUNT", 512} }, 1)
}
