package clients

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
)

func TestRedigo(t *testing.T) {
	db := memory(t)
	pool := &redis.Pool{DialContext: func(context.Context) (redis.Conn, error) {
		conn, err := db.Dial()
		if err != nil {
			return nil, err
		}
		return redis.NewConn(conn, 0, 0), nil
	}}
	defer pool.Close()
	c := pool.Get()
	must(c.Do("SET", "k", "v"))
	equal(t, must(redis.String(c.Do("GET", "k"))), "v")
	if _, err := redis.String(c.Do("GET", "nothing")); !errors.Is(err, redis.ErrNil) {
		t.Errorf("%v", err)
	}
	must(0, c.Send("MULTI"))
	must(0, c.Send("INCR", "n"))
	must(0, c.Send("INCR", "n"))
	equal(t, must(redis.Ints(c.Do("EXEC")))[1], 2)
	for range 100 {
		must(0, c.Send("INCR", "n"))
	}
	must(0, c.Flush())
	for i := range 100 {
		equal(t, must(redis.Int(c.Receive())), 3+i)
	}
	must(0, c.Close())

	sub := redis.PubSubConn{Conn: pool.Get()}
	must(0, sub.Subscribe("news"))
	equal(t, sub.Receive().(redis.Subscription).Count, 1)
	must(db.Publish("news", "hello"))
	equal(t, string(sub.Receive().(redis.Message).Data), "hello")
	must(0, sub.Close())

	slow := redis.NewConn(must(db.Dial()), 10*time.Millisecond, 0)
	defer slow.Close()
	_, err := slow.Do("BLPOP", "jobs", 0)
	var timeout net.Error
	equal(t, errors.As(err, &timeout) && timeout.Timeout() && errors.Is(err, os.ErrDeadlineExceeded), true)
}
