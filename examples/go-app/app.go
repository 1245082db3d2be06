package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// App is the backend of a chat: what it keeps is in Redis's structures, and it knows nothing of where those are.
type App struct{ rdb *redis.Client }

const (
	previewsKept  = 20
	previewsLive  = 24 * time.Hour
	presenceLives = 30 * time.Second
	devicesMax    = 3
	posts         = "posts"
	workers       = "workers"
)

// AddPreview remembers the preview of a link in a room: the latest few, for a day.
func (a *App) AddPreview(ctx context.Context, room, link string) error {
	key := "previews:" + room
	_, err := a.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.LPush(ctx, key, link)
		p.LTrim(ctx, key, 0, previewsKept-1)
		p.Expire(ctx, key, previewsLive)
		return nil
	})
	return err
}

// Previews are the latest links of a room, the last one first.
func (a *App) Previews(ctx context.Context, room string) ([]string, error) {
	return a.rdb.LRange(ctx, "previews:"+room, 0, -1).Result()
}

// Heartbeat says that a user is there.
func (a *App) Heartbeat(ctx context.Context, user string) error {
	return a.rdb.Set(ctx, "presence:"+user, time.Now().UnixMilli(), presenceLives).Err()
}

// IsOnline tells whether a user was there a moment ago.
func (a *App) IsOnline(ctx context.Context, user string) (bool, error) {
	n, err := a.rdb.Exists(ctx, "presence:"+user).Result()
	return n == 1, err
}

// ErrTooManyDevices is the answer to one device too many.
var ErrTooManyDevices = errors.New("too many devices")

// AddDevice registers a device of a user, who may have a few of them.
func (a *App) AddDevice(ctx context.Context, user, device string) error {
	key := "devices:" + user
	for {
		err := a.rdb.Watch(ctx, func(tx *redis.Tx) error {
			if known, err := tx.SIsMember(ctx, key, device).Result(); known || err != nil {
				return err
			}
			count, err := tx.SCard(ctx, key).Result()
			if err != nil {
				return err
			}
			if count >= devicesMax {
				return ErrTooManyDevices
			}
			_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.SAdd(ctx, key, device)
				return nil
			})
			return err
		}, key)
		// Somebody else was quicker: once more.
		if !errors.Is(err, redis.TxFailedErr) {
			return err
		}
	}
}

// Devices are those of a user.
func (a *App) Devices(ctx context.Context, user string) ([]string, error) {
	return a.rdb.SMembers(ctx, "devices:"+user).Result()
}

// Score gives a user points, and returns how many he has.
func (a *App) Score(ctx context.Context, user string, points float64) (float64, error) {
	return a.rdb.ZIncrBy(ctx, "board", points, user).Result()
}

// Top are the users with the most points.
func (a *App) Top(ctx context.Context, count int64) ([]redis.Z, error) {
	return a.rdb.ZRevRangeWithScores(ctx, "board", 0, count-1).Result()
}

// Post puts a message into the stream that workers read.
func (a *App) Post(ctx context.Context, id, text string) error {
	return a.rdb.XAdd(ctx, &redis.XAddArgs{Stream: posts, Values: []string{"id", id, "text", text}}).Err()
}

// Handled is how often each message was handled, by its id.
func (a *App) Handled(ctx context.Context) (map[string]string, error) {
	return a.rdb.HGetAll(ctx, "handled").Result()
}

// Recover handles the messages that workers had when they died. It is called before there are new ones: whatever is pending then is
// nobody's, since all workers were in the process that died.
func (a *App) Recover(ctx context.Context) error {
	err := a.rdb.XGroupCreateMkStream(ctx, posts, workers, "0").Err()
	if err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") {
		return err
	}
	for start := "0-0"; ; {
		left, next, err := a.rdb.XAutoClaim(ctx, &redis.XAutoClaimArgs{
			Stream: posts, Group: workers, Consumer: "recovery", Start: start, Count: 100,
		}).Result()
		if err != nil {
			return err
		}
		if err := a.handle(ctx, left); err != nil {
			return err
		}
		if start = next; start == "0-0" {
			return nil
		}
	}
}

// Work handles messages until ctx ends.
func (a *App) Work(ctx context.Context, name string) error {
	for ctx.Err() == nil {
		streams, err := a.rdb.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: workers, Consumer: name, Streams: []string{posts, ">"}, Count: 10, Block: time.Second,
		}).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return fmt.Errorf("reading posts: %w", err)
		}
		for _, stream := range streams {
			if err := a.handle(ctx, stream.Messages); err != nil {
				return err
			}
		}
	}
	return nil
}

// handle does the work of messages and acknowledges them in one step each: a message is handled once, whoever dies when.
func (a *App) handle(ctx context.Context, messages []redis.XMessage) error {
	for _, message := range messages {
		_, err := a.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.HIncrBy(ctx, "handled", message.Values["id"].(string), 1)
			p.XAck(ctx, posts, workers, message.ID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
