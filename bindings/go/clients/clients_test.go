// Package clients tries the clients that programs use with a server on a database in the process: they are pointed at it by
// their own options, and are otherwise as they come. It is a module of its own, so that the package needs none of them.
package clients

import (
	"testing"

	"tenondb"
)

func memory(t testing.TB) *tenondb.DB {
	t.Helper()
	db, err := tenondb.Memory(tenondb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v instead of %v", got, want)
	}
}
