package tenondb

import (
	"context"
	"math"
	"strconv"
	"time"
)

// Z is a member of a sorted set and its score.
type Z struct {
	Member string
	Score  float64
}

// pairsOf reads members and scores, in pairs or by turns.
func pairsOf(v Value, err error) ([]Z, error) {
	if err != nil {
		return nil, err
	}
	items, err := v.List()
	if err != nil {
		return nil, err
	}
	items = flat(items)
	pairs := make([]Z, len(items)/2)
	for i := range pairs {
		pairs[i].Member = items[2*i].String()
		if pairs[i].Score, err = items[2*i+1].Float(); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// ZAdd is ZADD: how many members are new.
func (c Commands) ZAdd(key string, pairs ...Z) (int64, error) {
	return c.ZAddWith(key, ZAddOptions{}, pairs...)
}

// ZAddOptions are those of ZADD; the zero value has none.
type ZAddOptions struct {
	// OnlyNew adds members only, OnlyExisting changes members only.
	OnlyNew, OnlyExisting bool
	// Greater and Less change a score only to a higher or a lower one.
	Greater, Less bool
	// Changed counts those that were changed, too.
	Changed bool
}

// ZAddWith is ZADD with options.
func (c Commands) ZAddWith(key string, o ZAddOptions, pairs ...Z) (int64, error) {
	args := make([]any, 0, 7+2*len(pairs))
	args = append(args, "ZADD", key)
	for _, option := range []struct {
		is   bool
		word string
	}{{o.OnlyNew, "NX"}, {o.OnlyExisting, "XX"}, {o.Greater, "GT"}, {o.Less, "LT"}, {o.Changed, "CH"}} {
		if option.is {
			args = append(args, option.word)
		}
	}
	for _, pair := range pairs {
		args = append(args, pair.Score, pair.Member)
	}
	return c.integer(args...)
}

// ZIncrBy is ZINCRBY: the score then.
func (c Commands) ZIncrBy(key string, by float64, member string) (float64, error) {
	return c.number("ZINCRBY", key, by, member)
}

// ZScore is ZSCORE, and whether there is such a member.
func (c Commands) ZScore(key, member string) (float64, bool, error) {
	v, err := c.run("ZSCORE", key, member)
	if err != nil || v.IsNil() {
		return 0, false, err
	}
	score, err := v.Float()
	return score, err == nil, err
}

// ZRank is ZRANK: how many members have a lower score, and whether there is such a member.
func (c Commands) ZRank(key, member string) (int64, bool, error) { return c.some("ZRANK", key, member) }

// ZRevRank is ZREVRANK.
func (c Commands) ZRevRank(key, member string) (int64, bool, error) {
	return c.some("ZREVRANK", key, member)
}

// ZCard is ZCARD.
func (c Commands) ZCard(key string) (int64, error) { return c.integer("ZCARD", key) }

// ZRem is ZREM.
func (c Commands) ZRem(key string, members ...string) (int64, error) {
	return c.integer("ZREM", key, members)
}

// bound is a bound of scores, which belongs to the range.
func bound(score float64) string {
	switch {
	case math.IsInf(score, 1):
		return "+inf"
	case math.IsInf(score, -1):
		return "-inf"
	}
	return strconv.FormatFloat(score, 'g', -1, 64)
}

// ZCount is ZCOUNT, from and to these scores.
func (c Commands) ZCount(key string, lowest, highest float64) (int64, error) {
	return c.integer("ZCOUNT", key, bound(lowest), bound(highest))
}

// ZRange is ZRANGE by rank: the lowest score first.
func (c Commands) ZRange(key string, start, stop int64) ([]Z, error) {
	return pairsOf(c.run("ZRANGE", key, start, stop, "WITHSCORES"))
}

// ZRevRange is ZRANGE by rank with REV: the highest score first.
func (c Commands) ZRevRange(key string, start, stop int64) ([]Z, error) {
	return pairsOf(c.run("ZRANGE", key, start, stop, "REV", "WITHSCORES"))
}

// ZRangeByScore is ZRANGE by score, from and to these, the lowest first; limit members at most, all for a negative one.
func (c Commands) ZRangeByScore(key string, lowest, highest float64, limit int64) ([]Z, error) {
	return pairsOf(c.run("ZRANGE", key, bound(lowest), bound(highest), "BYSCORE", "LIMIT", 0, limit, "WITHSCORES"))
}

// ZRemRangeByScore is ZREMRANGEBYSCORE.
func (c Commands) ZRemRangeByScore(key string, lowest, highest float64) (int64, error) {
	return c.integer("ZREMRANGEBYSCORE", key, bound(lowest), bound(highest))
}

// ZRemRangeByRank is ZREMRANGEBYRANK.
func (c Commands) ZRemRangeByRank(key string, start, stop int64) (int64, error) {
	return c.integer("ZREMRANGEBYRANK", key, start, stop)
}

// ZPopMin is ZPOPMIN.
func (c Commands) ZPopMin(key string, count int) ([]Z, error) {
	return pairsOf(c.run("ZPOPMIN", key, count))
}

// ZPopMax is ZPOPMAX.
func (c Commands) ZPopMax(key string, count int) ([]Z, error) {
	return pairsOf(c.run("ZPOPMAX", key, count))
}

// BZPopMin is BZPOPMIN: waits as [DB.BLPop] does. The key and what was popped; "" when the time was over.
func (db *DB) BZPopMin(ctx context.Context, timeout time.Duration, keys ...string) (string, Z, error) {
	return poppedZ(db.Do(ctx, "BZPOPMIN", keys, seconds(timeout)))
}

// BZPopMax is BZPOPMAX.
func (db *DB) BZPopMax(ctx context.Context, timeout time.Duration, keys ...string) (string, Z, error) {
	return poppedZ(db.Do(ctx, "BZPOPMAX", keys, seconds(timeout)))
}

func poppedZ(v Value, err error) (string, Z, error) {
	if err != nil || v.IsNil() {
		return "", Z{}, err
	}
	score, err := v.list[2].Float()
	return v.list[0].String(), Z{Member: v.list[1].String(), Score: score}, err
}
