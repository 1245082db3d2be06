package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

// running is the program, as a process of its own.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	base string
}

func build(t *testing.T) (program, data string) {
	t.Helper()
	dir := t.TempDir()
	program = filepath.Join(dir, "go-asynq")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program, filepath.Join(dir, "data")
}

func start(t *testing.T, program, dir string) *running {
	t.Helper()
	cmd := exec.Command(program, "-listen", "127.0.0.1:0", dir)
	said := &strings.Builder{}
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("it did not start: %v: %s", err, said)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &running{t: t, cmd: cmd, base: "http://" + strings.TrimSpace(strings.TrimPrefix(line, "listening on "))}
}

func (r *running) end(signal syscall.Signal) error {
	_ = r.cmd.Process.Signal(signal)
	return r.cmd.Wait()
}

// post asks for something, and returns the status of the answer; 0: the program is gone.
func (r *running) post(path string, args ...string) int {
	query := url.Values{}
	for i := 0; i < len(args); i += 2 {
		query.Set(args[i], args[i+1])
	}
	answer, err := http.Post(r.base+path+"?"+query.Encode(), "", nil)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0
	}
	return answer.StatusCode
}

func get[T any](r *running, path string) (value T) {
	r.t.Helper()
	answer, err := http.Get(r.base + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&value); err != nil {
		r.t.Fatal(err)
	}
	return value
}

func (r *running) queue(name string) *asynq.QueueInfo {
	r.t.Helper()
	if info := get[map[string]*asynq.QueueInfo](r, "/queues")[name]; info != nil {
		return info
	}
	return &asynq.QueueInfo{}
}

// until waits for something to become true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in a minute there was no %s", what)
		}
	}
}

// What clients were told, over all lives of the program: the cards of orders, and users.
type ledger struct {
	mu     sync.Mutex
	orders map[string]string
	users  map[string]bool
}

func TestItIsKilledAndGoesOn(t *testing.T) {
	program, data := build(t)
	told := &ledger{orders: map[string]string{}, users: map[string]bool{}}
	const lives, clients, asks = 5, 4, 150
	var unanswered [clients]string
	for life := range lives {
		app := start(t, program, data)
		// Who asked for a digest has one coming, in every life.
		if status := app.post("/digest", "user", "alice"); (status == http.StatusOK) != (life == 0) {
			t.Errorf("a digest was asked for in life %d: %d", life, status)
		}
		var acknowledged atomic.Int64
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				for n := 0; ; n++ {
					// Who was not answered asks again, for the same.
					if unanswered[client] == "" {
						unanswered[client] = fmt.Sprintf("%d-%d-%d", life, client, n)
					}
					if !told.ask(app, unanswered[client]) {
						return
					}
					unanswered[client] = ""
					acknowledged.Add(1)
				}
			})
		}
		for acknowledged.Load() < asks {
			time.Sleep(time.Millisecond)
		}
		if err := app.end(syscall.SIGKILL); err == nil {
			t.Error("who was killed did not end well")
		}
		all.Wait()
	}
	app := start(t, program, data)
	told.compare(t, app, lives*concurrency)
	tidied := get[int](app, "/tidied")
	until(t, "tidying up", func() bool { return get[int](app, "/tidied") > tidied })
	if err := app.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// ask orders something and welcomes who did; false: the program is gone.
func (l *ledger) ask(app *running, id string) bool {
	card := "good"
	switch {
	case strings.HasSuffix(id, "3"):
		card = "flaky"
	case strings.HasSuffix(id, "7"):
		card = "stolen"
	}
	// In conflict: it is there, or was done, and we were not told.
	if status := app.post("/charge", "order", id, "card", card); status != http.StatusOK && status != http.StatusConflict {
		return false
	}
	l.mu.Lock()
	l.orders[id] = card
	l.mu.Unlock()
	if app.post("/welcome", "user", id) != http.StatusOK {
		return false
	}
	l.mu.Lock()
	l.users[id] = true
	l.mu.Unlock()
	return true
}

// compare waits until all is done, and compares it with what was acknowledged. A worker who was killed may have done something and not have
// said so: that was done again, and there were so many such workers.
func (l *ledger) compare(t *testing.T, app *running, workers int) {
	stolen := 0
	for _, card := range l.orders {
		if card == "stolen" {
			stolen++
		}
	}
	left := func() (n int) {
		for _, info := range get[map[string]*asynq.QueueInfo](app, "/queues") {
			n += info.Size - info.Archived - info.Completed
		}
		return n
	}
	until(t, "end of it", func() bool { return left() == 1 })
	money, mails := app.queue("money"), app.queue("mail")
	if money.Archived < stolen || money.Completed < len(l.orders)-stolen || mails.Scheduled != 1 {
		t.Errorf("%d orders, %d with stolen cards, but %+v and %+v", len(l.orders), stolen, money, mails)
	}
	// Those that were killed before their answer count too.
	if over := money.Archived + money.Completed - len(l.orders); over < 0 || over > workers {
		t.Errorf("%d orders more than were acknowledged", over)
	}
	repeated := 0
	charged, sent := get[map[string]string](app, "/charged"), get[map[string]string](app, "/sent")
	for _, times := range charged {
		n, _ := strconv.Atoi(times)
		repeated += n - 1
	}
	if repeated > workers {
		t.Errorf("%d orders were charged again", repeated)
	}
	for id, card := range l.orders {
		order := get[asynq.TaskInfo](app, "/order?order="+id)
		state, retried, result := asynq.TaskStateCompleted, 0, "try 1"
		switch card {
		case "flaky":
			retried, result = 1, "try 2"
		case "stolen":
			state, retried, result = asynq.TaskStateArchived, chargeTries-1, ""
		}
		if order.State != state || order.Retried != retried || string(order.Result) != result {
			t.Errorf("order %s with a %s card: %v, %d retries, %q", id, card, order.State, order.Retried, order.Result)
		}
		if (charged[id] != "") != (card != "stolen") {
			t.Errorf("order %s with a %s card was charged %s times", id, card, charged[id])
		}
	}
	for id := range l.users {
		if sent["mail:welcome "+id] == "" || sent["mail:hint "+id] == "" {
			t.Errorf("user %s was welcomed %s times and had %s hints", id, sent["mail:welcome "+id], sent["mail:hint "+id])
		}
	}
	t.Logf("%d orders, of which %d refused and %d charged again; %d users", len(l.orders), stolen, repeated, len(l.users))
}

// working starts the program and gives it an order that takes its time; it is being worked on.
func working(t *testing.T, program, data string) *running {
	t.Helper()
	app := start(t, program, data)
	if status := app.post("/charge", "order", "lunch", "card", "slow"); status != http.StatusOK {
		t.Fatalf("an order was not taken: %d", status)
	}
	until(t, "work", func() bool { return app.queue("money").Active == 1 })
	return app
}

func TestWhatDiedWithAWorkerIsTakenUp(t *testing.T) {
	program, data := build(t)
	_ = working(t, program, data).end(syscall.SIGKILL)
	app := start(t, program, data)
	until(t, "end of work", func() bool { return app.queue("money").Completed == 1 })
	if order := get[asynq.TaskInfo](app, "/order?order=lunch"); order.Retried != 0 || string(order.Result) != "try 1" {
		t.Errorf("it did not fail, its worker did: %+v", order)
	}
}

func TestItEndsWhenAsked(t *testing.T) {
	program, data := build(t)
	if err := working(t, program, data).end(syscall.SIGTERM); err != nil {
		t.Errorf("it was asked to end: %v", err)
	}
	app := start(t, program, data)
	order := get[asynq.TaskInfo](app, "/order?order=lunch")
	if order.State != asynq.TaskStateCompleted || string(order.Result) != "try 1" {
		t.Errorf("what was worked on: %+v", order)
	}
	if charged := get[map[string]string](app, "/charged"); len(charged) != 1 || charged["lunch"] != "1" {
		t.Errorf("charged: %v", charged)
	}
}

func TestWhatWasGivenUpIsTriedAgainByHand(t *testing.T) {
	program, data := build(t)
	app := start(t, program, data)
	app.post("/charge", "order", "watch", "card", "stolen")
	until(t, "refusal", func() bool { return app.queue("money").Archived == 1 })
	failed := app.queue("money").Failed
	if status := app.post("/again", "order", "watch"); status != http.StatusOK {
		t.Errorf("once more: %d", status)
	}
	until(t, "other refusal", func() bool {
		info := app.queue("money")
		return info.Failed > failed && info.Archived == 1
	})
	if status := app.post("/again", "order", "hat"); status != http.StatusNotFound {
		t.Errorf("nobody has ordered a hat: %d", status)
	}
	if err := app.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}
