// Command go-app is the backend of a chat in one file: an HTTP server, its workers, and its database.
//
//	go-app [-listen 127.0.0.1:8080] DIRECTORY
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	"github.com/redis/go-redis/v9"
	"tenondb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*listen, flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

func run(listen, dir string) error {
	db, err := tenondb.Open(dir, tenondb.Options{})
	if err != nil {
		return err
	}
	rdb := redis.NewClient(&redis.Options{Dialer: db.Dialer})
	app := &App{rdb: rdb}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := app.Recover(ctx); err != nil {
		return err
	}
	var working sync.WaitGroup
	for n := range 2 {
		working.Add(1)
		go func() {
			defer working.Done()
			if err := app.Work(ctx, fmt.Sprint("worker-", n)); err != nil && ctx.Err() == nil {
				log.Print(err)
			}
		}()
	}

	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(app)}
	working.Add(1)
	go func() {
		defer working.Done()
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	fmt.Println("listening on", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	working.Wait()
	return errors.Join(rdb.Close(), db.Close())
}

// routes say what is asked by which path; arguments are those of the query. What was answered with 200 was done.
func routes(app *App) http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, do func(ctx context.Context, arg func(string) string) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := do(r.Context(), r.URL.Query().Get)
			switch {
			case errors.Is(err, ErrTooManyDevices):
				http.Error(w, err.Error(), http.StatusConflict)
			case err != nil:
				http.Error(w, err.Error(), http.StatusInternalServerError)
			default:
				_ = json.NewEncoder(w).Encode(answer)
			}
		})
	}
	on("POST /preview", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.AddPreview(ctx, arg("room"), arg("link"))
	})
	on("GET /previews", func(ctx context.Context, arg func(string) string) (any, error) {
		return app.Previews(ctx, arg("room"))
	})
	on("POST /heartbeat", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.Heartbeat(ctx, arg("user"))
	})
	on("GET /online", func(ctx context.Context, arg func(string) string) (any, error) {
		return app.IsOnline(ctx, arg("user"))
	})
	on("POST /device", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.AddDevice(ctx, arg("user"), arg("device"))
	})
	on("GET /devices", func(ctx context.Context, arg func(string) string) (any, error) {
		return app.Devices(ctx, arg("user"))
	})
	on("POST /score", func(ctx context.Context, arg func(string) string) (any, error) {
		points, err := strconv.ParseFloat(arg("points"), 64)
		if err != nil {
			return nil, err
		}
		return app.Score(ctx, arg("user"), points)
	})
	on("GET /top", func(ctx context.Context, arg func(string) string) (any, error) {
		return app.Top(ctx, 10)
	})
	on("POST /post", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.Post(ctx, arg("id"), arg("text"))
	})
	on("GET /handled", func(ctx context.Context, arg func(string) string) (any, error) {
		return app.Handled(ctx)
	})
	return mux
}
