package clients

import (
	"context"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
)

// go-redis on a database in the process, and on a server behind a unix socket when TENON_BENCH_SOCKET names one.
func BenchmarkGoRedisGet(b *testing.B) {
	ctx := context.Background()
	get := func(b *testing.B, client *redis.Client) {
		must(client.Set(ctx, "k", make([]byte, 100), 0).Result())
		b.ReportAllocs()
		for b.Loop() {
			must(client.Get(ctx, "k").Bytes())
		}
	}
	b.Run("in the process", func(b *testing.B) { get(b, goRedis(b, memory(b), 3)) })
	if socket := os.Getenv("TENON_BENCH_SOCKET"); socket != "" {
		client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
		defer client.Close()
		b.Run("unix socket", func(b *testing.B) { get(b, client) })
	}
}
