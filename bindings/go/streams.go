package tenondb

import (
	"context"
	"time"
)

// Entry is an entry of a stream. Fields are its fields and values by turns, in the order in which they were added.
type Entry struct {
	ID     string
	Fields []string
}

// Field is the value of the first field of that name; "" when there is none.
func (e Entry) Field(name string) string {
	for i := 0; i+1 < len(e.Fields); i += 2 {
		if e.Fields[i] == name {
			return e.Fields[i+1]
		}
	}
	return ""
}

func entriesOf(v Value, err error) ([]Entry, error) {
	if err != nil {
		return nil, err
	}
	items, err := v.List()
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(items))
	for i, item := range items {
		entries[i].ID = item.list[0].String()
		if entries[i].Fields, err = item.list[1].stringses(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// perStream is the entries of each stream.
func perStream(v Value, err error) (map[string][]Entry, error) {
	if err != nil {
		return nil, err
	}
	items, err := v.List()
	if err != nil {
		return nil, err
	}
	items = flat(items)
	streams := make(map[string][]Entry, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		if streams[items[i].String()], err = entriesOf(items[i+1], nil); err != nil {
			return nil, err
		}
	}
	return streams, nil
}

// XAdd is XADD with an id of the stream's own making ("*"): fields and values by turns; the id.
func (c Commands) XAdd(key string, pairs ...any) (string, error) {
	return c.text(with([]any{"XADD", key, "*"}, pairs)...)
}

// XAddWith is XADD with an id, "" for "*", and a most number of entries, which old ones make room for; 0: any number.
func (c Commands) XAddWith(key, id string, max int64, pairs ...any) (string, error) {
	args := []any{"XADD", key}
	if max > 0 {
		args = append(args, "MAXLEN", "~", max)
	}
	if id == "" {
		id = "*"
	}
	return c.text(with(append(args, id), pairs)...)
}

// XLen is XLEN.
func (c Commands) XLen(key string) (int64, error) { return c.integer("XLEN", key) }

// XRange is XRANGE: "-" and "+" are the first and the last entry; count entries at most, all for 0.
func (c Commands) XRange(key, start, end string, count int64) ([]Entry, error) {
	return entriesOf(c.run(counted([]any{"XRANGE", key, start, end}, count)...))
}

// XRevRange is XREVRANGE.
func (c Commands) XRevRange(key, end, start string, count int64) ([]Entry, error) {
	return entriesOf(c.run(counted([]any{"XREVRANGE", key, end, start}, count)...))
}

func counted(args []any, count int64) []any {
	if count > 0 {
		return append(args, "COUNT", count)
	}
	return args
}

// XDel is XDEL.
func (c Commands) XDel(key string, ids ...string) (int64, error) { return c.integer("XDEL", key, ids) }

// XTrim is XTRIM with MAXLEN.
func (c Commands) XTrim(key string, max int64) (int64, error) {
	return c.integer("XTRIM", key, "MAXLEN", max)
}

// XGroupCreate is XGROUP CREATE with MKSTREAM: "$" is the end of the stream, "0" its beginning. [ErrConflict] when it is there.
func (c Commands) XGroupCreate(key, group, start string) error {
	return c.status("XGROUP", "CREATE", key, group, start, "MKSTREAM")
}

// XAck is XACK.
func (c Commands) XAck(key, group string, ids ...string) (int64, error) {
	return c.integer("XACK", key, group, ids)
}

// ReadOptions are those of [DB.XRead] and [DB.XReadGroup].
type ReadOptions struct {
	// Count is the most entries of each stream; 0: all.
	Count int64
	// Block is how long to wait when there is nothing: 0: not at all; less than 0: for ever.
	Block time.Duration
	// NoAck does not note that the entries are pending.
	NoAck bool
}

func (o ReadOptions) args(args []any, streams []string) []any {
	args = counted(args, o.Count)
	switch {
	case o.Block > 0:
		args = append(args, "BLOCK", milliseconds(o.Block))
	case o.Block < 0:
		args = append(args, "BLOCK", 0)
	}
	if o.NoAck {
		args = append(args, "NOACK")
	}
	return append(args, "STREAMS", streams)
}

// XRead is XREAD: streams are their keys, and then as many ids behind which to read. Nil when there is nothing.
func (db *DB) XRead(ctx context.Context, o ReadOptions, streams ...string) (map[string][]Entry, error) {
	o.NoAck = false
	return perStream(db.Do(ctx, o.args([]any{"XREAD"}, streams)...))
}

// XReadGroup is XREADGROUP: streams are their keys, and then as many ids, ">" for what nobody has had.
func (db *DB) XReadGroup(ctx context.Context, group, consumer string, o ReadOptions, streams ...string) (map[string][]Entry, error) {
	return perStream(db.Do(ctx, o.args([]any{"XREADGROUP", "GROUP", group, consumer}, streams)...))
}

// XAutoClaim is XAUTOCLAIM: takes over what others have had for so long without acknowledging it, from an id on ("0-0" at first);
// the id to go on from, "0-0" at the end.
func (c Commands) XAutoClaim(key, group, consumer string, idle time.Duration, start string, count int64) (string, []Entry, error) {
	v, err := c.run(counted([]any{"XAUTOCLAIM", key, group, consumer, milliseconds(idle), start}, count)...)
	if err != nil {
		return "", nil, err
	}
	entries, err := entriesOf(v.list[1], nil)
	return v.list[0].String(), entries, err
}
