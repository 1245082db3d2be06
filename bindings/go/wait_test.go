package tenondb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAPipelineIsOneStep(t *testing.T) {
	db := memory(t)
	p := db.Pipeline()
	replies := must(p.Do("SET", "k", "v").Do("INCR", "k").Do("GET", "k").Do("RPUSH", "l", []string{"a", "b"}).Exec())
	equal(t, len(replies), 4)
	equal(t, errors.Is(replies[1].Err(), ErrCommand), true)
	equal(t, replies[2].String(), "v")
	equal(t, must(replies[3].Int()), 2)
	equal(t, p.Len(), 0)
	// One that cannot be run: none was.
	if _, err := p.Do("DEL", "k").Do("NONSENSE").Exec(); !errors.Is(err, ErrCommand) {
		t.Errorf("%v", err)
	}
	equal(t, must(db.Exists("k")), 1)
	if _, err := p.Do("DEL", "k").Do("SET", "k", nil).Exec(); !errors.Is(err, ErrMisuse) {
		t.Errorf("%v", err)
	}
	equal(t, must(db.Exists("k")), 1)
	equal(t, len(must(p.Exec())), 0)
	for i := range 2000 {
		p.Do("SET", fmt.Sprint("many:", i), strings.Repeat("x", 100)).Do("GET", fmt.Sprint("many:", i))
	}
	replies = must(p.Exec())
	equal(t, len(replies[3999].bytes), 100)
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	db := memory(t)
	failure := errors.New("no")
	err := db.Update(func(tx *Tx) error {
		must(0, tx.Set("k", "v"))
		equal(t, string(must(tx.Get("k"))), "v")
		equal(t, must(db.Exists("k")), 0)
		return failure
	})
	equal(t, err, failure)
	equal(t, must(db.Exists("k")), 0)
	func() {
		defer func() { equal(t, recover(), any("stop")) }()
		_ = db.Update(func(tx *Tx) error {
			must(0, tx.Set("k", "v"))
			panic("stop")
		})
	}()
	equal(t, must(db.Exists("k")), 0)

	// What it has read was changed: once more.
	runs := 0
	must(0, db.Update(func(tx *Tx) error {
		runs++
		n := must(tx.IncrBy("n", 1))
		if runs == 1 {
			must(db.IncrBy("n", 10))
		}
		return tx.Set("seen", n)
	}))
	equal(t, runs, 2)
	equal(t, string(must(db.Get("seen"))), "11")

	// Many at once: none is lost.
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 100 {
				must(0, db.Update(func(tx *Tx) error {
					count := must(tx.Do("GET", "count"))
					n, _ := count.Int()
					return tx.Set("count", n+1)
				}))
			}
		}()
	}
	all.Wait()
	equal(t, string(must(db.Get("count"))), "800")

	var kept *Tx
	must(0, db.Update(func(tx *Tx) error { kept = tx; return nil }))
	if err := kept.Set("k", 1); !errors.Is(err, ErrMisuse) {
		t.Errorf("%v", err)
	}
	if _, err := kept.Do("SUBSCRIBE", "c"); !errors.Is(err, ErrMisuse) {
		t.Errorf("%v", err)
	}
}

func TestCommandsWaitWithoutThreads(t *testing.T) {
	db := memory(t)
	ctx := context.Background()
	const goroutines = 2000
	threads := threadCount(t)
	got := make(chan string, goroutines)
	for range goroutines {
		go func() {
			_, job, err := db.BLPop(ctx, 0, "jobs")
			got <- fmt.Sprint(string(job), err)
		}()
	}
	waitFor(t, func() bool {
		return strings.Contains(do(t, db, "INFO", "clients").String(), fmt.Sprint("blocked_clients:", goroutines))
	})
	// Some are made while many goroutines are inside of a call at once, how many is the scheduler's to say; none by those that
	// wait, which would be one each.
	if now := threadCount(t); now > threads+goroutines/2 {
		t.Errorf("%d goroutines that wait took %d threads", goroutines, now-threads)
	}
	for i := range goroutines {
		must(db.RPush("jobs", i))
	}
	seen := map[string]bool{}
	for range goroutines {
		seen[<-got] = true
	}
	equal(t, len(seen), goroutines)
	equal(t, seen["0<nil>"] && seen["1999<nil>"], true)

	// However its name is written.
	for _, name := range []any{"blpop", "BLPOP", "BLpop", []byte("blpop"), []string{"BLPOP"}} {
		equal(t, db.mayWait([]any{name, "jobs", 0}), true)
	}
	for _, name := range []any{"GET", "get", "Get", 7, []string{}, nil} {
		equal(t, db.mayWait([]any{name, "k"}), false)
	}
	// Its own time is over.
	key, job, err := db.BLPop(ctx, 5*time.Millisecond, "jobs")
	if key != "" || job != nil || err != nil {
		t.Errorf("%q %q %v", key, job, err)
	}
	// Its context is.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	if _, _, err := db.BLPop(ctx, 0, "jobs"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := db.Do(ctx, "SET", "k", "v"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	// Nothing was taken by those who went.
	must(db.RPush("jobs", "left"))
	equal(t, must(db.LLen("jobs")), 1)
	must(0, db.Set("text", "t"))
	if _, _, err := db.BLPop(context.Background(), 0, "text"); !errors.Is(err, ErrWrongType) {
		t.Errorf("%v", err)
	}
	must(0, db.XGroupCreate("stream", "g", "$"))
	go func() { must(db.XAdd("stream", "f", "v")) }()
	entries := must(db.XReadGroup(context.Background(), "g", "c", ReadOptions{Block: -1}, "stream", ">"))
	equal(t, entries["stream"][0].Field("f"), "v")
}

// Whoever is cancelled at the very moment it is served gives the job back: none is lost.
func TestACancelledPopLosesNothing(t *testing.T) {
	db := memory(t)
	const jobs = 300
	taken := 0
	for i := range jobs {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan bool)
		go func() {
			_, job, err := db.BLPop(ctx, 0, "jobs")
			done <- err == nil && job != nil
		}()
		go cancel()
		must(db.RPush("jobs", i))
		if <-done {
			taken++
		}
		cancel()
	}
	equal(t, int(must(db.LLen("jobs")))+taken, jobs)
}

func threadCount(t *testing.T) int {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip("threads are counted on Linux")
	}
	return len(tasks)
}

func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for range 20_000 {
		if is() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it has never come to that")
}

func TestSubscriptionsAreChannels(t *testing.T) {
	db := memory(t)
	s := must(db.Subscribe("news", "sport"))
	for i := range 1000 {
		equal(t, must(db.Publish("news", i)), 1)
	}
	for i := range 1000 {
		m := <-s.C
		if m.Channel != "news" || string(m.Payload) != fmt.Sprint(i) || m.Pattern != "" {
			t.Fatalf("%v instead of %d", m, i)
		}
	}
	must(0, s.Remove(Channel, "news"))
	must(0, s.Add(Pattern, "w*"))
	must(0, s.Add(Shard, "shard"))
	equal(t, must(db.Publish("news", "x")), 0)
	must(db.Publish("weather", "sun"))
	m := <-s.C
	equal(t, m.Channel+" "+m.Pattern+" "+string(m.Payload), "weather w* sun")
	must(db.SPublish("shard", "s"))
	equal(t, string((<-s.C).Payload), "s")
	must(db.Publish("weather", "unread"))
	must(0, s.Close())
	must(0, s.Close())
	if _, open := <-s.C; open {
		if _, open := <-s.C; open {
			t.Error("a closed subscription goes on")
		}
	}
	equal(t, s.Err(), nil)
	if err := s.Add(Channel, "x"); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	equal(t, must(db.Publish("weather", "x")), 0)

	// Its reader is too slow: it finds out.
	slow := must(db.SubscribeWith(SubscribeOptions{Capacity: 2}, Channel, "flood"))
	for range 100 {
		must(db.Publish("flood", "x"))
	}
	for range slow.C {
	}
	equal(t, errors.Is(slow.Err(), ErrLimit), true)
	must(0, slow.Close())
	some := must(db.SubscribeWith(SubscribeOptions{Capacity: 2, Overflow: DropOldest}, Channel, "flood"))
	for range 100 {
		must(db.Publish("flood", "x"))
	}
	equal(t, some.Dropped() > 90, true)
	must(0, some.Close())
}

func TestWatchesTellWhatHasChanged(t *testing.T) {
	db := memory(t)
	w := must(db.Watch("config:", 0))
	must(0, db.Set("config:a", 1))
	must(0, db.Set("other", 1))
	equal(t, <-w.C, Invalidation{Key: "config:a"})
	must(0, db.FlushAll())
	equal(t, <-w.C, Invalidation{All: true})
	must(0, w.Close())
	if _, open := <-w.C; open {
		t.Error("a closed watch goes on")
	}
}
