// Package tenondb is Redis's data structures inside your own process: the same types, commands and semantics, in memory or
// kept in a directory.
//
// A [DB] may be used by any number of goroutines. Any command is run by [DB.Do]; the common ones have methods
// ([Commands]). Several commands are one step with [DB.Pipeline], and with [DB.Update] code that reads, decides and writes is.
//
//	db, err := tenondb.Open("data", tenondb.Options{})
//	if err != nil { … }
//	defer db.Close()
//	db.Set("greeting", "hello")
//	text, err := db.Get("greeting")
//
// Clients that speak to a server are pointed at the process itself by [DB.Dial]: go-redis, rueidis, redigo.
//
// Errors are [*Error]; errors.Is tells their kinds apart ([ErrWrongType], [ErrConflict] …). A key that is not there is no error.
// Commands that wait (BLPOP …) block a goroutine and no thread, and end with their context.
package tenondb

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Fsync says when what was written is on the disk for good. The death of the process loses nothing, whatever it is.
type Fsync int

const (
	// FsyncEverySecond may lose about a second when the power fails. It is the default.
	FsyncEverySecond Fsync = iota
	// FsyncAlways answers a write when it is on the disk. Goroutines that write at the same time share one sync.
	FsyncAlways
	// FsyncNever leaves it to the system.
	FsyncNever
)

// Options say how a database is opened; the zero value has the defaults.
type Options struct {
	// Fsync says when a write is on the disk for good.
	Fsync Fsync
	// Clock, unless it is zero, is what a clock shows at first that stands still until [DB.SetClock] or [DB.AdvanceClock] move it:
	// for tests.
	Clock time.Time
	// Seed, unless nil, is what SPOP, RANDOMKEY and the like draw from, so that a run can be repeated.
	Seed *uint64
	// Stripes is the number of locks the keys are spread over; 64 for 0.
	Stripes int
	// NoBackground has no background thread: [DB.Tick] is called now and then.
	NoBackground bool
	// Salvage opens a damaged store with what is left of it; otherwise it is refused with [ErrCorrupt].
	Salvage bool
	// SegmentBytes is the size at which a new file of the log is begun; 64 MiB for 0.
	SegmentBytes uint64
	// Password is what connections made by [DB.Dial] must say by AUTH; none for "". It does not guard the methods.
	Password string
}

// DB is a database. It may be used by many goroutines at once, and speaks of one of 16 logical databases.
type DB struct {
	Commands
	handle  atomic.Uintptr
	cleanup runtime.Cleanup
	// The whole database is closed with it: it was opened, not derived.
	isRoot bool
	// Closed with this DB, for calls that wait. When the database is, the library ends them.
	closed chan struct{}
}

// Open opens the database in the directory dir, which is made when it is missing, and reads it into memory. The same directory
// opened twice in a process is the same database.
//
// Its errors: [ErrBusy] when another process has it open, [ErrCorrupt] when it is damaged, [ErrIO].
func Open(dir string, options Options) (*DB, error) {
	handle, err := openHandle(&dir, options)
	return wrap(handle, true, err)
}

// Memory makes a database that lives in memory.
func Memory(options Options) (*DB, error) {
	handle, err := openHandle(nil, options)
	return wrap(handle, true, err)
}

// wrap makes a DB of a handle, unless there was an error.
func wrap(handle uintptr, isRoot bool, err error) (*DB, error) {
	if err != nil {
		return nil, err
	}
	db := &DB{isRoot: isRoot, closed: make(chan struct{})}
	db.Commands.db = db
	db.handle.Store(handle)
	// A net, not a habit: a database that is forgotten is closed when the collector finds it.
	db.cleanup = runtime.AddCleanup(db, freeHandle, handle)
	return db, nil
}

// open returns the handle.
func (db *DB) open() (uintptr, error) {
	if handle := db.handle.Load(); handle != 0 {
		return handle, nil
	}
	return 0, errClosed
}

// refused is err, or that the database was closed meanwhile.
func (db *DB) refused(err error) error {
	if db.handle.Load() == 0 {
		return errClosed
	}
	return err
}

// Close writes out what there is, makes it durable and closes the database, for all who have it open in this process; calls
// that wait return [ErrClosed]. A DB that came from [DB.Select] or [DB.Durable] gives only itself back. Closing again does nothing.
func (db *DB) Close() error {
	handle := db.handle.Swap(0)
	if handle == 0 {
		return nil
	}
	db.cleanup.Stop()
	close(db.closed)
	if db.isRoot {
		return closeHandle(handle)
	}
	freeHandle(handle)
	return nil
}

func (db *DB) derive(make func(uintptr) (uintptr, error)) (*DB, error) {
	handle, err := db.open()
	if err != nil {
		return nil, err
	}
	derived, err := make(handle)
	runtime.KeepAlive(db)
	return wrap(derived, false, db.refusedIf(err))
}

func (db *DB) refusedIf(err error) error {
	if err == nil {
		return nil
	}
	return db.refused(err)
}

// Select returns the logical database index, below 16, of the same database.
func (db *DB) Select(index int) (*DB, error) {
	return db.derive(func(handle uintptr) (uintptr, error) { return selectHandle(handle, index) })
}

// Durable returns the same database with writes that are on the disk for good before they return, whatever [Options.Fsync]
// says. In memory it means nothing.
func (db *DB) Durable() (*DB, error) { return db.derive(durableHandle) }

// on runs something with the handle.
func (db *DB) on(run func(uintptr) error) error {
	handle, err := db.open()
	if err != nil {
		return err
	}
	err = run(handle)
	runtime.KeepAlive(db)
	return db.refusedIf(err)
}

// Sync makes everything that was written before durable. It blocks a thread until the disk has it.
func (db *DB) Sync() error { return db.on(syncHandle) }

// Tick does a share of the upkeep, for about so long, and tells whether there is more to do. See [Options.NoBackground].
func (db *DB) Tick(budget time.Duration) (more bool, err error) {
	err = db.on(func(handle uintptr) (err error) {
		more, err = tickHandle(handle, budget)
		return err
	})
	return more, err
}

// Now returns what the database's clock shows, in milliseconds.
func (db *DB) Now() (now time.Time, err error) {
	err = db.on(func(handle uintptr) error {
		ms, err := clockNow(handle)
		now = time.UnixMilli(int64(ms))
		return err
	})
	return now, err
}

// SetClock sets the database's clock. A clock of the system is set as well, and goes on from there.
func (db *DB) SetClock(now time.Time) error {
	return db.on(func(handle uintptr) error { return clockSet(handle, uint64(max(0, now.UnixMilli()))) })
}

// AdvanceClock moves the database's clock ahead.
func (db *DB) AdvanceClock(by time.Duration) error {
	return db.on(func(handle uintptr) error { return clockAdvance(handle, uint64(max(0, by.Milliseconds()))) })
}
