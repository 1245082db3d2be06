package tenondb

import "strings"

// ErrorKind says what the caller of a failed call does next. It is an error itself, for errors.Is.
type ErrorKind uint32

const (
	// ErrCommand: fix the call; its syntax, a number or a range is wrong.
	ErrCommand ErrorKind = 1
	// ErrWrongType: use another key or command; the key holds another type.
	ErrWrongType ErrorKind = 2
	// ErrConflict: the state is not what was assumed; read again, retry or give up.
	ErrConflict ErrorKind = 3
	// ErrLimit: free memory or send less; a subscription was cut.
	ErrLimit ErrorKind = 4
	// ErrBusy: wait; another process or a time-out.
	ErrBusy ErrorKind = 5
	// ErrIO: the disk failed; writes are refused until the store is reopened.
	ErrIO ErrorKind = 6
	// ErrCorrupt: restore the store, or open it with [Options.Salvage].
	ErrCorrupt ErrorKind = 7
	// ErrClosed: open again; the database was closed.
	ErrClosed ErrorKind = 8
	// ErrMisuse: fix the program.
	ErrMisuse ErrorKind = 9
	// ErrInternal: report it; a panic of the library was caught.
	ErrInternal ErrorKind = 10
)

var kindNames = [...]string{"ok", "command", "wrong type", "conflict", "limit", "busy", "io", "corrupt", "closed", "misuse", "internal"}

// String is the kind's name.
func (k ErrorKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[ErrInternal]
}

// Error makes a kind something for errors.Is.
func (k ErrorKind) Error() string { return "tenondb: " + k.String() }

// Error is what a call answers that failed.
type Error struct {
	// Kind says what to do next.
	Kind ErrorKind
	// Text is Redis's, its code first. It is not to be compared: errors.Is is.
	Text string
}

var errClosed = &Error{Kind: ErrClosed, Text: "ERR the database is closed"}

// Error is the text.
func (e *Error) Error() string { return e.Text }

// Code is the first word of the text: ERR, WRONGTYPE, BUSYGROUP …
func (e *Error) Code() string {
	code, _, _ := strings.Cut(e.Text, " ")
	return code
}

// Is tells whether the error is of that kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(ErrorKind)
	return ok && kind == e.Kind
}

func misuse(text string) error { return &Error{Kind: ErrMisuse, Text: "ERR " + text} }
