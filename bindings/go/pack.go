package tenondb

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"sync"
	"time"
)

// buffers are the memory of one call: the packed command and the packed reply.
type buffers struct {
	in, out []byte
}

// Buffers that have grown above this are left to the collector.
const keptBytesMax = 64 << 10

var pool = sync.Pool{New: func() any { return &buffers{in: make([]byte, 0, 512), out: make([]byte, 4096)} }}

func (b *buffers) release() {
	if cap(b.in) <= keptBytesMax {
		b.in = b.in[:0]
		pool.Put(b)
	}
}

func (b *buffers) putBytes(word []byte) {
	b.in = binary.LittleEndian.AppendUint32(append(b.in, 0), uint32(len(word)))
	b.in = append(b.in, word...)
}

func (b *buffers) putString(word string) {
	b.in = binary.LittleEndian.AppendUint32(append(b.in, 0), uint32(len(word)))
	b.in = append(b.in, word...)
}

func (b *buffers) putInt(n int64) {
	b.in = binary.LittleEndian.AppendUint64(append(b.in, 1), uint64(n))
}

func (b *buffers) putFloat(n float64) {
	b.in = binary.LittleEndian.AppendUint64(append(b.in, 2), math.Float64bits(n))
}

// command packs a command.
func (b *buffers) command(args []any) error {
	at := len(b.in)
	b.in = binary.LittleEndian.AppendUint32(b.in, 0)
	count := 0
	for _, arg := range args {
		n, err := b.word(arg)
		if err != nil {
			return err
		}
		count += n
	}
	binary.LittleEndian.PutUint32(b.in[at:], uint32(count))
	return nil
}

// word packs an argument, and returns how many words it is: lists are as many as they have elements.
func (b *buffers) word(arg any) (int, error) {
	switch arg := arg.(type) {
	case string:
		b.putString(arg)
	case []byte:
		b.putBytes(arg)
	case int:
		b.putInt(int64(arg))
	case int64:
		b.putInt(arg)
	case int32:
		b.putInt(int64(arg))
	case uint32:
		b.putInt(int64(arg))
	case int16:
		b.putInt(int64(arg))
	case uint16:
		b.putInt(int64(arg))
	case int8:
		b.putInt(int64(arg))
	case uint8:
		b.putInt(int64(arg))
	case uint64:
		if arg > math.MaxInt64 {
			b.putString(strconv.FormatUint(arg, 10))
			return 1, nil
		}
		b.putInt(int64(arg))
	case uint:
		return b.word(uint64(arg))
	case float64:
		b.putFloat(arg)
	case float32:
		b.putFloat(float64(arg))
	case bool:
		b.putInt(int64(one(arg)))
	case time.Duration:
		return 0, misuse("a time.Duration has no unit that every command shares: say how many seconds or milliseconds")
	case []string:
		for _, word := range arg {
			b.putString(word)
		}
		return len(arg), nil
	case [][]byte:
		for _, word := range arg {
			b.putBytes(word)
		}
		return len(arg), nil
	case []any:
		count := 0
		for _, word := range arg {
			n, err := b.word(word)
			if err != nil {
				return 0, err
			}
			count += n
		}
		return count, nil
	default:
		return 0, noArgument(reflect.TypeOf(arg))
	}
	return 1, nil
}

func noArgument(t reflect.Type) error {
	if t == nil {
		return misuse("nil is no argument: neither bytes nor a number")
	}
	return misuse("an argument of type " + t.String() + " is neither bytes nor a number")
}
