package tenondb

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// Kind is what a [Value] is.
type Kind uint8

const (
	// KindNil is nothing: a key that is not there.
	KindNil Kind = iota
	// KindInt is a number without fraction.
	KindInt
	// KindFloat is a number with fraction.
	KindFloat
	// KindBool is true or false.
	KindBool
	// KindBytes is a string.
	KindBytes
	// KindStatus is a short constant such as OK.
	KindStatus
	// KindText is text for people.
	KindText
	// KindArray is values in order.
	KindArray
	// KindMap is keys and values by turns.
	KindMap
	// KindSet is values without an order of their own.
	KindSet
	// KindError is an error among the replies of a pipeline.
	KindError
)

// Value is a reply. It has memory of its own; the zero value is nil.
type Value struct {
	kind  Kind
	code  ErrorKind
	num   uint64
	bytes []byte
	list  []Value
}

// Kind is what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNil tells whether there is no value.
func (v Value) IsNil() bool { return v.kind == KindNil }

// Err is the error that the value is, or nil.
func (v Value) Err() error {
	if v.kind != KindError {
		return nil
	}
	return &Error{Kind: v.code, Text: string(v.bytes)}
}

func (v Value) not(what string) error {
	if err := v.Err(); err != nil {
		return err
	}
	return misuse(fmt.Sprintf("this reply is no %s: %v", what, v.Any()))
}

// Int is the value as a number without fraction; texts of numbers are read.
func (v Value) Int() (int64, error) {
	switch v.kind {
	case KindInt, KindBool:
		return int64(v.num), nil
	case KindBytes, KindStatus:
		if n, err := strconv.ParseInt(string(v.bytes), 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, v.not("integer")
}

// Float is the value as a number; texts of numbers are read.
func (v Value) Float() (float64, error) {
	switch v.kind {
	case KindFloat:
		return math.Float64frombits(v.num), nil
	case KindInt:
		return float64(int64(v.num)), nil
	case KindBytes, KindStatus:
		if n, err := strconv.ParseFloat(string(v.bytes), 64); err == nil {
			return n, nil
		}
	}
	return 0, v.not("number")
}

// Bool is the value as true or false: a number other than 0 is true, and so is the status OK; nil is false.
func (v Value) Bool() (bool, error) {
	switch v.kind {
	case KindBool, KindInt:
		return v.num != 0, nil
	case KindNil:
		return false, nil
	case KindStatus:
		return string(v.bytes) == "OK", nil
	}
	return false, v.not("truth value")
}

// Bytes is the value as bytes: nil when there is none, and not nil when it is empty. Numbers are written.
func (v Value) Bytes() ([]byte, error) {
	switch v.kind {
	case KindNil:
		return nil, nil
	case KindBytes, KindStatus, KindText:
		return v.bytes, nil
	case KindInt, KindFloat, KindBool:
		return []byte(v.String()), nil
	}
	return nil, v.not("string")
}

// Text is the value as a string; "" when there is none.
func (v Value) Text() (string, error) {
	bytes, err := v.Bytes()
	return string(bytes), err
}

// List is the values of an array or a set, and the keys and values of a map by turns; nil when there is none.
func (v Value) List() ([]Value, error) {
	switch v.kind {
	case KindNil:
		return nil, nil
	case KindArray, KindSet, KindMap:
		return v.list, nil
	}
	return nil, v.not("list")
}

// Any is the value as Go's: nil, int64, float64, bool, []byte, string for a status and a text, []any, map[string]any, error.
func (v Value) Any() any {
	switch v.kind {
	case KindInt:
		return int64(v.num)
	case KindFloat:
		return math.Float64frombits(v.num)
	case KindBool:
		return v.num != 0
	case KindBytes:
		return v.bytes
	case KindStatus, KindText:
		return string(v.bytes)
	case KindArray, KindSet:
		list := make([]any, len(v.list))
		for i, item := range v.list {
			list[i] = item.Any()
		}
		return list
	case KindMap:
		m := make(map[string]any, len(v.list)/2)
		for i := 0; i+1 < len(v.list); i += 2 {
			m[v.list[i].String()] = v.list[i+1].Any()
		}
		return m
	case KindError:
		return v.Err()
	}
	return nil
}

// String shows the value.
func (v Value) String() string {
	switch v.kind {
	case KindBytes, KindStatus, KindText, KindError:
		return string(v.bytes)
	case KindFloat:
		return strconv.FormatFloat(math.Float64frombits(v.num), 'g', -1, 64)
	case KindNil:
		return "<nil>"
	}
	return fmt.Sprint(v.Any())
}

// unpackShared reads a packed reply from memory that will be used again.
func unpackShared(packed []byte) Value {
	if len(packed) == 0 {
		return Value{}
	}
	switch Kind(packed[0]) {
	case KindNil, KindInt, KindFloat, KindBool:
		value, _ := unpack(packed)
		return value
	case KindStatus:
		if string(packed[5:]) == "OK" {
			return okValue
		}
	}
	// One copy for all the values of a reply: they share it.
	own := make([]byte, len(packed))
	copy(own, packed)
	value, _ := unpack(own)
	return value
}

var okValue = Value{kind: KindStatus, bytes: []byte("OK")}

// unpack reads a packed reply, whose bytes it keeps, and returns what is left behind it. The library has made it.
func unpack(packed []byte) (Value, []byte) {
	v := Value{kind: Kind(packed[0])}
	rest := packed[1:]
	count := func() int {
		n := binary.LittleEndian.Uint32(rest)
		rest = rest[4:]
		return int(n)
	}
	switch v.kind {
	case KindInt, KindFloat:
		v.num = binary.LittleEndian.Uint64(rest)
		return v, rest[8:]
	case KindBool:
		v.num = uint64(rest[0])
		return v, rest[1:]
	case KindError:
		v.code = ErrorKind(rest[0])
		rest = rest[1:]
		fallthrough
	case KindBytes, KindStatus, KindText:
		n := count()
		v.bytes = rest[:n:n]
		return v, rest[n:]
	case KindArray, KindMap, KindSet:
		v.list = make([]Value, count())
		for i := range v.list {
			v.list[i], rest = unpack(rest)
		}
	}
	return v, rest
}
