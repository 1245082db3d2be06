package clients

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"tenondb"
)

func goRedis(t testing.TB, db *tenondb.DB, protocol int) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Dialer: db.Dialer, Protocol: protocol})
	t.Cleanup(func() { client.Close() })
	return client
}

func each(t *testing.T, try func(t *testing.T, client *redis.Client, db *tenondb.DB)) {
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprint("RESP", protocol), func(t *testing.T) {
			db := memory(t)
			try(t, goRedis(t, db, protocol), db)
		})
	}
}

func TestGoRedisCommands(t *testing.T) {
	each(t, func(t *testing.T, client *redis.Client, db *tenondb.DB) {
		ctx := context.Background()
		equal(t, must(client.Ping(ctx).Result()), "PONG")
		must(client.Set(ctx, "k", "v", time.Minute).Result())
		equal(t, must(client.Get(ctx, "k").Result()), "v")
		equal(t, string(must(db.Get("k"))), "v")
		equal(t, must(client.TTL(ctx, "k").Result()) > 0, true)
		if _, err := client.Get(ctx, "nothing").Result(); !errors.Is(err, redis.Nil) {
			t.Errorf("%v", err)
		}
		if err := client.LPush(ctx, "k", 1).Err(); err == nil || err.Error()[:9] != "WRONGTYPE" {
			t.Errorf("%v", err)
		}
		type person struct {
			Name string `redis:"name"`
			Age  int    `redis:"age"`
		}
		must(client.HSet(ctx, "h", person{"alice", 30}).Result())
		var read person
		if err := client.HGetAll(ctx, "h").Scan(&read); err != nil || read != (person{"alice", 30}) {
			t.Errorf("%v %v", read, err)
		}
		must(client.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "a"}, redis.Z{Score: 2, Member: "b"}).Result())
		equal(t, fmt.Sprint(must(client.ZRangeWithScores(ctx, "z", 0, -1).Result())), "[{1.5 a} {2 b}]")
		for i := range 500 {
			must(client.SAdd(ctx, "s", i).Result())
		}
		count := 0
		for scan := client.SScan(ctx, "s", 0, "*", 50).Iterator(); scan.Next(ctx); {
			count++
		}
		equal(t, count >= 500, true)
		id := must(client.XAdd(ctx, &redis.XAddArgs{Stream: "x", Values: []string{"f", "v"}}).Result())
		must(client.XGroupCreate(ctx, "x", "g", "0").Result())
		streams := must(client.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "c", Streams: []string{"x", ">"}, Block: -1}).Result())
		equal(t, streams[0].Messages[0].ID, id)
		equal(t, must(client.XPending(ctx, "x", "g").Result()).Count, 1)
	})
}

func TestGoRedisPipelinesAndTransactions(t *testing.T) {
	each(t, func(t *testing.T, client *redis.Client, _ *tenondb.DB) {
		ctx := context.Background()
		var incr *redis.IntCmd
		must(client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for range 100 {
				incr = p.Incr(ctx, "n")
			}
			return nil
		}))
		equal(t, incr.Val(), 100)
		must(client.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, "a", 1, 0)
			incr = p.Incr(ctx, "a")
			return nil
		}))
		equal(t, incr.Val(), 2)
		// Optimistic locks of many goroutines: none is lost.
		var all sync.WaitGroup
		for range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				for done := 0; done < 20; {
					err := client.Watch(ctx, func(tx *redis.Tx) error {
						n, err := tx.Get(ctx, "count").Int()
						if err != nil && !errors.Is(err, redis.Nil) {
							return err
						}
						_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
							p.Set(ctx, "count", n+1, 0)
							return nil
						})
						return err
					}, "count")
					if err == nil {
						done++
					} else if !errors.Is(err, redis.TxFailedErr) {
						t.Error(err)
						return
					}
				}
			}()
		}
		all.Wait()
		equal(t, must(client.Get(ctx, "count").Int()), 160)
	})
}

func TestGoRedisWaitsAndDeadlines(t *testing.T) {
	each(t, func(t *testing.T, client *redis.Client, db *tenondb.DB) {
		ctx := context.Background()
		go func() {
			time.Sleep(5 * time.Millisecond)
			must(db.RPush("jobs", "build"))
		}()
		equal(t, fmt.Sprint(must(client.BLPop(ctx, 10*time.Second, "jobs").Result())), "[jobs build]")
		_, err := client.BLPop(ctx, time.Second, "jobs").Result()
		equal(t, errors.Is(err, redis.Nil), true)
		hasty := redis.NewClient(&redis.Options{Dialer: db.Dialer, ContextTimeoutEnabled: true, MaxRetries: -1})
		defer hasty.Close()
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if _, err := hasty.BLPop(short, 0, "jobs").Result(); err == nil {
			t.Error("a context that has ended did not end the wait")
		}
		// The connection that was given up has taken nothing with it.
		must(db.RPush("jobs", "left"))
		equal(t, fmt.Sprint(must(client.BLPop(ctx, time.Second, "jobs").Result())), "[jobs left]")
	})
}

func TestGoRedisSubscriptions(t *testing.T) {
	each(t, func(t *testing.T, client *redis.Client, db *tenondb.DB) {
		ctx := context.Background()
		sub := client.Subscribe(ctx, "news")
		defer sub.Close()
		must(sub.Receive(ctx))
		messages := sub.Channel()
		equal(t, must(client.Publish(ctx, "news", "hello").Result()), 1)
		equal(t, (<-messages).Payload, "hello")
		must(db.Publish("news", "from beside"))
		equal(t, (<-messages).Payload, "from beside")
		if err := sub.PSubscribe(ctx, "w*"); err != nil {
			t.Fatal(err)
		}
		for must(client.Publish(ctx, "weather", "sun").Result()) == 0 {
			time.Sleep(time.Millisecond)
		}
		m := <-messages
		equal(t, m.Pattern+" "+m.Payload, "w* sun")
	})
}

func TestGoRedisManyGoroutines(t *testing.T) {
	each(t, func(t *testing.T, client *redis.Client, _ *tenondb.DB) {
		ctx := context.Background()
		var all sync.WaitGroup
		for g := range 32 {
			all.Add(1)
			go func() {
				defer all.Done()
				own := fmt.Sprint("own:", g)
				for i := range 100 {
					must(client.Set(ctx, own, i, 0).Result())
					if got := must(client.Get(ctx, own).Int()); got != i {
						t.Errorf("%s is %d instead of %d", own, got, i)
					}
				}
			}()
		}
		all.Wait()
	})
}
