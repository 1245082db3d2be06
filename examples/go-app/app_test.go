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
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// running is the program, as a process of its own.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	base string
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
	r := &running{t: t, cmd: cmd, base: "http://" + strings.TrimSpace(strings.TrimPrefix(line, "listening on "))}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return r
}

func (r *running) end(signal syscall.Signal) error {
	_ = r.cmd.Process.Signal(signal)
	return r.cmd.Wait()
}

// post asks for something; true: it was acknowledged.
func (r *running) post(path string, args ...string) (status int) {
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

// What clients were told, over all lives of the program.
type ledger struct {
	mu      sync.Mutex
	posts   map[string]bool
	devices map[string]bool
	scored  float64
	tried   float64
	links   []string
}

func TestItIsKilledAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "go-app")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data := filepath.Join(dir, "data")
	told := &ledger{posts: map[string]bool{}, devices: map[string]bool{}}
	const lives, clients, asks = 6, 4, 150
	for life := range lives {
		app := start(t, program, data)
		var acknowledged atomic.Int64
		var all sync.WaitGroup
		for client := range clients {
			all.Add(1)
			go func() {
				defer all.Done()
				for n := 0; ; n++ {
					if !told.ask(app, fmt.Sprintf("%d-%d-%d", life, client, n), client) {
						return
					}
					acknowledged.Add(1)
				}
			}()
		}
		for acknowledged.Load() < asks {
			time.Sleep(time.Millisecond)
		}
		if err := app.end(syscall.SIGKILL); err == nil {
			t.Error("who was killed did not end well")
		}
		all.Wait()
	}

	// One that ends as it should, and one that looks at what is there.
	app := start(t, program, data)
	if status := app.post("/heartbeat", "user", "alice"); status != http.StatusOK {
		t.Errorf("a heartbeat: %d", status)
	}
	if err := app.end(syscall.SIGTERM); err != nil {
		t.Errorf("it was asked to end: %v", err)
	}
	app = start(t, program, data)
	told.compare(t, app)
	if err := app.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// ask does one of everything; false: the program is gone.
func (l *ledger) ask(app *running, id string, client int) bool {
	if app.post("/post", "id", id, "text", "hello") != http.StatusOK {
		return false
	}
	l.mu.Lock()
	l.posts[id] = true
	l.tried += 1.5
	l.mu.Unlock()
	if app.post("/score", "user", "alice", "points", "1.5") != http.StatusOK {
		return false
	}
	l.mu.Lock()
	l.scored += 1.5
	l.mu.Unlock()
	switch app.post("/device", "user", "alice", "device", id) {
	case http.StatusOK:
		l.mu.Lock()
		l.devices[id] = true
		l.mu.Unlock()
	case http.StatusConflict:
	default:
		return false
	}
	// One client alone adds links, so that their order is known.
	if client == 0 {
		if app.post("/preview", "room", "lobby", "link", id) != http.StatusOK {
			return false
		}
		l.mu.Lock()
		l.links = append(l.links, id)
		l.mu.Unlock()
	}
	return true
}

func (l *ledger) compare(t *testing.T, app *running) {
	// Workers may be at it still.
	var handled map[string]string
	for range 5000 {
		missing := 0
		handled = get[map[string]string](app, "/handled")
		for id := range l.posts {
			if handled[id] == "" {
				missing++
			}
		}
		if missing == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	for id := range l.posts {
		if handled[id] == "" {
			t.Errorf("post %s was acknowledged and is lost", id)
		}
	}
	for id, times := range handled {
		if times != "1" {
			t.Errorf("post %s was handled %s times", id, times)
		}
	}
	top := get[[]struct {
		Member string
		Score  float64
	}](app, "/top")
	if len(top) != 1 || top[0].Score < l.scored || top[0].Score > l.tried {
		t.Errorf("points: %v, of which %g were acknowledged and %g tried", top, l.scored, l.tried)
	}
	devices := get[[]string](app, "/devices?user=alice")
	if len(devices) != devicesMax {
		t.Errorf("devices: %v", devices)
	}
	for id := range l.devices {
		if !slices.Contains(devices, id) {
			t.Errorf("device %s was acknowledged and is lost", id)
		}
	}
	links := get[[]string](app, "/previews?room=lobby")
	last := l.links[len(l.links)-1]
	// One that was not acknowledged may stand before it, for each time it was killed.
	if len(links) != previewsKept || !slices.Contains(links[:7], last) {
		t.Errorf("previews: %v, the last that was acknowledged is %s", links, last)
	}
	if !get[bool](app, "/online?user=alice") || get[bool](app, "/online?user=bob") {
		t.Error("alice is there, and bob is not")
	}
}
