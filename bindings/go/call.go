package tenondb

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
)

// Do runs a command: its name and arguments, which are strings, []byte, numbers, bools (as 1 and 0), or slices of strings and
// bytes, whose elements are arguments. An error of the command is the error.
//
// A command that waits (BLPOP …) blocks the goroutine and no thread. When ctx ends first, it is given up, what it was served with at
// that moment is given back, and the error is that of ctx. Commands that do not wait are run whatever ctx says, unless it has ended
// already.
func (db *DB) Do(ctx context.Context, args ...any) (Value, error) {
	if err := ctx.Err(); err != nil {
		return Value{}, err
	}
	if db.mayWait(args) {
		return db.await(ctx, args)
	}
	return db.call(args)
}

// Call is [DB.Do] without a context.
func (db *DB) Call(args ...any) (Value, error) {
	if db.mayWait(args) {
		return db.await(context.Background(), args)
	}
	return db.call(args)
}

// call runs a command that does not wait.
func (db *DB) call(args []any) (Value, error) {
	handle, err := db.open()
	if err != nil {
		return Value{}, err
	}
	b := pool.Get().(*buffers)
	defer b.release()
	if err := b.command(args); err != nil {
		return Value{}, err
	}
	value := exchange(throughDB, handle, b)
	runtime.KeepAlive(db)
	if value.kind == KindError {
		return Value{}, db.refused(value.Err())
	}
	return value, nil
}

// Which commands may wait is one of the facts that the library has of them; their names, in capitals and in small letters.
var waiting atomic.Pointer[map[string]bool]

func (db *DB) mayWait(args []any) bool {
	if len(args) == 0 {
		return false
	}
	names := waiting.Load()
	if names == nil {
		if names = db.askWhichWait(); names == nil {
			return false
		}
		waiting.Store(names)
	}
	switch name := args[0].(type) {
	case string:
		return isAmong(*names, name)
	case []byte:
		return isAmong(*names, string(name))
	case []string:
		return len(name) > 0 && isAmong(*names, name[0])
	}
	return false
}

func (db *DB) askWhichWait() *map[string]bool {
	all, err := db.call([]any{"COMMAND"})
	if err != nil {
		return nil
	}
	names := make(map[string]bool)
	for _, facts := range all.list {
		name := string(facts.list[0].bytes)
		for _, flag := range facts.list[2].list {
			if string(flag.bytes) == "blocking" {
				names[name], names[strings.ToUpper(name)] = true, true
			}
		}
	}
	return &names
}

func isAmong(names map[string]bool, name string) bool {
	if names[name] {
		return true
	}
	upper, lower := false, false
	for i := range len(name) {
		upper = upper || ('A' <= name[i] && name[i] <= 'Z')
		lower = lower || ('a' <= name[i] && name[i] <= 'z')
	}
	// Names in one case were looked up as they are.
	return upper && lower && names[strings.ToLower(name)]
}

// Pipeline is commands that run as one step: nobody sees some of them done and others not. As in Redis's MULTI, one that fails does
// not undo the others.
type Pipeline struct {
	db     *DB
	packed buffers
	count  int
	err    error
}

// Pipeline begins one. It is used by one goroutine.
func (db *DB) Pipeline() *Pipeline {
	return &Pipeline{db: db, packed: buffers{in: make([]byte, 4, 256)}}
}

// Do adds a command: its name and arguments, as in [DB.Do]. It takes what MULTI takes: commands about keys, scripts, SELECT for
// those that follow.
func (p *Pipeline) Do(args ...any) *Pipeline {
	if p.err == nil {
		p.err = p.packed.command(args)
	}
	p.count++
	return p
}

// Len is how many commands were added.
func (p *Pipeline) Len() int { return p.count }

// Exec runs the commands and returns a reply for each; [Value.Err] is the error of one that failed. The error is that of a command
// which cannot be run at all: then none was. The pipeline is empty afterwards.
func (p *Pipeline) Exec() ([]Value, error) {
	b, count, err := &p.packed, p.count, p.err
	in := b.in
	defer func() { p.count, p.err, b.in, b.out = 0, nil, in[:4], nil }()
	if err != nil || count == 0 {
		return nil, err
	}
	handle, err := p.db.open()
	if err != nil {
		return nil, err
	}
	in[0], in[1], in[2], in[3] = byte(count), byte(count>>8), byte(count>>16), byte(count>>24)
	b.out = make([]byte, 64*count)
	value := exchange(throughBatch, handle, b)
	runtime.KeepAlive(p.db)
	if value.kind == KindError {
		return nil, p.db.refused(value.Err())
	}
	return value.list, nil
}

// Tx is a transaction: isolated, reading its own writes, all or nothing. It has the methods of [Commands].
type Tx struct {
	Commands
	handle uintptr
}

// Update runs body as one step. When something that it has touched was changed meanwhile by somebody else, it is run again: body
// should have no other effects. What body returns is returned, and an error or a panic leaves nothing behind. Nobody ever waits for an
// open transaction.
func (db *DB) Update(body func(tx *Tx) error) error {
	for {
		again, err := db.attempt(body)
		if !again {
			return err
		}
		runtime.Gosched()
	}
}

func (db *DB) attempt(body func(tx *Tx) error) (again bool, err error) {
	handle, err := db.open()
	if err != nil {
		return false, err
	}
	txn, err := beginTxn(handle)
	runtime.KeepAlive(db)
	if err != nil {
		return false, db.refused(err)
	}
	tx := &Tx{handle: txn}
	tx.Commands.tx = tx
	// Given up when body fails or panics; a transaction that is over already is not harmed by it.
	defer func() {
		if tx.handle != 0 {
			tx.handle = 0
			abortTxn(txn)
		}
	}()
	if err := body(tx); err != nil {
		return false, err
	}
	if tx.handle == 0 {
		return false, misuse("a transaction ends with its function")
	}
	tx.handle = 0
	err = commitTxn(txn)
	if e, ok := err.(*Error); ok && e.Kind == ErrConflict {
		return true, nil
	}
	return false, err
}

// Do runs a command inside the transaction, as [DB.Do] does. It takes commands that name their keys; one that would wait finds
// nothing instead. A transaction is used by one goroutine.
func (tx *Tx) Do(args ...any) (Value, error) { return tx.call(args) }

func (tx *Tx) call(args []any) (Value, error) {
	if tx.handle == 0 {
		return Value{}, misuse("this transaction is over")
	}
	b := pool.Get().(*buffers)
	defer b.release()
	if err := b.command(args); err != nil {
		return Value{}, err
	}
	value := exchange(throughTxn, tx.handle, b)
	if value.kind == KindError {
		return Value{}, value.Err()
	}
	return value, nil
}
