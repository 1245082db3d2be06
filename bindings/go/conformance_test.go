package tenondb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// step is a command, what it answers, or a pause.
type step struct {
	line    int
	client  int
	words   []string
	replies []expect
	pause   time.Duration
}

// section is a part of a file that starts anew.
type section struct {
	resp3    bool
	settings [][2]string
	steps    []step
}

func parseFile(text string) (sections []section, err error) {
	sections = make([]section, 1)
	var lines []string
	var numbers []int
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) != "" && (line[0] == ' ' || line[0] == '\t') && len(lines) > 0 {
			lines[len(lines)-1] += " " + strings.TrimSpace(line)
			continue
		}
		lines, numbers = append(lines, line), append(numbers, i+1)
	}
	for i, line := range lines {
		s := &sections[len(sections)-1]
		line = strings.TrimSpace(line)
		client, command, isCommand := strings.Cut(line, ">")
		if isCommand = isCommand && len(client) <= 1 && strings.Trim(client, "123456789") == ""; isCommand {
			next := step{line: numbers[i], client: 1}
			if client != "" {
				next.client, _ = strconv.Atoi(client)
			}
			if next.words, err = splitCommand(command); err != nil {
				return nil, fmt.Errorf("line %d: %w", numbers[i], err)
			}
			s.steps = append(s.steps, next)
			continue
		}
		switch pause, isPause := strings.CutPrefix(line, "(wait "); {
		case line == "---":
			sections = append(sections, section{})
		case line == "":
		case line[0] == '#':
			name, value, _ := strings.Cut(line[1:], ":")
			value = strings.TrimSpace(value)
			switch strings.TrimSpace(name) {
			case "resp":
				s.resp3 = value == "3"
			case "encodings":
				parameter, values, _ := strings.Cut(value, " ")
				for _, value := range strings.Split(values, "|") {
					s.settings = append(s.settings, [2]string{parameter, strings.TrimSpace(value)})
				}
			}
		case isPause:
			ms, _ := strconv.Atoi(strings.TrimSuffix(pause, " ms)"))
			s.steps = append(s.steps, step{pause: time.Duration(ms) * time.Millisecond})
		default:
			e, err := parseExpect(line)
			if err != nil || len(s.steps) == 0 {
				return nil, fmt.Errorf("line %d: %v", numbers[i], err)
			}
			last := &s.steps[len(s.steps)-1]
			last.replies = append(last.replies, e)
		}
	}
	return sections, nil
}

type player struct {
	db    *DB
	conns []*conn
}

func start(s *section, setting *[2]string) *player {
	p := &player{db: must(Memory(Options{}))}
	clients := 1
	for _, step := range s.steps {
		clients = max(clients, step.client)
	}
	for range clients {
		p.conns = append(p.conns, must(p.db.Dial()).(*conn))
	}
	if setting != nil {
		p.send(1, []string{"CONFIG", "SET", setting[0], setting[1]})
	}
	for client := range clients {
		if s.resp3 {
			p.send(client+1, []string{"HELLO", "3"})
		}
	}
	return p
}

func (p *player) end() {
	for _, c := range p.conns {
		c.Close()
	}
	p.db.Close()
}

// send sends a command, and returns all that can be read then.
func (p *player) send(client int, words []string) (replies []node) {
	c := p.conns[client-1]
	if len(words) > 0 {
		request := fmt.Sprintf("*%d\r\n", len(words))
		for _, word := range words {
			request += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
		}
		// A connection that has ended answers nothing more.
		_, _ = c.Write([]byte(request))
	}
	wire, buffer := "", make([]byte, 4096)
	for {
		n, err := c.look(buffer)
		wire += string(buffer[:n])
		if n == 0 {
			if err != nil && !errors.Is(err, io.EOF) {
				panic(err)
			}
			break
		}
	}
	for wire != "" {
		reply, rest, err := readReply(wire)
		if err != nil {
			panic(err)
		}
		replies, wire = append(replies, reply), rest
	}
	return replies
}

func fits(expected []expect, replies []node) bool {
	if len(expected) == 1 && expected[0].how == "silence" {
		return len(replies) == 0
	}
	if len(expected) != len(replies) {
		return false
	}
	for i, e := range expected {
		if !e.accepts(replies[i]) {
			return false
		}
	}
	return true
}

// TestConformance plays what Redis answers, command by command, through connections.
func TestConformance(t *testing.T) {
	root, steps := "../../tests/conformance", 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".tnt" {
			return err
		}
		sections, err := parseFile(string(must(os.ReadFile(path))))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for i := range sections {
			s := &sections[i]
			settings := []*[2]string{nil}
			if len(s.settings) > 0 {
				settings = nil
				for j := range s.settings {
					settings = append(settings, &s.settings[j])
				}
			}
			for _, setting := range settings {
				p := start(s, setting)
				for _, step := range s.steps {
					if step.pause > 0 {
						time.Sleep(step.pause)
						continue
					}
					steps++
					if replies := p.send(step.client, step.words); !fits(step.replies, replies) {
						t.Errorf("%s:%d: %q: got %v instead of %v", path, step.line, step.words, replies, step.replies)
					}
				}
				p.end()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if steps < 2000 {
		t.Errorf("only %d steps were played", steps)
	}
	t.Logf("%d steps", steps)
}

func TestTheNotationIsRead(t *testing.T) {
	for line, wire := range map[string]string{
		`[a, 1, [b]]`: "*3\r\n$1\r\na\r\n:1\r\n*1\r\n$1\r\nb\r\n", `! ERR no`: "-ERR no\r\n", `+"Background saving"`: "+Background saving\r\n",
		`{a: 1, "b c": (double) 1.5}`: "%2\r\n$1\r\na\r\n:1\r\n$3\r\nb c\r\n,1.5\r\n", `(any order) [a, b]`: "*2\r\n$1\r\nb\r\n$1\r\na\r\n",
		`(any pairs) [f, 1, g, 2]`: "*4\r\n$1\r\ng\r\n:2\r\n$1\r\nf\r\n:1\r\n", `(about 1000)`: ":1010\r\n", `(any bulk)`: "$1\r\nx\r\n",
		`(text) "a\x00\n"`: "=7\r\ntxt:a\x00\n\r\n", `(true)`: "#t\r\n", `(nil list)`: "*-1\r\n", `(set) []`: "~0\r\n",
	} {
		e, err := parseExpect(line)
		reply, rest, fault := readReply(wire)
		if err != nil || fault != nil || rest != "" || !e.accepts(reply) {
			t.Errorf("%s does not accept %v: %v %v", line, reply, err, fault)
		}
		if other, _, _ := readReply("$5\r\nother\r\n"); e.accepts(other) && e.how != "any" {
			t.Errorf("%s accepts anything", line)
		}
	}
}
