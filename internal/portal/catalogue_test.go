package portal

import (
	"go/ast"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"memberportal/internal/kit"
)

func parametersOf(text string) []string {
	var names []string
	for name := range kit.MessagePlaces(text) {
		names = append(names, "{"+name+"}")
	}
	slices.Sort(names)
	return names
}

// hasWords says whether a text has more than places and what joins them.
func hasWords(text string) bool {
	return strings.ContainsFunc(regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(text, ""), unicode.IsLetter)
}

func TestEveryMessageIsInAllLanguagesWithTheSameParameters(t *testing.T) {
	if len(kit.Messages) == 0 {
		t.Fatal("no messages")
	}
	for key, texts := range kit.Messages {
		t.Run(key, func(t *testing.T) {
			if len(texts) != len(kit.Locales) {
				t.Errorf("%d languages", len(texts))
			}
			for _, l := range kit.Locales {
				text := texts[l]
				if strings.TrimSpace(text) == "" || strings.TrimSpace(text) != text {
					t.Errorf("%s: %q", l, text)
				}
				if got, want := parametersOf(text), parametersOf(texts[kit.English]); !slices.Equal(got, want) {
					t.Errorf("%s has the parameters %v, English %v", l, got, want)
				}
				if l != kit.English && text == texts[kit.English] && hasWords(text) {
					t.Errorf("%s is in English", l)
				}
				filled := map[string]any{}
				for name, forms := range kit.MessagePlaces(text) {
					filled[name] = "x"
					if len(forms) > 0 {
						filled[name] = 2
						checkForms(t, l, text, forms)
					}
				}
				if rest := kit.Fill(l, text, filled); strings.ContainsAny(rest, "{}") {
					t.Errorf("%s has a brace left over: %s", l, text)
				}
			}
		})
	}
}

// checkForms checks that a text has the forms that its language has for a number, and no others.
func checkForms(t *testing.T, l kit.Locale, text string, forms []string) {
	t.Helper()
	if want := slices.Sorted(maps.Keys(kit.PluralForms(l))); !slices.Equal(forms, want) && !slices.Equal(forms, slices.Sorted(slices.Values(append(slices.Clone(want), "other")))) {
		t.Errorf("%s has the forms %v, and numbers take %v: %s", l, forms, want, text)
	}
}

// use is one place where the program names a message.
type use struct {
	where, key string
	params     []string // nil if the code does not say them in place
}

// keyArgument is where the functions that name a message take its key; the parameters come next. A
// local say takes a key alone, and so does a Label.
var keyArgument = map[string]int{"Add": 2, "Refuse": 1, "refuse": 1, "Message": 1, "say": 0, "Label": 0}

// mailTexts are what the catalogue holds of a message that is sent under one key.
var mailTexts = []string{".subject", ".body"}

// mailArgument is where the functions that queue a message take its key, which is that of two texts.
var mailArgument = map[string]int{"tell": 2, "tellAdministration": 2, "askAdministration": 2, "letter": 0}

// mails are the texts that a call queues, none for another call.
func mails(t *testing.T, n *ast.CallExpr, where string) []use {
	place, ok := mailArgument[typeName(n.Fun)]
	if !ok || len(n.Args) <= place || typeName(n.Args[place]) != "" {
		return nil // a letter, or a key that the caller names
	}
	if _, written := n.Args[place].(*ast.BasicLit); !written {
		return nil // a letter, which is read where it is written
	}
	key := literal(t, n.Args[place])
	return []use{{where, key + ".subject", nil}, {where, key + ".body", nil}}
}

// uses finds where the program names messages: calls of the functions above, Refusals written out, and messages
// posted. A key that is written neither in place nor in an assignment in the same function is a fault, but in the
// functions themselves.
func uses(t *testing.T) []use {
	t.Helper()
	var found []use
	for _, folder := range append(slices.Clone(rooms), "../../graph", "../auth", "../browser", "../cli", "../config", "../mail", "../pages", "../seed", "../transfer", "../web") {
		for _, file := range sources(t, folder) {
			where, inside, locals := filepath.Clean(folder)+" "+file.Name.Name, "", map[string][]string{}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					inside, locals = n.Name.Name, assigned(t, n)
				case *ast.CallExpr:
					found = append(found, mails(t, n, where+" "+inside)...)
					place, ok := keyArgument[typeName(n.Fun)]
					_, wrapper := keyArgument[inside]
					if !ok || place > 0 && len(n.Args) < place+2 || wrapper && file.Name.Name == "kit" || place > 0 && typeName(n.Args[place]) == "key" {
						return true // a wrapper's own key is its callers'
					}
					given := []string{}
					if place > 0 {
						given = params(t, n.Args[place+1])
					}
					if _, made := n.Args[place].(*ast.CallExpr); made {
						return true // the text of a label, which is written where the label is
					}
					keys := locals[typeName(n.Args[place])]
					if place == 0 && len(keys) == 0 && typeName(n.Args[place]) != "" {
						return true // another function of this name, which takes a record
					}
					if len(keys) == 0 {
						keys = []string{literal(t, n.Args[place])}
					}
					for _, key := range keys {
						found = append(found, use{where + " " + inside, key, given})
					}
				case *ast.CompositeLit:
					found = append(found, labelsOf(t, n, where+" "+inside)...)
					if typeName(n.Type) == "Letter" {
						found = append(found, lettersOf(t, n, where+" "+inside, locals)...)
					}
					if strings.HasSuffix(typeName(n.Type), "Refusal") {
						found = append(found, refusalsOf(t, n, where+" "+inside)...)
					}
				}
				return true
			})
		}
	}
	return found
}

// lettersOf are the texts of a letter that is written out. What is given need not stand in both texts, but in one. The
// name of the entity is added where the letter is handed over, and so may others be: what is not given is not looked at.
func lettersOf(t *testing.T, n *ast.CompositeLit, where string, locals map[string][]string) (found []use) {
	t.Helper()
	var keys, given []string
	for _, e := range n.Elts {
		kv := e.(*ast.KeyValueExpr)
		switch typeName(kv.Key) {
		case "Key":
			if keys = locals[typeName(kv.Value)]; len(keys) == 0 {
				if _, written := kv.Value.(*ast.BasicLit); written {
					keys = []string{literal(t, kv.Value)}
				}
			}
		case "Params":
			given = params(t, kv.Value)
		case "Action":
			if typeName(kv.Value) == "" {
				found = append(found, use{where, literal(t, kv.Value), nil})
			}
		}
	}
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == "" })
	var taken []string
	for _, key := range keys {
		for _, part := range mailTexts {
			found = append(found, use{where, key + part, nil})
			taken = append(taken, parametersOf(kit.Messages[key+part][kit.English])...)
		}
	}
	for _, name := range given {
		if len(keys) > 0 && !slices.Contains(taken, name) {
			t.Errorf("%s: %q is given %s and does not take it", where, keys, name)
		}
	}
	return found
}

// labelsOf are the texts of a table of labels.
func labelsOf(t *testing.T, n *ast.CompositeLit, where string) (found []use) {
	t.Helper()
	table, ok := n.Type.(*ast.MapType)
	if !ok || typeName(table.Value) != "Label" {
		return nil
	}
	for _, e := range n.Elts {
		found = append(found, use{where, literal(t, e.(*ast.KeyValueExpr).Value), nil})
	}
	return found
}

// assigned are the texts that a function gives its local variables in place.
func assigned(t *testing.T, f *ast.FuncDecl) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, to := range a.Lhs {
			if l, ok := a.Rhs[i].(*ast.BasicLit); ok && l.Kind == token.STRING && typeName(to) != "" {
				values[typeName(to)] = append(values[typeName(to)], literal(t, l))
			}
		}
		return true
	})
	return values
}

func refusalsOf(t *testing.T, n *ast.CompositeLit, where string) []use {
	u := use{where: where, params: []string{}}
	for _, e := range n.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return nil // refuse itself
		}
		switch kv.Key.(*ast.Ident).Name {
		case "Key":
			u.key = literal(t, kv.Value)
		case "Params":
			u.params = params(t, kv.Value)
		}
	}
	return []use{u}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func literal(t *testing.T, e ast.Expr) string {
	t.Helper()
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		t.Errorf("a message's key is not written in place: %#v", e)
		return ""
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		t.Error(err)
	}
	return s
}

// params are the names that a map in place gives, and none for nil.
func params(t *testing.T, e ast.Expr) []string {
	t.Helper()
	if id, ok := e.(*ast.Ident); ok && id.Name == "nil" {
		return []string{}
	}
	m, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	names := []string{}
	for _, e := range m.Elts {
		names = append(names, "{"+literal(t, e.(*ast.KeyValueExpr).Key)+"}")
	}
	slices.Sort(names)
	return names
}

func TestTheProgramNamesMessagesThatThereAreAndAllOfThem(t *testing.T) {
	used := map[string]bool{}
	for _, action := range kit.PageActions() {
		used[action] = true
	}
	for _, u := range uses(t) {
		used[u.key] = true
		texts, ok := kit.Messages[u.key]
		if !ok {
			t.Errorf("%s: there is no message %q", u.where, u.key)
			continue
		}
		if want := parametersOf(texts[kit.English]); u.params != nil && !slices.Equal(u.params, want) {
			t.Errorf("%s: %q takes %v and is given %v", u.where, u.key, want, u.params)
		}
	}
	if len(used) < 20 {
		t.Errorf("only %d keys were found in the source", len(used))
	}
	for _, key := range slices.Sorted(maps.Keys(kit.Messages)) {
		if !used[key] {
			t.Errorf("nobody uses the message %q", key)
		}
	}
}

func TestAMessageIsFilledIn(t *testing.T) {
	got := kit.Message(kit.French, "badPageSize", map[string]string{"argument": "first", "max": "100"})
	if got != "L’argument first doit être compris entre 1 et 100." {
		t.Errorf("got %q", got)
	}
	for _, l := range kit.Locales {
		r := &kit.Refusal{Code: kit.BadUserInput, Key: "unknownCountry", Params: map[string]string{"id": "cty_XX"}}
		if text := r.Message(l); !strings.Contains(text, "cty_XX") || strings.Contains(text, "{") {
			t.Errorf("%s: %q", l, text)
		}
	}
}

func TestWhatAMessageRepeatsIsNotFilledInAgain(t *testing.T) {
	// The order of a map is another each time.
	for range 50 {
		got := kit.Message(kit.English, "notAllowedInState", map[string]string{"status": "{allowed}", "allowed": "{status}"})
		if want := "This cannot be done while the status is {allowed}; it must be {status}."; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}
