package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// limitFiles makes the system refuse to let any file of this process grow beyond so many bytes, as a
// full disk would, and gives a way to undo it.
func limitFiles(t *testing.T, bytes uint64) (undo func()) {
	t.Helper()
	const rlimitFileSize = 1
	signal.Ignore(syscall.SIGXFSZ) // the system would also send a signal
	var before syscall.Rlimit
	must(t, syscall.Getrlimit(rlimitFileSize, &before))
	must(t, syscall.Setrlimit(rlimitFileSize, &syscall.Rlimit{Cur: bytes, Max: before.Max}))
	undo = func() { must(t, syscall.Setrlimit(rlimitFileSize, &before)) }
	t.Cleanup(undo)
	return undo
}

// alone runs a test in a process of its own, and says whether this is it: the limit would also hold
// for what go test writes.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "MEMBERPORTAL_TEST_ALONE"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), variable+"="+t.Name())
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

func TestDiskIsFull(t *testing.T) {
	if !alone(t) {
		return
	}
	data := testbed(t)
	s := serve(t, anyPort, "--data", data, "--demo-members=0", "--now", "2025-03-31")
	token := s.tokens()["SECRETARIAT"]
	log, err := os.Stat(filepath.Join(data, "portal.db-wal"))
	must(t, err)
	undo := limitFiles(t, uint64(log.Size())+128<<10) // room for some changes
	version, refused := 1, ""
	for range 200 {
		ok, body := s.rename(t, token, fmt.Sprintf("Name %d", version), version)
		if !ok {
			refused = body
			break
		}
		version++
	}
	if !strings.Contains(refused, `"UNAVAILABLE"`) || strings.Contains(refused, "disk") {
		t.Fatalf("after %d writes: %s", version-1, refused)
	}
	if _, body := s.post(t, "", oneQuery, nil); version < 2 || !strings.Contains(body, fmt.Sprintf(`"Name %d"`, version-1)) {
		t.Errorf("while full, reading gives %s", body)
	}
	undo()
	if ok, body := s.rename(t, token, "There is room again", version); !ok {
		t.Errorf("after %d writes: %s", version-1, body)
	}
	s.stop(t)
	if code, stdout, stderr := command(t, "check", "--data", data); code != 0 {
		t.Errorf("check: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// nobody is who owns nothing here.
const nobody = 65534

// asNobody runs a command without the rights of root, if this is root: the system looks at the file
// rights of one thread, so the test stays on it.
func asNobody(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	if os.Geteuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		defer func() { _, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0) }()
	}
	return command(t, args...)
}

// reachable is a folder that everybody can look into.
func reachable(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.Chmod(filepath.Dir(folder), 0o755))
	must(t, os.Chmod(folder, 0o755))
	return folder
}

func TestServeSaysWhatItCannotUse(t *testing.T) {
	full := reachable(t)
	for _, name := range []string{"portal.db", "signing-key.json"} {
		content, err := os.ReadFile(filepath.Join(copied(t), name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(full, name), content, 0o600))
		if os.Geteuid() == 0 {
			must(t, os.Chown(filepath.Join(full, name), nobody, nobody))
		}
	}
	must(t, os.Chmod(full, 0o555))
	empty := reachable(t)
	must(t, os.Chmod(empty, 0o555))
	key := reachable(t)
	must(t, os.WriteFile(filepath.Join(key, "unreadable"), []byte("{}"), 0))
	must(t, os.WriteFile(filepath.Join(key, "rubbish"), []byte("no keys"), 0o600))
	must(t, os.WriteFile(filepath.Join(key, "file"), nil, 0o600))
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"a data folder that is read-only":        {[]string{"--data", full}, []string{"portal.db.lock", "permission denied"}},
		"an empty data folder that is read-only": {[]string{"--data", empty}, []string{empty, "permission denied"}},
		"a file in the place of the data folder": {[]string{"--data", filepath.Join(key, "file")}, []string{filepath.Join(key, "file"), "not a directory"}},
		"a key file that may not be read":        {[]string{"--data", t.TempDir(), "--signing-key", filepath.Join(key, "unreadable")}, []string{"unreadable", "permission denied"}},
		"a folder in the place of the key file":  {[]string{"--data", t.TempDir(), "--signing-key", key}, []string{key}},
		"a certificate that is not there":        {[]string{"--data", copied(t), "--tls-cert", filepath.Join(key, "none"), "--tls-key", filepath.Join(key, "none")}, []string{"TLS certificate", "none"}},
	} {
		t.Run(name, func(t *testing.T) {
			run := asNobody
			if strings.Contains(name, "certificate") {
				run = command
			}
			code, stdout, stderr := run(t, plus([]string{anyPort}, c.args...)...)
			if code != 1 || stdout != "" || strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
			contains(t, stderr, c.want...)
		})
	}
	if code, _, stderr := command(t, anyPort, "--data", t.TempDir(), "--signing-key", filepath.Join(key, "rubbish")); code != 1 || !strings.Contains(stderr, "rubbish") {
		t.Errorf("a key file with something else: exit code %d: %s", code, stderr)
	}
}

func TestServeOnAFullDiskSaysSo(t *testing.T) {
	if !alone(t) {
		return
	}
	data := t.TempDir()
	undo := limitFiles(t, 16<<10)
	code, stdout, stderr := command(t, anyPort, "--data", data)
	undo()
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	contains(t, stderr, "store unavailable")
	serve(t, anyPort, "--data", data).stop(t) // what had been begun is finished
}
