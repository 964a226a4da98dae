package portal_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// theRooms are the packages of the domain, each after those that it may import. TestImportArrows
// (graph/guard_test.go) holds what each may import.
var theRooms = []string{"kit", "files", "country", "membership", "reference", "people", "applications", "events", "benefits", "consultations", "statistics", "figures", "jobs", "portal"}

// longestRoom is how many lines of program a room may have: what one person can keep in mind.
const longestRoom = 8000

// house is the domain, read with its types.
func house(t *testing.T) []*packages.Package {
	t.Helper()
	var patterns []string
	for _, room := range theRooms {
		patterns = append(patterns, "memberportal/internal/"+room)
	}
	found, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(found) > 0 || len(found) != len(theRooms) {
		t.Fatalf("%d of %d rooms were read", len(found), len(theRooms))
	}
	return found
}

// TestTheHouse holds the walls inside of the domain: a service alone touches the documents of its noun, and a
// service is whole once it is made.
func TestTheHouse(t *testing.T) {
	services := map[string][]string{} // by the service, those that it holds
	touched := 0
	for _, room := range house(t) {
		for _, file := range room.Syntax {
			for _, d := range file.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Body != nil {
						touched += walls{t, room, filepath.Base(room.Fset.Position(d.Pos()).Filename), d, map[*ast.Ident]bool{}}.check()
					}
				case *ast.GenDecl:
					holds(room, d, services)
				}
			}
		}
	}
	if touched < 200 || len(services) < 25 {
		t.Errorf("only %d uses of documents and %d services were seen", touched, len(services))
	}
	for service := range services {
		if way := cycle(services, service, nil); way != nil {
			t.Errorf("services hold each other: %s", strings.Join(way, " → "))
		}
	}
}

// walls is a function of which is asked what it touches.
type walls struct {
	*testing.T
	room *packages.Package
	file string
	f    *ast.FuncDecl
	// noted are the nouns that are only named, by a function of noting.
	noted map[*ast.Ident]bool
}

// openers may ask the store for the documents of a noun: what makes services, migrations, what every noun is
// walked by, and what is held about somebody, which concerns all nouns alike.
func (w walls) opener() bool {
	name := w.f.Name.Name
	return strings.HasPrefix(name, "New") || name == "newTariffService" || strings.HasPrefix(w.file, "migration_") || w.room.Name == "kit" ||
		w.room.Name == "portal" && strings.HasPrefix(w.file, "holdings")
}

// check reports hands in another's pocket and services that are changed, and counts uses of documents.
func (w walls) check() (touched int) {
	own := ""
	if w.f.Recv != nil {
		own = named(w.room.TypesInfo.TypeOf(w.f.Recv.List[0].Type))
	}
	at := func(n ast.Node) string {
		p := w.room.Fset.Position(n.Pos())
		return fmt.Sprintf("%s/%s:%d", w.room.Name, filepath.Base(p.Filename), p.Line)
	}
	ast.Inspect(w.f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			s := w.room.TypesInfo.Selections[n]
			if s == nil || s.Kind() != types.FieldVal || !strings.Contains(s.Type().String(), "internal/store.Collection[") {
				return true
			}
			touched++
			owner := named(s.Recv())
			if owner != own && !(owner == "ChangeRecordService" && own == "Tail") {
				w.Errorf("%s: %s.%s touches the documents of %s: ask that service", at(n), own, w.f.Name.Name, owner)
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if ok && slices.Contains(noting, sel.Sel.Name) {
				if id, ok := n.Args[0].(*ast.Ident); ok {
					w.noted[id] = true
				}
			}
			if !ok || sel.Sel.Name != "In" || !strings.Contains(w.room.TypesInfo.TypeOf(sel.X).String(), "internal/store.Declared[") {
				return true
			}
			touched++
			if w.parameter(sel.X) {
				return true // whoever calls it answers for the noun
			}
			noun := nounOf(sel.X)
			if !w.opener() && !slices.Contains(ownNouns[noun], strings.TrimPrefix(own+"."+w.f.Name.Name, ".")) {
				w.Errorf("%s: %s.%s opens the documents of %s: ask its service", at(n), own, w.f.Name.Name, noun)
			}
		case *ast.Ident:
			touched += w.declaration(n, own, at(n))
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				sel, ok := left.(*ast.SelectorExpr)
				if !ok {
					continue
				}
				s := w.room.TypesInfo.Selections[sel]
				if s != nil && s.Kind() == types.FieldVal && strings.HasSuffix(named(s.Recv()), "Service") {
					w.Errorf("%s: a field of %s is assigned after it was made", at(n), named(s.Recv()))
				}
			}
		}
		return true
	})
	return touched
}

// noting are the functions that only name a noun for the audit log and the change records.
var noting = []string{"Changed"}

// declaration holds a use of a noun's declaration, such as an argument of kit.Amend or the field Of of a kit.Sweep,
// to be one of that noun's own room, and in a service to be one of a noun that it has the documents of.
func (w walls) declaration(id *ast.Ident, own, at string) int {
	o, ok := w.room.TypesInfo.Uses[id].(*types.Var)
	if !ok || o.IsField() || o.Parent() != o.Pkg().Scope() || named(o.Type()) != "Declared" || w.noted[id] {
		return 0
	}
	if w.opener() || slices.Contains(ownNouns[id.Name], w.f.Name.Name) {
		return 1
	}
	if o.Pkg() != w.room.Types {
		w.Errorf("%s: %s uses %s, which is of the room %s: ask its service", at, w.f.Name.Name, id.Name, o.Pkg().Name())
		return 1
	}
	if has := collections(w.room, own); has != nil && !slices.Contains(has, types.Unalias(o.Type()).(*types.Named).TypeArgs().At(0).String()) {
		w.Errorf("%s: %s.%s uses %s, of which it has no documents: ask its service", at, own, w.f.Name.Name, id.Name)
	}
	return 1
}

// collections are the types whose documents a service has, also by what it embeds; nil for what is no service.
func collections(room *packages.Package, service string) []string {
	o := room.Types.Scope().Lookup(service)
	if o == nil || !strings.HasSuffix(strings.ToLower(service), "service") {
		return nil
	}
	return collectionsIn(o.Type().Underlying().(*types.Struct))
}

func collectionsIn(st *types.Struct) []string {
	has := []string{}
	for f := range st.Fields() {
		if of, ok := types.Unalias(f.Type()).(*types.Named); ok && of.Obj().Name() == "Collection" {
			has = append(has, of.TypeArgs().At(0).String())
		}
		if to, ok := f.Type().(*types.Pointer); ok && f.Embedded() {
			has = append(has, collectionsIn(to.Elem().Underlying().(*types.Struct))...)
		}
	}
	return has
}

// parameter says whether an expression is a parameter of the function.
func (w walls) parameter(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	o := w.room.TypesInfo.Uses[id]
	return o.Pos() > w.f.Type.Params.Opening && o.Pos() < w.f.Type.Params.Closing
}

// ownNouns are the functions without a service that open the documents of their own noun: a check of a store
// that no portal stands on, and an erasure.
var ownNouns = map[string][]string{"PersonNoun": {"SharedAddresses"}, "MandateNoun": {"WithoutFocalPoint"}, "ConsultationNoun": {"SweepConsultationReasons"}}

func nounOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return "?"
}

// named is the name of a type or of what it points to.
func named(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// holds notes which services the services of a declaration hold as fields; an interface of the holder's own is
// no such field.
func holds(room *packages.Package, d *ast.GenDecl, services map[string][]string) {
	for _, s := range d.Specs {
		spec, ok := s.(*ast.TypeSpec)
		if !ok || !strings.HasSuffix(strings.ToLower(spec.Name.Name), "service") {
			continue
		}
		st, ok := room.TypesInfo.TypeOf(spec.Type).Underlying().(*types.Struct)
		if !ok {
			continue
		}
		services[spec.Name.Name] = []string{}
		for i := range st.NumFields() {
			if held := named(st.Field(i).Type()); strings.HasSuffix(strings.ToLower(held), "service") {
				services[spec.Name.Name] = append(services[spec.Name.Name], held)
			}
		}
	}
}

// cycle is the way from a service back to itself, nil if there is none.
func cycle(services map[string][]string, from string, way []string) []string {
	if len(way) > 0 && way[0] == from {
		return append(way, from)
	}
	if slices.Contains(way, from) {
		return nil
	}
	for _, held := range services[from] {
		if found := cycle(services, held, append(slices.Clone(way), from)); found != nil {
			return found
		}
	}
	return nil
}

func TestRoomsStaySmall(t *testing.T) {
	for _, room := range theRooms {
		paths, err := filepath.Glob(filepath.Join("..", room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines += bytes.Count(source, []byte("\n"))
		}
		if lines == 0 || lines > longestRoom {
			t.Errorf("%s has %d lines, and may have %d", room, lines, longestRoom)
		}
		t.Logf("%s: %d lines", room, lines)
	}
}

// TestStoredFieldsBesideAMethod holds the one convention for a stored field whose name in the schema is that of a
// method, which shows it to whoever may see it: Stored and the name of the method.
func TestStoredFieldsBesideAMethod(t *testing.T) {
	seen := 0
	for _, room := range house(t) {
		for _, name := range room.Types.Scope().Names() {
			of, ok := room.Types.Scope().Lookup(name).Type().(*types.Named)
			if !ok {
				continue
			}
			st, ok := of.Underlying().(*types.Struct)
			if !ok {
				continue
			}
			for i := range st.NumFields() {
				tag, _, _ := strings.Cut(reflect.StructTag(st.Tag(i)).Get("bson"), ",")
				for m := range of.Methods() {
					if tag == "" || !strings.EqualFold(m.Name(), tag) || strings.HasSuffix(st.Field(i).Name(), "ID") {
						continue
					}
					if seen++; st.Field(i).Name() != "Stored"+m.Name() {
						t.Errorf("%s.%s.%s stands beside the method %s", room.Name, name, st.Field(i).Name(), m.Name())
					}
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d were seen", seen)
	}
}
