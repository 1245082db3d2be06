// Command go-asynq is the part of a shop that happens later: an HTTP server, a server of Asynq with its scheduler, and their database in
// one process.
//
//	go-asynq [-listen 127.0.0.1:8080] DIRECTORY
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
	"syscall"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"tenondb"
)

// inProcess is a place for Asynq to connect to: the database in this process.
type inProcess struct{ db *tenondb.DB }

// MakeRedisClient makes it an [asynq.RedisConnOpt].
func (p inProcess) MakeRedisClient() any {
	return redis.NewClient(&redis.Options{Dialer: p.db.Dialer})
}

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
	app := NewApp(inProcess{db})

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := app.Start(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(app)}
	quiet := make(chan error, 1)
	go func() {
		<-ctx.Done()
		quiet <- server.Shutdown(context.Background())
	}()
	fmt.Println("listening on", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return errors.Join(<-quiet, app.Stop(), db.Close())
}

// routes say what is asked by which path; arguments are those of the query. What was answered with 200 will be done.
func routes(app *App) http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, do func(ctx context.Context, arg func(string) string) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := do(r.Context(), r.URL.Query().Get)
			switch {
			case errors.Is(err, asynq.ErrDuplicateTask), errors.Is(err, asynq.ErrTaskIDConflict):
				http.Error(w, err.Error(), http.StatusConflict)
			case errors.Is(err, asynq.ErrTaskNotFound):
				http.Error(w, err.Error(), http.StatusNotFound)
			case err != nil:
				http.Error(w, err.Error(), http.StatusInternalServerError)
			default:
				_ = json.NewEncoder(w).Encode(answer)
			}
		})
	}
	on("POST /welcome", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.Welcome(ctx, arg("user"))
	})
	on("POST /digest", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.Digest(ctx, arg("user"))
	})
	on("POST /charge", func(ctx context.Context, arg func(string) string) (any, error) {
		return nil, app.Charge(ctx, arg("order"), arg("card"))
	})
	on("POST /again", func(_ context.Context, arg func(string) string) (any, error) {
		return nil, app.Again(arg("order"))
	})
	on("GET /sent", func(ctx context.Context, _ func(string) string) (any, error) {
		return app.Sent(ctx)
	})
	on("GET /charged", func(ctx context.Context, _ func(string) string) (any, error) {
		return app.Charged(ctx)
	})
	on("GET /tidied", func(ctx context.Context, _ func(string) string) (any, error) {
		return app.Tidied(ctx)
	})
	on("GET /queues", func(context.Context, func(string) string) (any, error) {
		return app.Queues()
	})
	on("GET /order", func(_ context.Context, arg func(string) string) (any, error) {
		return app.Order(arg("order"))
	})
	return mux
}
