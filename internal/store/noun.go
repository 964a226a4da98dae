package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// separator stands between a sort value and the id in a token. Key values never hold a character
// as low, so that tokens sort as (value, id) pairs do.
const separator = "\x1f"

// maxKeyBytes bounds a key value, so that an index entry stays small in every engine.
const maxKeyBytes = 512

// Noun declares how a type is stored, beside the type. Everything that may be asked of it is in
// Keys and Listings; the adapters know no noun.
type Noun[T any] struct {
	// Name is the table's or collection's name, in the plural.
	Name string
	// Identity gives the id and where the version is kept.
	Identity func(*T) (id string, version *int64)
	// Keys are what listings are made of.
	Keys []Key[T]
	// Listings are the questions that have an index, at most 16.
	Listings []Listing
	// Dated says that some key depends on the key date.
	Dated bool
	// Revision is raised when a key's function changes its answers, so that stored keys are derived
	// again at the next start.
	Revision int
}

// Key is a string taken from a document. All keys are strings, because strings compare by their
// bytes in every engine while numbers, nulls and mixed types do not; numbers and times are written
// in a fixed width. Make one with One, OneOf, Many or Unique.
type Key[T any] struct {
	KeyInfo
	take func(doc *T, day string) []string
}

// KeyInfo is what adapters need to know of a key.
type KeyInfo struct {
	Name string
	// Values are all values that the key can have, so that a filter that leaves it out means any of
	// them. Nil for an open set.
	Values []string
	Multi  bool
	Unique bool
}

// One is a key with one value; the empty string where the document has none.
func One[T any](name string, take func(doc *T, day string) string) Key[T] {
	return Key[T]{KeyInfo{Name: name}, func(d *T, day string) []string { return []string{take(d, day)} }}
}

// OneOf is a key with one value of a closed set. A query may leave it out.
func OneOf[T any, E ~string](name string, values []E, take func(doc *T, day string) E) Key[T] {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return Key[T]{KeyInfo{Name: name, Values: all}, func(d *T, day string) []string { return []string{string(take(d, day))} }}
}

// Many is a key with any number of values; a query asks for documents that have one of some.
func Many[T any](name string, take func(doc *T, day string) []string) Key[T] {
	return Key[T]{KeyInfo{Name: name, Multi: true}, take}
}

// Unique is a key that no two documents may share. The empty string is no value. It must not depend
// on the key date, which is why it is not given.
func Unique[T any](name string, take func(doc *T) string) Key[T] {
	return Key[T]{KeyInfo{Name: name, Unique: true}, func(d *T, _ string) []string { return []string{take(d)} }}
}

// Listing is one compound index: a multi-valued key first if there is one, the equality keys, then
// one sort key, then the id. Without a sort key it is ordered by id.
type Listing struct {
	Has   string
	Equal []string
	Sort  string
}

// Name says the listing's keys in the index's order.
func (l Listing) Name() string { return strings.Join(append(l.columns(), l.Sort), ".") }

func (l Listing) columns() []string {
	if l.Has == "" {
		return slices.Clone(l.Equal)
	}
	return append([]string{l.Has}, l.Equal...)
}

// Columns are the names of the keys that a query gives values for, in the index's order.
func (l Listing) Columns() []string { return l.columns() }

// Kind is a noun without its type: what an adapter sees.
type Kind struct {
	Name     string
	Keys     []KeyInfo
	Listings []Listing
	Dated    bool
	Revision int

	blank    func() any
	identity func(any) (string, *int64)
	valid    func(any) error
	derive   func(doc any, day string) map[string][]string
}

// Declared is a declared noun. Collections of it are made with In.
type Declared[T any] struct{ Kind *Kind }

// Declare checks a noun and makes it known. It panics on a fault, because a declaration is a part of
// the program: tests and start-up meet it, users never do.
func Declare[T any](n Noun[T]) Declared[T] {
	k := &Kind{Name: n.Name, Listings: n.Listings, Dated: n.Dated, Revision: n.Revision}
	k.blank = func() any { return new(T) }
	k.identity = func(d any) (string, *int64) { return n.Identity(d.(*T)) }
	if check := inspect(reflect.TypeFor[T](), 0); check != nil {
		k.valid = func(d any) error { return check(reflect.ValueOf(d).Elem()) }
	}
	for _, key := range n.Keys {
		k.Keys = append(k.Keys, key.KeyInfo)
	}
	k.derive = func(d any, day string) map[string][]string {
		values := make(map[string][]string, len(n.Keys))
		for _, key := range n.Keys {
			values[key.Name] = key.take(d.(*T), day)
		}
		return values
	}
	if err := k.check(); err != nil {
		panic(fmt.Sprintf("declaring %s: %v", n.Name, err))
	}
	return Declared[T]{k}
}

func (k *Kind) check() error {
	if k.Name == "" || strings.ContainsAny(k.Name, ".$/\x00") {
		return errors.New("a noun's name is a table's name")
	}
	if len(k.Listings) > 16 {
		return fmt.Errorf("%d listings; at most 16", len(k.Listings))
	}
	names := map[string]bool{}
	for _, key := range k.Keys {
		if names[key.Name] || key.Name == "" || strings.ContainsAny(key.Name, ".$/\x00") {
			return fmt.Errorf("key name %q stands twice or cannot be a field's name", key.Name)
		}
		names[key.Name] = true
	}
	for _, l := range k.Listings {
		if names[l.Name()+"."] {
			return fmt.Errorf("listing %s stands twice", l.Name())
		}
		names[l.Name()+"."] = true
		for _, name := range append(l.columns(), l.Sort) {
			key, ok := k.Key(name)
			switch {
			case name == "" && l.Sort == "":
			case !ok:
				return fmt.Errorf("listing %s names an unknown key %q", l.Name(), name)
			case key.Multi != (name == l.Has):
				return fmt.Errorf("listing %s: key %q is multi-valued exactly when it is the has key", l.Name(), name)
			case key.Unique:
				return fmt.Errorf("listing %s: unique key %q has an index of its own", l.Name(), name)
			}
		}
	}
	return nil
}

// Key finds a key by name.
func (k *Kind) Key(name string) (KeyInfo, bool) {
	for _, key := range k.Keys {
		if key.Name == name {
			return key, true
		}
	}
	return KeyInfo{}, false
}

// SortKeys are the names of keys that some listing sorts by.
func (k *Kind) SortKeys() []string {
	var names []string
	for _, l := range k.Listings {
		if l.Sort != "" && !slices.Contains(names, l.Sort) {
			names = append(names, l.Sort)
		}
	}
	return names
}

// Shape is a fingerprint of the declaration. Stored keys of another shape are derived again.
func (k *Kind) Shape() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v|%v|%d", k.Keys, k.Listings, k.Revision))
	return hex.EncodeToString(sum[:8])
}

// Blank is a new empty document to decode into.
func (k *Kind) Blank() any { return k.blank() }

// Identity gives a document's id and where its version is kept.
func (k *Kind) Identity(doc any) (id string, version *int64) { return k.identity(doc) }

// Accept checks all of a document that reading relies on, after it was decoded and before it is written.
// Every type below it that is Checked checks itself; a *Damaged says which document is not valid, and where.
func (k *Kind) Accept(doc any) error {
	if d, ok := doc.(*Damaged); ok {
		return d
	}
	id, _ := k.identity(doc)
	if id == "" {
		return &Damaged{k.Name, id, "no id"}
	}
	if k.valid == nil {
		return nil
	}
	if err := k.valid(doc); err != nil {
		return &Damaged{k.Name, id, err.Error()}
	}
	return nil
}

// Values are a document's key values on a day. Sort holds tokens: the value and the id, joined so
// that they order as pairs.
type Values struct {
	Key  map[string][]string
	Sort map[string]string
}

// Derive computes a document's key values. Control characters are dropped and long values cut, so
// that any document can be stored; multi-valued keys come sorted and without repeats.
func (k *Kind) Derive(doc any, day string) Values {
	id, _ := k.identity(doc)
	v := Values{Key: k.derive(doc, day), Sort: map[string]string{}}
	for name, values := range v.Key {
		key, _ := k.Key(name)
		clean := make([]string, 0, len(values))
		for _, s := range values {
			if s = cleanKey(s); s != "" || !(key.Multi || key.Unique) {
				clean = append(clean, s)
			}
		}
		if key.Multi {
			slices.Sort(clean)
			clean = slices.Compact(clean)
		}
		v.Key[name] = clean
	}
	for _, name := range k.SortKeys() {
		v.Sort[name] = v.Key[name][0] + separator + id
	}
	return v
}

// TryDerive is Derive for a document that the check of reading may refuse, in which a key's function may meet
// what it does not expect; ok is false if it does.
func (k *Kind) TryDerive(doc any, day string) (v Values, ok bool) {
	defer func() { ok = recover() == nil }()
	return k.Derive(doc, day), true
}

func cleanKey(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > maxKeyBytes {
		s = strings.ToValidUTF8(s[:maxKeyBytes], "")
	}
	return s
}
