package tenondb

import (
	"context"
	"fmt"
	"syscall"
	"testing"
)

// Beside a map of the same content, which is the floor: `go test -bench . -run XXX`. clients/ has go-redis beside a server.
// `cpu-ns/op` is what the process had of the processors: on a machine that does other things, too, it is the figure to look at.

func cpu(b *testing.B) func() {
	spent := func() int64 {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			b.Fatal(err)
		}
		return usage.Utime.Nano() + usage.Stime.Nano()
	}
	start := spent()
	return func() { b.ReportMetric(float64(spent()-start)/float64(b.N), "cpu-ns/op") }
}

const benchKeys = 1_000_000

var benchSizes = []int{16, 100, 1000}

func benchKey(i int) string { return fmt.Sprint("key:", i) }

func filled(b *testing.B, size int) (*DB, map[string][]byte, []string) {
	b.Helper()
	db := memory(b)
	value := make([]byte, size)
	table := make(map[string][]byte, benchKeys)
	keys := make([]string, benchKeys)
	for i := range keys {
		keys[i] = benchKey(i)
		table[keys[i]] = append([]byte(nil), value...)
		must(0, db.Set(keys[i], value))
	}
	return db, table, keys
}

// Every key once before one comes again, in an order that no cache foresees.
func next(i int) int { return (i + 611_953) % benchKeys }

func BenchmarkReads(b *testing.B) {
	for _, size := range benchSizes {
		db, table, keys := filled(b, size)
		buffer := make([]byte, size)
		b.Run(fmt.Sprint("map/", size), func(b *testing.B) {
			defer cpu(b)()
			at := 0
			for b.Loop() {
				copy(buffer, table[keys[at]])
				at = next(at)
			}
		})
		b.Run(fmt.Sprint("GetInto/", size), func(b *testing.B) {
			b.ReportAllocs()
			defer cpu(b)()
			at := 0
			for b.Loop() {
				_, _ = db.GetInto(keys[at], buffer)
				at = next(at)
			}
		})
		b.Run(fmt.Sprint("GetInto-hot/", size), func(b *testing.B) {
			defer cpu(b)()
			for b.Loop() {
				_, _ = db.GetInto(keys[0], buffer)
			}
		})
		b.Run(fmt.Sprint("Get/", size), func(b *testing.B) {
			b.ReportAllocs()
			defer cpu(b)()
			at := 0
			for b.Loop() {
				_, _ = db.Get(keys[at])
				at = next(at)
			}
		})
		ctx := context.Background()
		b.Run(fmt.Sprint("Do/", size), func(b *testing.B) {
			b.ReportAllocs()
			defer cpu(b)()
			at := 0
			for b.Loop() {
				_, _ = db.Do(ctx, "GET", keys[at])
				at = next(at)
			}
		})
	}
}

func BenchmarkWrites(b *testing.B) {
	db := memory(b)
	value := make([]byte, 100)
	b.Run("Set", func(b *testing.B) {
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			_ = db.Set("k", value)
		}
	})
	b.Run("Incr", func(b *testing.B) {
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			_, _ = db.Incr("n")
		}
	})
	b.Run("ZAdd", func(b *testing.B) {
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			_, _ = db.ZAdd("z", Z{"member", 1})
		}
	})
	b.Run("Pipeline of 100 SET, each", func(b *testing.B) {
		defer cpu(b)()
		for i := 0; i < b.N; i += 100 {
			p := db.Pipeline()
			for range 100 {
				p.Do("SET", "k", value)
			}
			_, _ = p.Exec()
		}
	})
}

func BenchmarkReadsOfManyGoroutines(b *testing.B) {
	db, _, keys := filled(b, 100)
	b.RunParallel(func(pb *testing.PB) {
		buffer := make([]byte, 100)
		at := 0
		for pb.Next() {
			_, _ = db.GetInto(keys[at], buffer)
			at = next(at)
		}
	})
}
