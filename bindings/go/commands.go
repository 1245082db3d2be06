package tenondb

// Commands are the common commands as methods, of a [DB] and of a [Tx]. Each says which command it is; what that does is
// Redis's documentation's to say. Arguments of type any are what [DB.Do] takes. What is not here goes through Do.
type Commands struct {
	db *DB
	tx *Tx
}

func (c Commands) run(args ...any) (Value, error) {
	if c.tx != nil {
		return c.tx.call(args)
	}
	return c.db.call(args)
}

// with puts the arguments of a list behind others.
func with(args []any, rest []any) []any { return append(args, rest...) }

// The shapes that replies are brought into.

func (c Commands) status(args ...any) error {
	_, err := c.run(args...)
	return err
}

func (c Commands) integer(args ...any) (int64, error) {
	v, err := c.run(args...)
	if err != nil {
		return 0, err
	}
	return v.Int()
}

func (c Commands) truth(args ...any) (bool, error) {
	v, err := c.run(args...)
	if err != nil {
		return false, err
	}
	return v.Bool()
}

// some is an integer that may be missing.
func (c Commands) some(args ...any) (int64, bool, error) {
	v, err := c.run(args...)
	if err != nil || v.IsNil() {
		return 0, false, err
	}
	n, err := v.Int()
	return n, err == nil, err
}

func (c Commands) number(args ...any) (float64, error) {
	v, err := c.run(args...)
	if err != nil {
		return 0, err
	}
	return v.Float()
}

func (c Commands) bytes(args ...any) ([]byte, error) {
	v, err := c.run(args...)
	if err != nil {
		return nil, err
	}
	return v.Bytes()
}

func (c Commands) text(args ...any) (string, error) {
	v, err := c.run(args...)
	if err != nil {
		return "", err
	}
	return v.Text()
}

func (c Commands) list(args ...any) ([][]byte, error) {
	v, err := c.run(args...)
	if err != nil {
		return nil, err
	}
	return v.byteses()
}

func (c Commands) strings(args ...any) ([]string, error) {
	v, err := c.run(args...)
	if err != nil {
		return nil, err
	}
	return v.stringses()
}

func (v Value) byteses() ([][]byte, error) {
	items, err := v.List()
	if err != nil {
		return nil, err
	}
	list := make([][]byte, len(items))
	for i, item := range items {
		if list[i], err = item.Bytes(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (v Value) stringses() ([]string, error) {
	items, err := v.List()
	if err != nil {
		return nil, err
	}
	list := make([]string, len(items))
	for i, item := range items {
		if list[i], err = item.Text(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// table is a map, or a list of keys and values by turns or in pairs.
func (v Value) table() (map[string][]byte, error) {
	items, err := v.List()
	if err != nil {
		return nil, err
	}
	items = flat(items)
	table := make(map[string][]byte, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		value, err := items[i+1].Bytes()
		if err != nil {
			return nil, err
		}
		table[items[i].String()] = value
	}
	return table, nil
}

// flat turns pairs into their elements by turns.
func flat(items []Value) []Value {
	if len(items) == 0 || items[0].kind != KindArray {
		return items
	}
	list := make([]Value, 0, 2*len(items))
	for _, pair := range items {
		list = append(list, pair.list...)
	}
	return list
}
