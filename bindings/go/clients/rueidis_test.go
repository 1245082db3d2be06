package clients

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

func TestRueidis(t *testing.T) {
	db := memory(t)
	client := must(rueidis.NewClient(rueidis.ClientOption{
		InitAddress:       []string{"embedded:0"},
		ForceSingleClient: true,
		DialCtxFn: func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error) {
			return db.Dial()
		},
	}))
	defer client.Close()
	ctx := context.Background()
	b := client.B()
	must(0, client.Do(ctx, b.Set().Key("k").Value("v").Build()).Error())
	equal(t, must(client.Do(ctx, b.Get().Key("k").Build()).ToString()), "v")
	equal(t, rueidis.IsRedisNil(client.Do(ctx, b.Get().Key("nothing").Build()).Error()), true)

	// Its cache is on: what was read comes from it until somebody, anybody, changes the key.
	read := func() (string, bool) {
		reply := client.DoCache(ctx, b.Get().Key("k").Cache(), time.Minute)
		return must(reply.ToString()), reply.IsCacheHit()
	}
	read()
	value, hit := read()
	equal(t, value, "v")
	equal(t, hit, true)
	must(0, db.Set("k", "changed"))
	for range 10_000 {
		if value, _ = read(); value == "changed" {
			break
		}
		time.Sleep(time.Millisecond)
	}
	equal(t, value, "changed")

	commands := make(rueidis.Commands, 0, 100)
	for range 100 {
		commands = append(commands, b.Incr().Key("n").Build())
	}
	replies := client.DoMulti(ctx, commands...)
	equal(t, must(replies[99].ToInt64()), 100)

	got := make(chan string, 1)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error)
	go func() {
		ended <- client.Receive(ctx, b.Subscribe().Channel("news").Build(), func(m rueidis.PubSubMessage) { got <- m.Message })
	}()
	for must(db.Publish("news", "hello")) == 0 {
		time.Sleep(time.Millisecond)
	}
	equal(t, <-got, "hello")
	cancel()
	<-ended
	go func() {
		time.Sleep(time.Millisecond)
		must(db.RPush("jobs", "build"))
	}()
	jobs := must(client.Do(context.Background(), b.Blpop().Key("jobs").Timeout(10).Build()).AsStrSlice())
	equal(t, jobs[1], "build")
}
