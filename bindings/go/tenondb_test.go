package tenondb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

func memory(t testing.TB, options ...Options) *DB {
	t.Helper()
	db, err := Memory(append(options, Options{})[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// must is the value, when there is no error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func do(t testing.TB, db *DB, args ...any) Value {
	t.Helper()
	value, err := db.Do(context.Background(), args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return value
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v instead of %v", got, want)
	}
}

func TestArgumentsAndRepliesKeepTheirTypes(t *testing.T) {
	db := memory(t)
	for _, word := range []struct {
		arg  any
		want string
	}{
		{"text", "text"}, {"", ""}, {"a\x00b\r\n", "a\x00b\r\n"}, {[]byte{0, 255}, "\x00\xff"}, {[]byte(nil), ""},
		{-7, "-7"}, {int64(math.MinInt64), "-9223372036854775808"}, {uint64(math.MaxUint64), "18446744073709551615"},
		{uint8(200), "200"}, {1.0, "1"}, {0.1, "0.1"}, {1e300, "1e300"}, {float32(0.5), "0.5"}, {math.Inf(-1), "-inf"}, {true, "1"},
	} {
		do(t, db, "SET", "k", word.arg)
		got := must(do(t, db, "GET", "k").Text())
		if got != word.want {
			t.Errorf("%v was stored as %q", word.arg, got)
		}
	}
	for _, arg := range []any{nil, struct{}{}, time.Second, []int{1}} {
		if _, err := db.Call("SET", "k", arg); !errors.Is(err, ErrMisuse) {
			t.Errorf("%v was taken as an argument: %v", arg, err)
		}
	}
	do(t, db, []string{"RPUSH", "l"}, []any{"a", 1}, [][]byte{[]byte("b")})
	equal(t, fmt.Sprint(do(t, db, "LRANGE", "l", 0, -1).Any()), fmt.Sprint([]any{[]byte("a"), []byte("1"), []byte("b")}))

	equal(t, do(t, db, "GET", "nothing").IsNil(), true)
	equal(t, do(t, db, "INCR", "n").Any(), any(int64(1)))
	do(t, db, "ZADD", "z", 1.5, "m")
	equal(t, do(t, db, "ZSCORE", "z", "m").Any(), any(1.5))
	equal(t, do(t, db, "PING").Any(), any("PONG"))
	do(t, db, "HSET", "h", "f", "v", "g", 2)
	hash := do(t, db, "HGETALL", "h")
	equal(t, hash.Kind(), KindMap)
	equal(t, string(hash.Any().(map[string]any)["g"].([]byte)), "2")
	equal(t, do(t, db, "SMEMBERS", "none").Kind(), KindSet)
	if _, err := do(t, db, "HGETALL", "h").Int(); !errors.Is(err, ErrMisuse) {
		t.Error("a map is no integer")
	}
	// Larger than any buffer, and of many values.
	long := bytes.Repeat([]byte("x"), 1<<20)
	do(t, db, "SET", "long", long)
	equal(t, bytes.Equal(must(db.Get("long")), long), true)
	for i := range 5000 {
		do(t, db, "RPUSH", "many", i)
	}
	many := must(do(t, db, "LRANGE", "many", 0, -1).List())
	equal(t, len(many), 5000)
	equal(t, must(many[4999].Int()), 4999)
}

func TestTypedMethods(t *testing.T) {
	db := memory(t)
	if value := must(db.Get("k")); value != nil {
		t.Errorf("a key that is not there: %v", value)
	}
	if err := db.Set("k", ""); err != nil {
		t.Fatal(err)
	}
	if value := must(db.Get("k")); value == nil || len(value) != 0 {
		t.Errorf("an empty string: %v", value)
	}
	must(0, db.Set("k", []byte("value")))
	buffer := make([]byte, 5)
	equal(t, must(db.GetInto("k", buffer)), 5)
	equal(t, string(buffer), "value")
	n, err := db.GetInto("k", buffer[:4])
	equal(t, n, 5)
	equal(t, errors.Is(err, ErrLimit), true)
	equal(t, must(db.GetInto("nothing", nil)), -1)
	equal(t, must(db.SetWith("k", "other", SetOptions{OnlyNew: true})), false)
	equal(t, must(db.SetWith("k", 7, SetOptions{OnlyExisting: true, TTL: time.Minute})), true)
	if ttl := must(db.TTL("k")); ttl <= 0 || ttl > time.Minute {
		t.Errorf("%v", ttl)
	}
	equal(t, must(db.Persist("k")), true)
	equal(t, must(db.TTL("k")), NoDeadline)
	equal(t, must(db.TTL("nothing")), NoKey)
	equal(t, must(db.IncrBy("k", 3)), 10)
	equal(t, must(db.Incr("k")), 11)
	equal(t, must(db.IncrByFloat("k", 0.5)), 11.5)
	equal(t, must(db.Append("k", "!")), 5)
	must(0, db.MSet("a", 1, "b", "2"))
	equal(t, string(bytes.Join(must(db.MGet("a", "b", "c")), []byte(","))), "1,2,")

	equal(t, must(db.HSet("h", "f", "v", "g", 2)), 2)
	equal(t, string(must(db.HGet("h", "f"))), "v")
	equal(t, must(db.HGetInto("h", "f", buffer)), 1)
	equal(t, len(must(db.HGetAll("h"))), 2)
	equal(t, must(db.HExists("h", "x")), false)

	equal(t, must(db.RPush("l", "a", "b", 3)), 3)
	equal(t, string(must(db.LPop("l"))), "a")
	index, found, err := db.LPos("l", "3")
	equal(t, index, 1)
	equal(t, found && err == nil, true)
	equal(t, string(must(db.LMove("l", "m", Left, Right))), "b")

	equal(t, must(db.SAdd("s", "x", "y", "x")), 2)
	equal(t, must(db.SIsMember("s", "y")), true)
	members := must(db.SMembers("s"))
	slices.Sort(members)
	equal(t, fmt.Sprint(members), "[x y]")

	equal(t, must(db.ZAdd("z", Z{"a", 1}, Z{"b", 2}, Z{"c", 3})), 3)
	equal(t, must(db.ZAddWith("z", ZAddOptions{Greater: true, Changed: true}, Z{"a", 5}, Z{"b", 1})), 1)
	equal(t, fmt.Sprint(must(db.ZRange("z", 0, -1))), "[{b 2} {c 3} {a 5}]")
	equal(t, fmt.Sprint(must(db.ZRangeByScore("z", 3, math.Inf(1), 1))), "[{c 3}]")
	score, found, err := db.ZScore("z", "a")
	equal(t, score, 5)
	equal(t, found && err == nil, true)
	_, found, _ = db.ZRank("z", "nobody")
	equal(t, found, false)
	equal(t, fmt.Sprint(must(db.ZPopMax("z", 1))), "[{a 5}]")

	id := must(db.XAdd("x", "f", 1, "g", 2))
	must(0, db.XGroupCreate("x", "group", "0"))
	if err := db.XGroupCreate("x", "group", "0"); !errors.Is(err, ErrConflict) {
		t.Errorf("%v", err)
	}
	entries := must(db.XReadGroup(context.Background(), "group", "me", ReadOptions{Count: 10}, "x", ">"))["x"]
	equal(t, len(entries), 1)
	equal(t, entries[0].ID, id)
	equal(t, entries[0].Field("g"), "2")
	equal(t, must(db.XAck("x", "group", id)), 1)
	_, claimed, err := db.XAutoClaim("x", "group", "you", 0, "0-0", 10)
	equal(t, len(claimed), 0)
	equal(t, err, nil)
	equal(t, fmt.Sprint(must(db.XRange("x", "-", "+", 0))[0].Fields), "[f 1 g 2]")

	keys := map[string]bool{}
	for i := range 1000 {
		must(0, db.Set(fmt.Sprint("scan:", i), i))
	}
	for key, err := range db.Scan("scan:*") {
		keys[key] = err == nil
	}
	equal(t, len(keys), 1000)
	fields := 0
	for field := range db.HScan("h", "*") {
		equal(t, field == "f" || field == "g", true)
		fields++
	}
	equal(t, fields, 2)
}

func TestErrorsSayWhatToDoNext(t *testing.T) {
	db := memory(t)
	must(0, db.Set("k", "v"))
	_, err := db.LPush("k", 1)
	var e *Error
	if !errors.Is(err, ErrWrongType) || errors.Is(err, ErrCommand) || !errors.As(err, &e) || e.Code() != "WRONGTYPE" {
		t.Errorf("%v", err)
	}
	if _, err := db.Incr("k"); !errors.Is(err, ErrCommand) || err.Error() != "ERR value is not an integer or out of range" {
		t.Errorf("%v", err)
	}
	if _, err := db.Call(); !errors.Is(err, ErrCommand) {
		t.Errorf("%v", err)
	}
	if _, err := db.Select(16); !errors.Is(err, ErrCommand) {
		t.Errorf("%v", err)
	}
	if _, err := db.Select(-1); !errors.Is(err, ErrCommand) {
		t.Errorf("%v", err)
	}
	if _, err := Memory(Options{Stripes: -1}); !errors.Is(err, ErrMisuse) {
		t.Errorf("%v", err)
	}
	if _, err := Open("", Options{}); !errors.Is(err, ErrMisuse) {
		t.Errorf("%v", err)
	}
	if _, err := Open("/dev/null/x", Options{}); !errors.As(err, &e) {
		t.Errorf("%v", err)
	}
	equal(t, ErrorKind(99).String(), "internal")
}

func TestCloseIsFinalAndMayBeRepeated(t *testing.T) {
	db := must(Memory(Options{}))
	second := must(db.Select(1))
	waits := make(chan error)
	go func() {
		_, err := db.Call("BLPOP", "nothing", 0)
		waits <- err
	}()
	waitFor(t, func() bool {
		return bytes.Contains(do(t, db, "INFO", "clients").bytes, []byte("blocked_clients:1"))
	})
	must(0, second.Close())
	must(0, second.Close())
	must(0, db.Close())
	must(0, db.Close())
	if err := <-waits; !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	buffer := make([]byte, 8)
	for name, call := range map[string]func() error{
		"Do":        func() error { _, err := db.Call("PING"); return err },
		"Get":       func() error { _, err := db.Get("k"); return err },
		"GetInto":   func() error { _, err := db.GetInto("k", buffer); return err },
		"Set":       func() error { return db.Set("k", "v") },
		"Incr":      func() error { _, err := db.Incr("k"); return err },
		"HGet":      func() error { _, err := db.HGet("k", "f"); return err },
		"LPush":     func() error { _, err := db.LPush("k", 1); return err },
		"BLPop":     func() error { _, _, err := db.BLPop(context.Background(), 0, "k"); return err },
		"Pipeline":  func() error { _, err := db.Pipeline().Do("PING").Exec(); return err },
		"Update":    func() error { return db.Update(func(*Tx) error { return nil }) },
		"Subscribe": func() error { _, err := db.Subscribe("c"); return err },
		"Watch":     func() error { _, err := db.Watch("", 0); return err },
		"Dial":      func() error { _, err := db.Dial(); return err },
		"Select":    func() error { _, err := db.Select(0); return err },
		"Durable":   func() error { _, err := db.Durable(); return err },
		"Sync":      db.Sync,
		"Now":       func() error { _, err := db.Now(); return err },
		"SetClock":  func() error { return db.SetClock(time.Now()) },
		"Tick":      func() error { _, err := db.Tick(0); return err },
		"second":    func() error { return second.Set("k", "v") },
	} {
		if err := call(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func TestWaitsEndWithTheDatabaseWheneverTheyBegin(t *testing.T) {
	const waiters = 50
	for range 20 {
		db := must(Memory(Options{}))
		derived := must(db.Select(1))
		waits := make(chan error)
		for range waiters {
			go func() {
				_, err := derived.Call("BLPOP", "nothing", 0)
				waits <- err
			}()
		}
		must(0, db.Close())
		for range waiters {
			if err := <-waits; !errors.Is(err, ErrClosed) {
				t.Errorf("%v", err)
			}
		}
		must(0, derived.Close())
	}
}

func TestADirectoryIsKept(t *testing.T) {
	dir := t.TempDir()
	db := must(Open(dir, Options{Fsync: FsyncNever}))
	twin := must(Open(dir, Options{}))
	must(0, db.Set("color", "green"))
	equal(t, string(must(twin.Get("color"))), "green")
	sure := must(db.Durable())
	must(0, sure.Set("kept", "yes"))
	must(0, sure.Close())
	must(0, db.Sync())
	must(0, db.Close())
	if err := twin.Set("late", 1); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	must(0, twin.Close())
	db = must(Open(dir, Options{}))
	defer db.Close()
	equal(t, string(must(db.Get("color"))), "green")
	equal(t, string(must(db.Get("kept"))), "yes")
}

func TestTheClockIsTheTests(t *testing.T) {
	start := time.UnixMilli(1_000_000)
	db := memory(t, Options{Clock: start, NoBackground: true, Seed: new(uint64)})
	must(db.SetWith("k", "v", SetOptions{TTL: time.Second}))
	must(0, db.AdvanceClock(999*time.Millisecond))
	equal(t, must(db.Exists("k")), 1)
	must(0, db.AdvanceClock(time.Millisecond))
	equal(t, must(db.Exists("k")), 0)
	equal(t, must(db.Now()).Equal(start.Add(time.Second)), true)
	must(0, db.SetClock(start))
	equal(t, must(db.Now()).Equal(start), true)
	for must(db.Tick(time.Millisecond)) {
	}
}

func TestForgottenHandlesAreFound(t *testing.T) {
	// A database that is forgotten, with a connection and subscription that are not: what is left of it is theirs.
	db := must(Memory(Options{}))
	handle := db.handle.Load()
	conn := must(db.Dial())
	db = nil
	waitFor(t, func() bool {
		runtime.GC()
		_, err := clockNow(handle)
		return errors.Is(err, ErrMisuse)
	})
	must(conn.Write([]byte("PING\r\n")))
	buffer := make([]byte, 16)
	equal(t, string(buffer[:must(conn.Read(buffer))]), "+PONG\r\n")
	must(0, conn.Close())
}

func TestManyGoroutines(t *testing.T) {
	db := memory(t)
	var all sync.WaitGroup
	const goroutines, rounds = 16, 500
	for g := range goroutines {
		all.Add(1)
		go func() {
			defer all.Done()
			own := fmt.Sprint("own:", g)
			buffer := make([]byte, 32)
			for i := range rounds {
				must(db.Incr("shared"))
				must(0, db.Set(own, i))
				n := must(db.GetInto(own, buffer))
				if string(buffer[:n]) != fmt.Sprint(i) {
					t.Errorf("%s is %s", own, buffer[:n])
				}
				must(db.Call("LPUSH", "list:"+own, i))
				if i%100 == 0 {
					runtime.GC()
				}
			}
		}()
	}
	all.Wait()
	equal(t, string(must(db.Get("shared"))), fmt.Sprint(goroutines*rounds))
}
