package tenondb

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

func dial(t testing.TB, db *DB) net.Conn {
	t.Helper()
	conn := must(db.Dial())
	t.Cleanup(func() { conn.Close() })
	return conn
}

func ask(t testing.TB, conn net.Conn, request, want string) {
	t.Helper()
	must(conn.Write([]byte(request)))
	got := make([]byte, len(want))
	must(io.ReadFull(conn, got))
	equal(t, string(got), want)
}

func TestAConnectionIsANetConn(t *testing.T) {
	db := memory(t)
	conn := dial(t, db)
	ask(t, conn, "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING\r\n", "$2\r\nhi\r\n+PONG\r\n")
	equal(t, conn.LocalAddr() != nil && conn.RemoteAddr().String() != "", true)
	if _, ok := conn.(syscall.Conn); ok {
		t.Error("clients would look at a socket that is none")
	}
	// Late data: somebody else serves it.
	must(conn.Write([]byte("BLPOP jobs 0\r\n")))
	go func() {
		time.Sleep(2 * time.Millisecond)
		must(db.RPush("jobs", "x"))
	}()
	ask(t, conn, "", "*2\r\n$4\r\njobs\r\n$1\r\nx\r\n")
	// The end from the other side.
	must(conn.Write([]byte("QUIT\r\n")))
	equal(t, string(must(io.ReadAll(conn))), "+OK\r\n")
	_, err := conn.Write([]byte("PING\r\n"))
	equal(t, errors.Is(err, syscall.EPIPE), true)
	must(0, conn.Close())
	for name, err := range map[string]error{
		"close": conn.Close(), "deadline": conn.SetDeadline(time.Now()),
		"read": second(conn.Read(make([]byte, 1))), "write": second(conn.Write([]byte("x"))),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func second(_ int, err error) error { return err }

func TestDeadlinesEndReads(t *testing.T) {
	db := memory(t)
	conn := dial(t, db)
	isTimeout := func(err error) bool {
		var timeout net.Error
		return errors.As(err, &timeout) && timeout.Timeout() && errors.Is(err, os.ErrDeadlineExceeded)
	}
	buffer := make([]byte, 16)
	must(0, conn.SetReadDeadline(time.Now().Add(5*time.Millisecond)))
	equal(t, isTimeout(second(conn.Read(buffer))), true)
	equal(t, isTimeout(second(conn.Read(buffer))), true)
	must(0, conn.SetReadDeadline(time.Time{}))
	ask(t, conn, "PING\r\n", "+PONG\r\n")
	// Moved while somebody reads: nearer, and away.
	done := make(chan error)
	go func() { done <- second(conn.Read(buffer)) }()
	time.Sleep(time.Millisecond)
	must(0, conn.SetDeadline(time.Unix(1, 0)))
	equal(t, isTimeout(<-done), true)
	equal(t, isTimeout(second(conn.Write([]byte("PING\r\n")))), true)
	for {
		end := time.Now().Add(100 * time.Millisecond)
		must(0, conn.SetDeadline(end))
		go func() { done <- second(conn.Read(buffer)) }()
		must(0, conn.SetDeadline(time.Time{}))
		if time.Now().After(end) {
			// This machine was too slow to take it away in time: once more.
			must(0, conn.Close())
			<-done
			conn = dial(t, db)
			continue
		}
		select {
		case err := <-done:
			t.Errorf("the deadline that was taken away has ended a read: %v", err)
		case <-time.After(time.Until(end) + 20*time.Millisecond):
		}
		break
	}
	must(conn.Write([]byte("PING\r\n")))
	equal(t, <-done, nil)
	// Closed while somebody reads.
	go func() { done <- second(conn.Read(buffer)) }()
	time.Sleep(time.Millisecond)
	must(0, conn.Close())
	equal(t, errors.Is(<-done, net.ErrClosed), true)
}

func TestManyConnectionsWait(t *testing.T) {
	db := memory(t)
	const conns = 500
	threads := threadCount(t)
	got := make(chan string, conns)
	for range conns {
		conn := dial(t, db)
		must(conn.Write([]byte("SUBSCRIBE news\r\n")))
		go func() {
			r := bufio.NewReader(conn)
			line := ""
			for range 13 {
				line, _ = r.ReadString('\n')
			}
			got <- line
		}()
	}
	waitFor(t, func() bool { return must(db.Call("PUBSUB", "NUMSUB", "news")).list[1].num == conns })
	must(db.Publish("news", "hello"))
	for range conns {
		equal(t, <-got, "hello\r\n")
	}
	// Some are made while many goroutines are inside of a call at once; none by those that wait.
	if now := threadCount(t); now > threads+conns/4 {
		t.Errorf("%d connections that wait took %d threads", conns, now-threads)
	}
}

// Everything is used by many while it is closed: calls are done or refused, and nobody is left behind.
func TestClosedUnderUse(t *testing.T) {
	for range 30 {
		db := must(Memory(Options{}))
		var all sync.WaitGroup
		use := func(run func() error) {
			all.Add(1)
			go func() {
				defer all.Done()
				for range 100_000 {
					if err := run(); err != nil {
						return
					}
				}
			}()
		}
		conn := must(db.Dial())
		other := must(db.Dial())
		must(other.Write([]byte("SUBSCRIBE news\r\n")))
		s := must(db.Subscribe("news"))
		buffers := [2][]byte{make([]byte, 64), make([]byte, 64)}
		use(func() error { return second(conn.Write([]byte("PING\r\n"))) })
		use(func() error { return second(conn.Read(buffers[0])) })
		use(func() error { return conn.SetReadDeadline(time.Now().Add(time.Hour)) })
		use(func() error { return second(other.Read(buffers[1])) })
		use(func() error { _, err := db.Publish("news", "x"); return err })
		use(func() error { _, _, err := db.BLPop(context.Background(), 0, "nothing"); return err })
		derived := must(db.Select(1))
		use(func() error { _, _, err := derived.BLPop(context.Background(), 0, "nothing"); return err })
		use(func() error { _, err := db.Incr("n"); return err })
		use(func() error {
			return db.Update(func(tx *Tx) error { _, err := tx.Incr("n"); return err })
		})
		all.Add(1)
		go func() {
			defer all.Done()
			for range s.C {
			}
		}()
		time.Sleep(time.Millisecond)
		must(0, conn.Close())
		must(0, db.Close())
		must(0, s.Close())
		must(0, other.Close())
		all.Wait()
		must(0, derived.Close())
	}
}
