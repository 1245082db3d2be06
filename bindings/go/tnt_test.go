package tenondb

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// The notation of tests/conformance (its README describes it): sessions, and the replies that Redis gives.

// node is a reply as it was on the wire: its type by the notation's name, and what it holds. A map's items are keys and values
// by turns.
type node struct {
	kind  string
	text  string
	items []node
}

func (n node) String() string {
	if n.items == nil && n.kind != "list" && n.kind != "set" && n.kind != "push" && n.kind != "map" {
		return fmt.Sprintf("(%s %q)", n.kind, n.text)
	}
	return fmt.Sprintf("(%s %v)", n.kind, n.items)
}

// in is its items, so many at a time, in order of their text.
func (n node) sorted(step int) string {
	var parts []string
	for i := 0; i < len(n.items); i += step {
		parts = append(parts, fmt.Sprint(n.items[i:min(i+step, len(n.items))]))
	}
	sort.Strings(parts)
	return n.kind + strings.Join(parts, " ")
}

// readReply reads one reply and returns what is left behind it.
func readReply(wire string) (node, string, error) {
	line, rest, ok := strings.Cut(wire, "\r\n")
	if !ok || line == "" {
		return node{}, "", errors.New("an unfinished reply")
	}
	what, line := line[0], line[1:]
	count, _ := strconv.Atoi(line)
	simple := map[byte]string{'+': "status", '-': "error", ':': "int", ',': "double", '(': "bignum", '#': "bool", '_': "nil"}
	if kind := simple[what]; kind != "" {
		return node{kind: kind, text: line}, rest, nil
	}
	if line == "-1" {
		return node{kind: map[byte]string{'$': "nil", '*': "nil list"}[what]}, rest, nil
	}
	if kind := map[byte]string{'$': "bulk", '=': "verbatim", '!': "bulk error"}[what]; kind != "" {
		if len(rest) < count+2 {
			return node{}, "", errors.New("an unfinished string")
		}
		return node{kind: kind, text: rest[:count]}, rest[count+2:], nil
	}
	n := node{kind: map[byte]string{'*': "list", '~': "set", '>': "push", '%': "map"}[what]}
	if n.kind == "" {
		return node{}, "", fmt.Errorf("no reply: %q", wire)
	}
	if what == '%' {
		count *= 2
	}
	for range count {
		item, left, err := readReply(rest)
		if err != nil {
			return node{}, "", err
		}
		n.items, rest = append(n.items, item), left
	}
	return n, rest, nil
}

// expect is what a reply must be.
type expect struct {
	// "": this very reply; "order", "pairs", "about", "any", "silence".
	how   string
	value node
	about int64
}

func (e expect) accepts(n node) bool {
	switch e.how {
	case "":
		return e.value.String() == n.String()
	case "order":
		step := 1
		if n.kind == "map" {
			step = 2
		}
		return e.value.sorted(step) == n.sorted(step)
	case "pairs":
		return e.value.sorted(2) == n.sorted(2)
	case "about":
		got, err := strconv.ParseInt(n.text, 10, 64)
		far := max(e.about-got, got-e.about)
		return n.kind == "int" && err == nil && far <= max(e.about/50, -e.about/50, 2)
	case "any":
		kind := strings.TrimPrefix(n.kind, "bulk ")
		if e.value.kind == "" {
			return kind != "error"
		}
		return kind == e.value.kind
	}
	return false
}

// reader goes through a line of the notation.
type reader struct{ rest string }

func (r *reader) eat(prefix string) bool {
	r.rest = strings.TrimLeft(r.rest, " \t")
	rest, ok := strings.CutPrefix(r.rest, prefix)
	r.rest = rest
	return ok
}

func (r *reader) until(stops string) string {
	end := strings.IndexAny(r.rest, stops)
	if end < 0 {
		end = len(r.rest)
	}
	text := r.rest[:end]
	r.rest = r.rest[end:]
	return text
}

// quoted reads a string between quotes, as redis-cli does.
func (r *reader) quoted() (string, error) {
	r.eat("")
	if r.rest == "" || (r.rest[0] != '"' && r.rest[0] != '\'') {
		return "", fmt.Errorf("no quoted string: %s", r.rest)
	}
	quote, text := r.rest[0], strings.Builder{}
	for i := 1; i < len(r.rest); i++ {
		switch b := r.rest[i]; {
		case b == quote:
			r.rest = r.rest[i+1:]
			return text.String(), nil
		case b == '\\' && quote == '\'' && strings.HasPrefix(r.rest[i+1:], "'"):
			text.WriteByte('\'')
			i++
		case b == '\\' && quote == '"' && i+1 < len(r.rest):
			i++
			if r.rest[i] == 'x' && i+2 < len(r.rest) {
				if n, err := strconv.ParseUint(r.rest[i+1:i+3], 16, 8); err == nil {
					text.WriteByte(byte(n))
					i += 2
					continue
				}
			}
			escapes := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'a': 7, 'b': 8}
			if escaped, ok := escapes[r.rest[i]]; ok {
				text.WriteByte(escaped)
			} else {
				text.WriteByte(r.rest[i])
			}
		default:
			text.WriteByte(b)
		}
	}
	return "", fmt.Errorf("a quote is not closed: %s", r.rest)
}

func (r *reader) word() (string, error) {
	if strings.HasPrefix(r.rest, `"`) {
		return r.quoted()
	}
	word := r.until(" ,]}\t")
	if before, ok := strings.CutSuffix(word, ":"); ok {
		r.rest = ":" + r.rest
		return before, nil
	}
	return word, nil
}

func (r *reader) value() (n node, err error) {
	r.eat("")
	switch {
	case r.rest == "":
		return n, errors.New("a reply is missing")
	case r.eat("("):
		mark := r.until(")")
		r.eat(")")
		r.eat("")
		return r.marked(mark)
	case r.rest[0] == '[':
		return r.list("list", "[", "]")
	case r.rest[0] == '{':
		return r.list("map", "{", "}")
	case r.eat("+"):
		n.kind = "status"
		n.text, err = r.word()
	case r.eat("!!"):
		n.kind = "bulk error"
		n.text, err = r.quoted()
	case r.eat("!"):
		n.kind = "error"
		n.text, err = r.quoted()
	case r.rest[0] == '-' || (r.rest[0] >= '0' && r.rest[0] <= '9'):
		n = node{kind: "int", text: r.until(" ,]}:\t")}
	default:
		n.kind = "bulk"
		n.text, err = r.word()
	}
	return n, err
}

func (r *reader) marked(mark string) (n node, err error) {
	n.kind = mark
	switch mark {
	case "nil", "nil list":
	case "true", "false":
		n = node{kind: "bool", text: mark[:1]}
	case "double", "bignum":
		n.text = r.until(" ,]}:\t")
	case "set", "push":
		return r.list(mark, "[", "]")
	default:
		format, ok := strings.CutPrefix(mark, "text")
		if !ok {
			return n, fmt.Errorf("unknown mark (%s)", mark)
		}
		if format = strings.TrimSpace(format); format == "" {
			format = "txt"
		}
		n.kind = "verbatim"
		n.text, err = r.quoted()
		n.text = format + ":" + n.text
	}
	return n, err
}

func (r *reader) list(kind, start, end string) (node, error) {
	n := node{kind: kind}
	if !r.eat(start) {
		return n, fmt.Errorf("a list is missing: %s", r.rest)
	}
	for !r.eat(end) {
		item, err := r.value()
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
		if !r.eat(",") && !r.eat(":") && !strings.HasPrefix(r.rest, end) {
			return n, fmt.Errorf("no comma at: %s", r.rest)
		}
	}
	return n, nil
}

func parseExpect(line string) (expect, error) {
	line = strings.TrimSpace(line)
	if text, ok := strings.CutPrefix(line, "! "); ok {
		return expect{value: node{kind: "error", text: text}}, nil
	}
	if line == "(no reply)" {
		return expect{how: "silence"}, nil
	}
	e := expect{}
	rest := line
	for prefix, how := range map[string]string{"(any order)": "order", "(any pairs)": "pairs"} {
		if after, ok := strings.CutPrefix(line, prefix); ok {
			e.how, rest = how, after
		}
	}
	if inner, ok := strings.CutPrefix(line, "(about "); ok {
		about, err := strconv.ParseInt(strings.TrimSuffix(inner, ")"), 10, 64)
		return expect{how: "about", about: about}, err
	}
	if inner, ok := strings.CutPrefix(line, "(any"); ok && e.how == "" {
		return expect{how: "any", value: node{kind: strings.TrimSpace(strings.TrimSuffix(inner, ")"))}}, nil
	}
	r := reader{rest}
	value, err := r.value()
	e.value = value
	if err == nil && strings.TrimSpace(r.rest) != "" {
		err = fmt.Errorf("text after the reply: %s", r.rest)
	}
	return e, err
}

// splitCommand reads the words of a command, as redis-cli does.
func splitCommand(text string) (words []string, err error) {
	r := reader{text}
	for r.eat(""); r.rest != ""; r.eat("") {
		word := ""
		if r.rest[0] == '"' || r.rest[0] == '\'' {
			word, err = r.quoted()
		} else {
			word = r.until(" \t")
		}
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	return words, nil
}
