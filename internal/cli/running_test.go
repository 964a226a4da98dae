package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/cli"
	"memberportal/internal/control"
	"memberportal/internal/testkit"
)

// needNoServer are the commands that no running server carries out, each with the reason.
var needNoServer = map[string]string{
	"memberportal serve":    "is the server",
	"memberportal schema":   "reads no store",
	"memberportal health":   "asks the server over HTTP",
	"memberportal licenses": "reads no store",
	"memberportal key":      "makes a file of its user",
	"memberportal backup":   "reads beside a server, and writes a file of its user",
	"memberportal restore":  "needs a store that nobody uses",
}

// trial is a command that is run beside a server and without one.
type trial struct {
	data func(*testing.T) string // a folder as the command finds it
	args func(data string) []string
	now  []string
	exit int
	// made is the folder that the command makes.
	made string
}

// arguments are those of a command that does not depend on its folder.
func arguments(args ...string) func(string) []string {
	return func(string) []string { return args }
}

// withDamage is a folder with a damaged member.
func withDamage(t *testing.T) string {
	t.Helper()
	data := testbed(t)
	spoil(t, filepath.Join(data, "portal.db"), `UPDATE members SET doc = x'00' WHERE id = 'mem_ACTIVE'`)
	return data
}

// withReport is a folder with a closed consultation.
func withReport(t *testing.T) string {
	t.Helper()
	all := testkit.Consultations()
	return withConsultations(t, all[0], all[3])
}

// trials are commands that a running server carries out.
func trials(t *testing.T) map[string]trial {
	t.Helper()
	members := saved(t, exported(t, copied(t)))
	entries := saved(t, exampleOfEntries(t))
	attendance := saved(t, "registration,attended,mode\nreg_PAST,Y,REMOTE\n")
	return map[string]trial{
		"memberportal token":                {testbed, arguments("token", "--role", "OPERATOR"), nil, 0, ""},
		"memberportal check":                {withDamage, arguments("check", "--repair"), nil, 0, ""},
		"memberportal seed":                 {copied, arguments("seed", "--members", "41"), nil, 0, ""},
		"memberportal import members":       {testbed, arguments("import", "members", members, "--json"), today, 0, ""},
		"memberportal import reference":     {testbed, arguments("import", "reference", entries, "--json"), today, 0, ""},
		"memberportal import attendance":    {withEvents, arguments("import", "attendance", attendance, "--event", "TESTBED_PAST"), today, 0, ""},
		"memberportal export members":       {testbed, arguments("export", "members"), today, 0, ""},
		"memberportal export registrations": {withEvents, arguments("export", "registrations", "--event", "TESTBED_PAST"), today, 0, ""},
		"memberportal export entity":        {withEvents, arguments("export", "entity", "mem_ACTIVE"), today, 0, ""},
		"memberportal export person":        {withFormer, arguments("export", "person", "usr_FORMER"), today, 0, ""},
		"memberportal user grant":           {testbed, arguments("user", "grant", "--name", "Ann", "--email", "ann@example.org", "--role", "OPERATOR"), today, 0, ""},
		"memberportal user list":            {withFormer, arguments("user", "list", "--json"), today, 0, ""},
		"memberportal user disable":         {withFormer, arguments("user", "disable", "usr_FORMER"), today, 0, ""},
		"memberportal user enable":          {withFormer, arguments("user", "enable", "usr_NONE"), today, 1, ""},
		"memberportal clock":                {withApplications, arguments("clock"), today, 0, ""},
		"memberportal erase due":            {withAged, arguments("erase", "--json"), today, 0, ""},
		"memberportal erase person":         {withFormer, arguments("erase", "person", "usr_FORMER"), today, 0, ""},
		"memberportal mails list":           {withMails, arguments("mails"), nil, 0, ""},
		"memberportal mails retry":          {withMails, arguments("mails", "retry", "out_CODE"), nil, 0, ""},
		"memberportal audit":                {withFormer, arguments("audit", "--from", "2000-01-01"), today, 0, ""},
		"memberportal figures check":        {testbed, arguments("figures", "check", firstFigures), today, 1, ""},
		"memberportal consultation export": {withReport, func(data string) []string {
			return []string{"consultation", "export", "TESTBED_CLOSED", "--out", filepath.Join(data, "report")}
		}, today, 0, "report"},
	}
}

var (
	randomID    = regexp.MustCompile(`\b[a-z]{3}_[0-9A-Z]{26}\b|/[A-Z0-9]{8}:`)
	randomToken = regexp.MustCompile(`\bey[\w-]+\.[\w-]+\.[\w-]+`)
	instant     = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`)
)

// steady takes from an output what is different each time: the folder, ids, tokens and times of the machine.
func steady(text, data string) string {
	text = strings.ReplaceAll(text, data, "DATA")
	text = randomToken.ReplaceAllString(text, "TOKEN")
	return instant.ReplaceAllString(randomID.ReplaceAllString(text, "ID"), "TIME")
}

// TestEveryCommandIsTheSameBesideAServer runs each command on two equal folders, one of which a server holds. A new
// command is listed here, or in needNoServer with the reason.
func TestEveryCommandIsTheSameBesideAServer(t *testing.T) {
	cases := trials(t)
	for name, served := range cli.Commands(t) {
		_, tried := cases[name]
		switch reason := needNoServer[name]; {
		case served && !tried:
			t.Errorf("%s: a server carries it out, and it is not tried here", name)
		case !served && reason == "":
			t.Errorf("%s: no server carries it out; embed onStore in its flags, or list it with the reason", name)
		case tried && (!served || reason != ""):
			t.Errorf("%s: it is tried, and a server does not carry it out", name)
		}
	}
	for name, c := range cases {
		t.Run(strings.TrimPrefix(name, "memberportal "), func(t *testing.T) {
			type outcome struct {
				Exit           int
				Stdout, Stderr string
				Made           map[string]string
				Audit          string
			}
			try := func(data string, serving bool) outcome {
				var s *server
				if serving {
					s = serve(t, plus(c.now, anyPort, "--data", data, "--demo-members=0")...)
				}
				code, stdout, stderr := command(t, plus(plus(c.args(data), c.now...), "--data", data)...)
				if serving {
					s.stop(t)
					contains(t, s.stderr.String(), `command="`+name) // it was the server
				}
				audit := looked(t, filepath.Join(data, "portal.db"), "SELECT count(*) FROM audit")
				return outcome{code, steady(stdout, data), steady(stderr, data), filesIn(t, data, c.made), audit}
			}
			data := c.data(t)
			other := t.TempDir()
			must(t, os.CopyFS(other, os.DirFS(data)))
			keepTimes(t, data, other)
			alone, beside := try(data, false), try(other, true)
			if alone.Exit != c.exit || !reflect.DeepEqual(alone, beside) {
				t.Errorf("alone\n%+v\nbeside a server\n%+v", alone, beside)
			}
		})
	}
}

// filesIn are the files of a folder in the data folder, by name.
func filesIn(t *testing.T, data, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	if folder == "" {
		return found
	}
	entries, err := os.ReadDir(filepath.Join(data, folder))
	must(t, err)
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(data, folder, e.Name()))
		must(t, err)
		found[e.Name()] = string(raw)
	}
	return found
}

// keepTimes gives copies the modes of their originals, and the times, by which old mails are known.
func keepTimes(t *testing.T, from, to string) {
	t.Helper()
	must(t, fs.WalkDir(os.DirFS(from), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		copied := filepath.Join(to, path)
		return errors.Join(os.Chmod(copied, info.Mode()), os.Chtimes(copied, info.ModTime(), info.ModTime()))
	}))
}

// TestFlagsArriveAsTheyWereSent fills every flag of every command that a server carries out and sends it there and
// back: a field that JSON loses would be left out beside a server.
func TestFlagsArriveAsTheyWereSent(t *testing.T) {
	for name, flags := range cli.FlagsOfServed(t) {
		fill(flags)
		raw, err := json.Marshal(flags.Interface())
		must(t, err)
		arrived := reflect.New(flags.Type())
		must(t, json.Unmarshal(raw, arrived.Interface()))
		if !reflect.DeepEqual(arrived.Elem().Interface(), flags.Interface()) {
			t.Errorf("%s: %s arrives as %+v", name, raw, arrived.Elem().Interface())
		}
	}
}

// fill sets everything in a value to something that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		panic("a flag of the kind " + v.Kind().String())
	}
}

// TestAServerCarriesOutNothingElse than the commands that may be sent to it, so that nobody has it serve again or
// write a file.
func TestAServerCarriesOutNothingElse(t *testing.T) {
	data := testbed(t)
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	defer s.stop(t)
	_, version, _ := command(t, "--version")
	file := filepath.Join(t.TempDir(), "made.json")
	raw, err := json.Marshal(map[string]any{"File": file, "Outbox": data})
	must(t, err)
	for name, want := range map[string]string{
		"memberportal key": "does not carry out", "memberportal serve": "does not carry out", "memberportal": "does not carry out", "memberportal check": "does not carry out",
		"memberportal erase due": "--outbox",
	} {
		a, err := control.Dial(t.Context(), filepath.Join(data, "portal.db.control", "socket"))
		must(t, err)
		var stderr strings.Builder
		exit, err := a.Ask(t.Context(), control.Request{Version: strings.TrimSpace(version), Command: name, Flags: raw}, control.Hands{Stdout: &stderr, Stderr: &stderr})
		if exit != 2 || err != nil || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %v, %s", name, exit, err, &stderr)
		}
		must(t, a.Close())
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server made a file: %v", err)
	}
}

// TestTheDayBesideAServer: a command that writes has the server's day, and one that reads any day.
func TestTheDayBesideAServer(t *testing.T) {
	data := withApplications(t)
	s := serve(t, plus(today, anyPort, "--data", data, "--demo-members=0")...)
	defer s.stop(t)
	if code, stdout, stderr := command(t, "clock", "--data", data); code != 0 || !strings.Contains(stdout, "recorded") {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	code, stdout, stderr := command(t, "clock", "--data", data, "--now", "2025-07-31")
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, %s", code, stdout)
	}
	contains(t, stderr, string(testkit.Today), "2025-07-31", "the running server")
	if code, stdout, _ := command(t, "clock", "--data", data, "--now", "2025-07-31", "--dry-run", "--direct-application", "KE"); code != 0 || !strings.Contains(stdout, "DEEMED_APPROVAL") {
		t.Errorf("exit code %d, %s", code, stdout)
	}
}

// TestModeBesideAServer: what the server does is decided by its own mode, and tokens are signed by its own key.
func TestModeBesideAServer(t *testing.T) {
	flags, key := production(t)
	secretary := granted(t, flags, "SECRETARIAT")
	s := serve(t, plus(flags, anyPort)...)
	defer s.stop(t)
	lax := flags[1:2] // the store, in development, with another key
	code, _, stderr := command(t, plus([]string{"seed"}, lax...)...)
	if code != 2 || !strings.Contains(stderr, "production") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if code, _, stderr := command(t, plus([]string{"token", "--role=SECRETARIAT"}, lax...)...); code != 2 || !strings.Contains(stderr, "--allow-production") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	_ = printed(t, key, plus(lax, "--role=SECRETARIAT", "--subject="+secretary, "--allow-production")...)
}

// TestInputOfACommandBesideAServer is read by whoever gives the command.
func TestInputOfACommandBesideAServer(t *testing.T) {
	text := exported(t, copied(t))
	data := t.TempDir()
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	defer s.stop(t)
	if code, stdout, stderr := command(t, "import", "members", "none.csv", "--data", data); code != 2 || stdout != "" || !strings.Contains(stderr, "none.csv") {
		t.Errorf("a file that is not there: exit code %d, %s", code, stderr)
	}
	stdin := os.Stdin
	t.Cleanup(func() { os.Stdin = stdin })
	in, err := os.Open(saved(t, text))
	must(t, err)
	os.Stdin = in
	if r := imported(t, 0, "-", "--data", data); r.Rows != 44 || r.Made != 44 {
		t.Errorf("got %+v", r)
	}
}

// TestAnImportIsStoppedAtTheServer when the one who gave it stops it.
func TestAnImportIsStoppedAtTheServer(t *testing.T) {
	data := testbed(t)
	lines := strings.SplitAfterN(exported(t, data), "\n", 3)
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	defer s.stop(t)
	stdin := os.Stdin
	t.Cleanup(func() { os.Stdin = stdin })
	in, never, err := os.Pipe()
	must(t, err)
	defer func() { _ = never.Close() }()
	os.Stdin = in
	ctx, cancel := context.WithCancel(t.Context())
	stdout, stderr := newOutput(), newOutput()
	code := make(chan int)
	go func() { code <- cli.Run(ctx, []string{"import", "members", "-", "--data", data}, stdout, stderr) }()
	_, err = never.WriteString(lines[0] + strings.Repeat(lines[1], 4000)) // more than a pipe holds: once written, it is read
	must(t, err)
	cancel()
	if exit := <-code; exit != 1 || stdout.String() != "" {
		t.Errorf("exit code %d, %s%s", exit, stdout, stderr)
	}
	contains(t, stderr.String(), "canceled")
}

// TestServeAfterAKill: what a server left that was killed does not keep the next one from taking commands.
func TestServeAfterAKill(t *testing.T) {
	data := testbed(t)
	left := filepath.Join(data, "portal.db.control")
	must(t, os.Mkdir(left, 0o755))
	must(t, os.WriteFile(filepath.Join(left, "socket"), nil, 0o644))
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	if code, _, stderr := command(t, "clock", "--data", data); code != 0 {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	s.stop(t)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of the socket is left: %v", err)
	}
	if code, _, stderr := command(t, "clock", "--data", data); code != 0 {
		t.Errorf("after the stop: exit code %d, %s", code, stderr)
	}
}

// TestServeWithoutASocket where the path is too long: it serves, and commands are told who holds the store.
func TestServeWithoutASocket(t *testing.T) {
	data := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	defer s.stop(t)
	contains(t, s.stderr.String(), "no control socket", "bytes")
	code, _, stderr := command(t, "clock", "--data", data)
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, "in use by process")
}
