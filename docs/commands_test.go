package docs_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	assignment = regexp.MustCompile(`^[A-Z_]+=\S*$`)
	commandTag = regexp.MustCompile("(?m)^\\s+([A-Z]\\w*)\\s+\\S+\\s+`cmd:\"")
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
	ownFlag    = regexp.MustCompile(`flag\.(?:Bool|Int64|Uint64|Int|Duration|String)(?:Var)?\((?:&\w+, )?"([a-z]+)"`)
	separators = regexp.MustCompile(`\s(?:&&|\|\||\||;|#)\s|\s#|;$`)
)

// goTestFlags are those of go test that pages use, and whether a value follows.
var goTestFlags = map[string]bool{
	"-run": true, "-bench": true, "-benchtime": true, "-cpuprofile": true, "-o": true, "-tags": true, "-count": false, "-v": false, "-vet": false, "-skip": true, "-timeout": false,
}

// fields splits a command line at blanks and takes quotes off.
func fields(line string) (all []string) {
	var b strings.Builder
	var quote rune
	begun := false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ':
			if begun {
				all = append(all, b.String())
			}
			b.Reset()
			begun = false
		default:
			b.WriteRune(r)
			begun = true
		}
	}
	return all
}

// subcommands are the commands of the program, and those below them.
func subcommands(t *testing.T) (names []string) {
	t.Helper()
	for _, file := range glob(t, "internal/cli/*.go") {
		for _, m := range commandTag.FindAllStringSubmatch(read(t, file), -1) {
			names = append(names, strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(m[1], "$1-$2")))
		}
	}
	return names
}

// unknown says why a command runs nothing that is here; empty if it does, or if it is none of ours.
func unknown(t *testing.T, line string) string {
	t.Helper()
	words := fields(strings.TrimPrefix(line, "$ "))
	for len(words) > 0 && (assignment.MatchString(words[0]) || words[0] == "sudo") {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	program := func(arguments []string) string {
		if len(arguments) == 0 || strings.HasPrefix(arguments[0], "-") {
			return ""
		}
		if !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(arguments[0]) || slices.Contains(subcommands(t), arguments[0]) {
			return ""
		}
		return "the program has no command " + arguments[0]
	}
	switch {
	case words[0] == "make":
		return unknownTarget(t, words[1:])
	case words[0] == "memberportal":
		return program(words[1:])
	case words[0] == "go" && len(words) > 2 && words[1] == "run" && words[2] == ".":
		return program(words[3:])
	case words[0] == "go" && len(words) > 1 && words[1] == "test":
		return unknownTest(t, words[2:])
	case words[0] == "go" && len(words) > 2 && words[1] == "tool" && words[2] != "pprof":
		if !regexp.MustCompile(`(?m)^(?:tool )?\s*\S+/` + regexp.QuoteMeta(words[2]) + `$`).MatchString(read(t, "go.mod")) {
			return "go.mod has no tool " + words[2]
		}
	case slices.Contains([]string{"release/build", ".ci/run", "web/explorer/build.sh"}, words[0]):
		if len(glob(t, words[0])) == 0 {
			return "there is no " + words[0]
		}
	}
	return ""
}

// unknownTarget says what of the arguments of make is not there.
func unknownTarget(t *testing.T, arguments []string) string {
	t.Helper()
	for _, a := range arguments {
		if noun, found := strings.CutPrefix(a, "NOUN="); found {
			if noun != "NOUN" && len(glob(t, "graph/testdata/"+strings.ReplaceAll(noun, "_", ""))) == 0 {
				return "no golden documents are of " + noun
			}
		} else if !strings.Contains(a, "=") && !strings.Contains(read(t, "Makefile"), "\n"+a+":") {
			return "the Makefile has no target " + a
		}
	}
	return ""
}

// unknownTest says what of the arguments of go test is not there: packages, tests, golden documents, flags.
func unknownTest(t *testing.T, arguments []string) string {
	t.Helper()
	var folders, patterns []string
	for i := 0; i < len(arguments); i++ {
		name, _, joined := strings.Cut(arguments[i], "=")
		follows, known := goTestFlags[name]
		switch {
		case strings.HasPrefix(name, "./"):
			folder := strings.TrimSuffix(strings.TrimPrefix(name, "./"), "...")
			if folder != "" && len(glob(t, strings.TrimSuffix(folder, "/"))) == 0 {
				return "there is no folder " + folder
			}
			folders = append(folders, strings.TrimSuffix(folder, "/"))
		case known && follows && !joined:
			i++
			if i == len(arguments) {
				return name + " needs a value"
			}
			if name == "-run" || name == "-bench" {
				patterns = append(patterns, arguments[i])
			}
		case known:
		case strings.HasPrefix(name, "-"):
			if !ownFlagExists(t, name[1:]) {
				return "tests know no flag " + name
			}
		}
	}
	for _, p := range patterns {
		if why := matchesNothing(t, folders, p); why != "" {
			return why
		}
	}
	return ""
}

// ownFlagExists says whether some test of the module has a flag.
func ownFlagExists(t *testing.T, name string) bool {
	t.Helper()
	for _, pattern := range []string{"graph/*_test.go", "internal/*/*_test.go", "internal/testkit/*/*.go"} {
		for _, file := range glob(t, pattern) {
			for _, m := range ownFlag.FindAllStringSubmatch(read(t, file), -1) {
				if m[1] == name {
					return true
				}
			}
		}
	}
	return false
}

// matchesNothing says that no test of the folders has a name that a pattern of go test matches, or that no
// golden document has.
func matchesNothing(t *testing.T, folders []string, pattern string) string {
	t.Helper()
	if pattern == "^$" {
		return ""
	}
	parts := strings.Split(pattern, "/")
	name, err := regexp.Compile(parts[0])
	if err != nil {
		return err.Error()
	}
	found := false
	for _, folder := range folders {
		for _, file := range slices.Concat(glob(t, path.Join(folder, "*_test.go")), glob(t, path.Join(folder, "*/*_test.go"))) {
			for _, m := range testFunc.FindAllStringSubmatch(read(t, file), -1) {
				found = found || name.MatchString(m[1])
			}
		}
	}
	if !found {
		return "no test is named " + pattern
	}
	if parts[0] == "^TestGolden$" && len(parts) > 2 {
		at := []string{"graph/testdata"}
		for _, p := range parts[2:] {
			at = append(at, strings.Trim(p, "^$"))
		}
		if document := strings.Join(at, "/"); len(glob(t, document)) == 0 && len(glob(t, document+".txtar")) == 0 {
			return "there is no golden document " + document
		}
	}
	return ""
}

// commands are the lines of a page that run something: those of its blocks of code that name no language, and
// what stands between backticks.
func commands(page string) (all []passage) {
	for _, at := range fence.FindAllStringIndex(page, -1) {
		first, body, _ := strings.Cut(page[at[0]:at[1]], "\n")
		if first != "```" {
			continue
		}
		line := 1 + strings.Count(page[:at[0]], "\n")
		for _, l := range strings.Split(body, "\n") {
			line++
			for _, command := range separators.Split(l, -1) {
				all = append(all, passage{line: line, text: command})
			}
		}
	}
	text := emptied(page, fence)
	for _, at := range span.FindAllStringIndex(text, -1) {
		all = append(all, passage{line: 1 + strings.Count(text[:at[0]], "\n"), text: text[at[0]+1 : at[1]-1]})
	}
	return all
}

// TestCommandsThatArePrintedExist looks up what printed commands run: targets of make, commands of the program,
// tests, their flags, golden documents.
func TestCommandsThatArePrintedExist(t *testing.T) {
	looked := 0
	for _, page := range pages(t) {
		for _, c := range commands(read(t, page)) {
			looked++
			if why := unknown(t, strings.TrimSpace(c.text)); why != "" {
				t.Errorf("%s:%d: %s: %s", page, c.line, c.text, why)
			}
		}
	}
	if looked < 100 {
		t.Errorf("only %d commands were looked at", looked)
	}
}

// TestAnUnknownCommandIsFound shows that the check above fails where it should, and only there.
func TestAnUnknownCommandIsFound(t *testing.T) {
	for line, exists := range map[string]bool{
		"make": true, "make lint": true, "make lunch": false, "make test NOUN=member": true, "make test NOUN=ghost": false, "make serve ARGS='--listen :1'": true,
		"go run . schema": true, "go run . --now 2025-03-31": true, "go run . ghost": false, "TOKEN=x go run . token --role OPERATOR": true, "memberportal figures check x.csv": true,
		"sudo memberportal haunt": false, "go tool gqlgen generate": true, "go tool ghost": false, "go tool pprof -top x": true,
		"go test ./...": true, "go test ./ghost": false, "go test ./graph -run 'TestGolden'": true, "go test ./graph -run '^TestGhost$'": false,
		"go test ./graph -run '^TestGolden$/^sqlite$/^member$/^get$' -update": true, "go test ./graph -run '^TestGolden$/^sqlite$/^member$/^ghost$'": false,
		"go test ./graph -run '^$' -bench Hostile": true, "go test ./graph -bench Ghost": false, "go test -count=1 ./graph -ghost": false, "curl ghost": true,
	} {
		if why := unknown(t, line); (why == "") != exists {
			t.Errorf("%s: exists is %t, but the check says %q", line, exists, why)
		}
	}
}
