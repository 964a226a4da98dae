package store

import (
	"strings"
	"testing"
	"time"
)

type shade string

func (s shade) Valid() error {
	if s != "DARK" && s != "LIGHT" {
		return errMissing
	}
	return nil
}

type leaf struct {
	Shade  shade  `bson:"shade"`
	Maybe  shade  `bson:"maybe" valid:"empty"`
	Text   string `bson:"text"`
	hidden shade
}

func (l leaf) Valid() error {
	if l.Text == "refused" {
		return errNotText
	}
	return nil
}

type tree struct {
	ID      string    `bson:"_id"`
	Version int64     `bson:"version"`
	Leaf    leaf      `bson:"leaf"`
	Perhaps *leaf     `bson:"perhaps,omitempty"`
	Surely  *leaf     `bson:"surely"`
	Leaves  []*leaf   `bson:"leaves"`
	Shades  []shade   `bson:"shades"`
	Deep    [][]leaf  `bson:"deep"`
	At      time.Time `bson:"at"`
	Blob    []byte    `bson:"blob"`
	Kept    shade
}

func TestEveryCheckedValueBelowADocumentIsChecked(t *testing.T) {
	kind := Declare(Noun[tree]{Name: "trees", Identity: func(x *tree) (string, *int64) { return x.ID, &x.Version }}).Kind
	sound := func() *tree {
		good := func() leaf { return leaf{Shade: "DARK"} }
		a, b, c := good(), good(), good()
		return &tree{ID: "tree_1", Leaf: good(), Perhaps: &a, Surely: &b, Leaves: []*leaf{&c}, Shades: []shade{"LIGHT"}, Deep: [][]leaf{{good()}}}
	}
	if err := kind.Accept(sound()); err != nil {
		t.Fatal(err)
	}
	for where, spoil := range map[string]func(*tree){
		"no id":               func(x *tree) { x.ID = "" },
		"leaf: shade:":        func(x *tree) { x.Leaf.Shade = "" },
		"leaf: maybe:":        func(x *tree) { x.Leaf.Maybe = "dark" },
		"leaf: text:":         func(x *tree) { x.Leaf.Text = "\xff" },
		"leaf: not valid":     func(x *tree) { x.Leaf.Text = "refused" },
		"perhaps: shade:":     func(x *tree) { x.Perhaps.Shade = "dark" },
		"surely: nothing":     func(x *tree) { x.Surely = nil },
		"surely: shade:":      func(x *tree) { x.Surely.Shade = "x" },
		"leaves: [0]: nothin": func(x *tree) { x.Leaves[0] = nil },
		"leaves: [0]: shade:": func(x *tree) { x.Leaves[0].Shade = "x" },
		"shades: [0]:":        func(x *tree) { x.Shades[0] = "" },
		"deep: [0]: [0]:":     func(x *tree) { x.Deep[0][0].Shade = "x" },
		"_id: not valid":      func(x *tree) { x.ID = "tree_\xff" },
	} {
		x := sound()
		spoil(x)
		if err := kind.Accept(x); err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("%s: %v", where, err)
		}
	}
	x := sound()
	x.Perhaps, x.Kept, x.Leaf.hidden, x.Leaves, x.Deep = nil, "dark", "dark", nil, nil
	if err := kind.Accept(x); err != nil {
		t.Errorf("what may be missing, or is not stored: %v", err)
	}
}
