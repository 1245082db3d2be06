package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// App is the part of a shop that happens later: mails, charges, what is done once in a while. It is written against Asynq and
// go-redis, and knows nothing of where they lead.
type App struct {
	client    *asynq.Client
	inspector *asynq.Inspector
	server    *asynq.Server
	scheduler *asynq.Scheduler
	rdb       redis.UniversalClient
}

// The kinds of tasks.
const (
	welcome = "mail:welcome"
	hint    = "mail:hint"
	digest  = "mail:digest"
	charge  = "card:charge"
	tidy    = "tidy"
)

const (
	concurrency  = 4
	hintAfter    = time.Second
	digestAfter  = time.Hour
	chargeTries  = 3
	chargeKept   = 24 * time.Hour
	firstRetryIn = 200 * time.Millisecond
	slowGateway  = time.Second
)

// queues and how often they are looked at before the others.
var queues = map[string]int{"money": 6, "mail": 3, "default": 1}

// NewApp connects an app to where redis leads; Start has it work.
func NewApp(redisOpt asynq.RedisConnOpt) *App {
	return &App{
		client:    asynq.NewClient(redisOpt),
		inspector: asynq.NewInspector(redisOpt),
		scheduler: asynq.NewScheduler(redisOpt, &asynq.SchedulerOpts{LogLevel: asynq.WarnLevel}),
		rdb:       redisOpt.MakeRedisClient().(redis.UniversalClient),
		server: asynq.NewServer(redisOpt, asynq.Config{
			Concurrency: concurrency,
			Queues:      queues,
			// To look costs microseconds, and no round trip.
			TaskCheckInterval:        20 * time.Millisecond,
			DelayedTaskCheckInterval: 100 * time.Millisecond,
			RetryDelayFunc:           retryIn,
			// Whose worker died has not failed.
			IsFailure: func(err error) bool { return !errors.Is(err, asynq.ErrLeaseExpired) },
			LogLevel:  asynq.WarnLevel,
		}),
	}
}

func retryIn(retried int, err error, _ *asynq.Task) time.Duration {
	if errors.Is(err, asynq.ErrLeaseExpired) {
		return 0
	}
	return firstRetryIn << retried
}

// Start begins to work on what is there, and on what comes.
func (a *App) Start(ctx context.Context) error {
	if err := a.takeBack(ctx); err != nil {
		return err
	}
	mux := asynq.NewServeMux()
	mux.HandleFunc("mail:", a.send)
	mux.HandleFunc(charge, a.charge)
	mux.HandleFunc(tidy, func(ctx context.Context, _ *asynq.Task) error { return a.rdb.Incr(ctx, "tidied").Err() })
	if _, err := a.scheduler.Register("@every 1s", asynq.NewTask(tidy, nil)); err != nil {
		return err
	}
	if err := a.server.Start(mux); err != nil {
		return err
	}
	return a.scheduler.Start()
}

// Stop ends it: tasks that are being worked on are worked on to their end.
func (a *App) Stop() error {
	a.scheduler.Shutdown()
	a.server.Shutdown()
	return errors.Join(a.client.Close(), a.inspector.Close(), a.rdb.Close())
}

// takeBack ends the leases of tasks that were being worked on when the process died, so that the server gives them to its workers as it
// starts. By itself it does so when the leases have run out and half a minute has passed, since some other process might have them; but here
// all the workers were in the process that died.
func (a *App) takeBack(ctx context.Context) error {
	for queue := range queues {
		leases := "asynq:{" + queue + "}:lease"
		ids, err := a.rdb.ZRange(ctx, leases, 0, -1).Result()
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := a.rdb.ZAddXX(ctx, leases, redis.Z{Score: 0, Member: id}).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Welcome sends a new user a mail, and one with a hint a little later.
func (a *App) Welcome(ctx context.Context, user string) error {
	_, err := a.client.EnqueueContext(ctx, mail(welcome, user))
	if err != nil {
		return err
	}
	_, err = a.client.EnqueueContext(ctx, mail(hint, user), asynq.ProcessIn(hintAfter))
	return err
}

// Digest sends a user a digest later; one is enough.
func (a *App) Digest(ctx context.Context, user string) error {
	_, err := a.client.EnqueueContext(ctx, mail(digest, user), asynq.ProcessIn(digestAfter), asynq.Unique(digestAfter))
	return err
}

// Charge charges a card for an order, once, however often it is asked.
func (a *App) Charge(ctx context.Context, order, card string) error {
	_, err := a.client.EnqueueContext(ctx, asynq.NewTask(charge, []byte(card)),
		asynq.Queue("money"), asynq.TaskID(order), asynq.MaxRetry(chargeTries-1), asynq.Retention(chargeKept))
	return err
}

func mail(kind, user string) *asynq.Task {
	return asynq.NewTask(kind, []byte(user), asynq.Queue("mail"))
}

// send sends a mail.
func (a *App) send(ctx context.Context, task *asynq.Task) error {
	return a.rdb.HIncrBy(ctx, "sent", task.Type()+" "+string(task.Payload()), 1).Err()
}

// charge asks a gateway which may be slow, or away at first, or refuse.
func (a *App) charge(ctx context.Context, task *asynq.Task) error {
	order, _ := asynq.GetTaskID(ctx)
	retried, _ := asynq.GetRetryCount(ctx)
	switch card := string(task.Payload()); {
	case card == "stolen":
		return errors.New("the card is refused")
	case card == "flaky" && retried == 0:
		return errors.New("the gateway does not answer")
	case card == "slow":
		time.Sleep(slowGateway)
	}
	if err := a.rdb.HIncrBy(ctx, "charged", order, 1).Err(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(task.ResultWriter(), "try %d", retried+1)
	return err
}

// Sent is how often each mail was sent.
func (a *App) Sent(ctx context.Context) (map[string]string, error) {
	return a.rdb.HGetAll(ctx, "sent").Result()
}

// Charged is how often each order was charged.
func (a *App) Charged(ctx context.Context) (map[string]string, error) {
	return a.rdb.HGetAll(ctx, "charged").Result()
}

// Tidied is how often it was tidied up.
func (a *App) Tidied(ctx context.Context) (int, error) {
	n, err := a.rdb.Get(ctx, "tidied").Int()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return n, err
}

// Queues are the figures of the queues.
func (a *App) Queues() (map[string]*asynq.QueueInfo, error) {
	names, err := a.inspector.Queues()
	if err != nil {
		return nil, err
	}
	infos := map[string]*asynq.QueueInfo{}
	for _, name := range names {
		if infos[name], err = a.inspector.GetQueueInfo(name); err != nil {
			return nil, err
		}
	}
	return infos, nil
}

// Order is what became of the charge for an order.
func (a *App) Order(order string) (*asynq.TaskInfo, error) {
	return a.inspector.GetTaskInfo("money", order)
}

// Again has a charge that was given up tried once more.
func (a *App) Again(order string) error {
	return a.inspector.RunTask("money", order)
}
