package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listening is a server of version v1 on a socket in a new folder, and a way to stop it.
func listening(t *testing.T, carry Carrying) (socket string, stop func()) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "c", "s")
	s, err := Listen(socket, "v1")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Serve(ctx, carry)
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return socket, stop
}

// asked asks for a command and gives what came of it.
func asked(ctx context.Context, socket string, r Request, h Hands) (exit int, stdout, stderr string, err error) {
	var out, remarks bytes.Buffer
	h.Stdout, h.Stderr = &out, &remarks
	a, err := Dial(ctx, socket)
	if err != nil {
		return 0, "", "", err
	}
	defer func() { _ = a.Close() }()
	exit, err = a.Ask(ctx, r, h)
	return exit, out.String(), remarks.String(), err
}

func TestACommandReadsAndWritesThroughItsAsker(t *testing.T) {
	socket, _ := listening(t, func(_ context.Context, r Request, s Streams) int {
		in, err := io.ReadAll(s.Stdin)
		_, _ = fmt.Fprintf(s.Stdout, "%s %s %d %v\n", r.Command, r.Flags, len(in), err)
		_, _ = fmt.Fprintln(s.Stderr, "a remark")
		_, _ = s.Stdout.Write(in)
		for _, name := range []string{"a.txt", "../b.txt", "/b.txt", ".", ""} {
			if err := s.Write(name, []byte("content")); err != nil {
				_, _ = fmt.Fprintln(s.Stderr, err)
			}
		}
		return 7
	})
	input := strings.Repeat("line\n", 100_000)
	files := map[string]string{}
	exit, stdout, stderr, err := asked(t.Context(), socket, Request{Version: "v1", Command: "do", Flags: []byte(`{"A":1}`)}, Hands{
		Input: strings.NewReader(input),
		Write: func(name string, content []byte) error { files[name] = string(content); return nil },
	})
	if err != nil || exit != 7 || stdout != "do {\"A\":1} 500000 <nil>\n"+input || !strings.HasPrefix(stderr, "a remark\n") || strings.Count(stderr, "is no name of a file") != 4 {
		t.Errorf("exit code %d, %v, %.200q, %q", exit, err, stdout, stderr)
	}
	if len(files) != 1 || files["a.txt"] != "content" {
		t.Errorf("wrote %v", files)
	}
}

// TestInputIsReadOnlyWhenTheCommandReads, so that a command without input leaves a terminal alone.
func TestInputIsReadOnlyWhenTheCommandReads(t *testing.T) {
	socket, _ := listening(t, func(_ context.Context, r Request, s Streams) int {
		if r.Command == "read" {
			_, err := s.Stdin.Read(make([]byte, 1))
			_, _ = fmt.Fprint(s.Stdout, err)
		}
		return 0
	})
	in := strings.NewReader("input")
	if _, _, _, err := asked(t.Context(), socket, Request{Version: "v1"}, Hands{Input: in}); err != nil || in.Len() != 5 {
		t.Errorf("%v, %d bytes are left", err, in.Len())
	}
	broken := iotest.ErrReader(errors.New("the disk is broken"))
	for want, in := range map[string]io.Reader{"<nil>": in, "EOF": nil, "the disk is broken": broken} {
		if _, stdout, _, err := asked(t.Context(), socket, Request{Version: "v1", Command: "read"}, Hands{Input: in}); err != nil || stdout != want {
			t.Errorf("%q, %v, want %s", stdout, err, want)
		}
	}
}

func TestACommandStopsWhenItsAskerSaysSo(t *testing.T) {
	begun := make(chan struct{})
	socket, _ := listening(t, func(ctx context.Context, _ Request, s Streams) int {
		close(begun)
		<-ctx.Done()
		_, _ = fmt.Fprint(s.Stderr, "stopped")
		return 1
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if exit, _, stderr, err := asked(ctx, socket, Request{Version: "v1"}, Hands{}); exit != 1 || stderr != "stopped" || err != nil {
		t.Errorf("exit code %d, %q, %v", exit, stderr, err)
	}
}

func TestACommandStopsWhenItsAskerHasGoneOrTheServerStops(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error)
	socket, stop := listening(t, func(ctx context.Context, _ Request, s Streams) int {
		begun <- struct{}{}
		_, err := io.ReadAll(s.Stdin)
		ended <- errors.Join(err, ctx.Err())
		return 1
	})
	silent, unblock := io.Pipe()
	defer func() { _ = unblock.Close() }()
	a, err := Dial(t.Context(), socket)
	must(t, err)
	go func() { _, _ = a.Ask(context.Background(), Request{Version: "v1"}, Hands{Input: silent}) }()
	<-begun
	must(t, a.Close())
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the asker has gone: %v", err)
	}
	told := make(chan int)
	go func() {
		exit, _, _, _ := asked(context.Background(), socket, Request{Version: "v1"}, Hands{Input: silent})
		told <- exit
	}()
	<-begun
	go stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the server stops: %v", err)
	}
	if exit := <-told; exit != 1 {
		t.Errorf("exit code %d", exit)
	}
	stop()
	if _, err := os.Lstat(filepath.Dir(socket)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the socket: %v", err)
	}
	if _, err := Dial(t.Context(), socket); !errors.Is(err, ErrNobody) {
		t.Errorf("after the stop: %v", err)
	}
}

func TestAnotherVersionIsToldSo(t *testing.T) {
	socket, _ := listening(t, func(context.Context, Request, Streams) int { t.Error("carried out"); return 0 })
	_, _, _, err := asked(t.Context(), socket, Request{Version: "v2"}, Hands{})
	if err == nil || !strings.Contains(err.Error(), `"v1"`) || !strings.Contains(err.Error(), `"v2"`) {
		t.Errorf("%v", err)
	}
	// An asker that does not look is refused by the server.
	a, err := Dial(t.Context(), socket)
	must(t, err)
	defer func() { _ = a.Close() }()
	_, err = a.receive()
	must(t, err)
	must(t, a.send(message{Request: &Request{Version: "v2"}}))
	if m, err := a.receive(); err != nil || !strings.Contains(m.Refused, `"v2"`) {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestWhatIsNoCommandIsNotCarriedOut(t *testing.T) {
	socket, _ := listening(t, func(context.Context, Request, Streams) int { t.Error("carried out"); return 0 })
	for _, line := range []string{"nonsense\n", "{}\n", `{"stop":true}` + "\n", strings.Repeat("x", maxAsked+1)} {
		conn, err := net.Dial("unix", socket)
		must(t, err)
		_, _ = io.WriteString(conn, line) // the server may hang up before it is all written
		said, _ := io.ReadAll(conn)
		if bytes.Count(said, []byte("\n")) > 1 || bytes.Contains(said, []byte("exit")) {
			t.Errorf("%.20q is answered with %q", line, said)
		}
		must(t, conn.Close())
	}
}

func TestNobodyElseReachesTheSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	folder := filepath.Join(t.TempDir(), "c")
	must(t, os.Mkdir(folder, 0o777))
	must(t, os.Chmod(folder, 0o777)) // as a careless person left it
	socket := filepath.Join(folder, "s")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	must(t, err)
	dead.SetUnlinkOnClose(false)
	must(t, dead.Close())
	if _, err := Dial(t.Context(), socket); !errors.Is(err, ErrNobody) {
		t.Errorf("the socket of a dead server: %v", err)
	}
	s, err := Listen(socket, "v1")
	must(t, err)
	defer s.Close()
	for path, want := range map[string]os.FileMode{folder: 0o700, socket: 0o600} {
		if info, err := os.Lstat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(folder, elsewhere))
	if _, err := Listen(filepath.Join(elsewhere, "s"), "v1"); err == nil {
		t.Error("a socket is made behind a link")
	}
}

func TestALongPathIsShortFromNearby(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	folder = filepath.Join(folder, strings.Repeat("long", longest/4+1))
	must(t, os.Mkdir(folder, 0o700))
	socket := filepath.Join(folder, "c", "s")
	_, err = Listen(socket, "v1")
	if long, ok := errors.AsType[*PathError](err); !ok || long.Path != socket {
		t.Errorf("%v", err)
	}
	if _, err := Dial(t.Context(), socket); !errors.Is(err, ErrNobody) {
		t.Errorf("%v", err)
	}
	t.Chdir(folder)
	s, err := Listen(socket, "v1")
	must(t, err)
	a, err := Dial(t.Context(), socket)
	must(t, err)
	must(t, a.Close())
	t.Chdir("/")
	s.Close()
	if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}
