package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// mostAtOnce is how many commands a server carries out at one time.
	mostAtOnce = 16
	// patience is how long an asker may take to say what it wants.
	patience = 10 * time.Second
	// hurry is how long an asker may take to read what it is sent once the server stops.
	hurry = 3 * time.Second
)

// Streams are what a command that a server carries out reads and writes; all of it is at the asker.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Write has the asker write a file under a name without folders.
	Write func(name string, content []byte) error
}

// Carrying carries out a command and gives its exit code. It ends early when the context ends: because the asker
// wants it to stop, because the asker has gone, or because the server stops.
type Carrying func(ctx context.Context, r Request, s Streams) (exit int)

// Server answers on a control socket. Make it with Listen.
type Server struct {
	version  string
	socket   string
	listener *net.UnixListener
	turns    chan struct{}
	running  sync.WaitGroup
	close    sync.Once
}

// Listen makes a socket that nobody but the user of this process and root can use, in a folder of its own that
// nobody else can enter. It replaces what an earlier server left there, so the caller must hold the lock of the
// store. It returns a PathError if the system takes no path of this length.
func Listen(socket, version string) (*Server, error) {
	at, err := short(socket)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(socket)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the folder of the control socket: %w", err)
	}
	info, err := os.Lstat(folder)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the folder of the control socket: %w", err)
	case !info.IsDir(): // nor a link to one, which may be anybody's
		return nil, fmt.Errorf("%s must be a folder: the control socket is made in it", folder)
	}
	// The folder is closed before the socket is there, so that there is no moment at which others reach it.
	if err := os.Chmod(folder, 0o700); err != nil {
		return nil, fmt.Errorf("closing the folder of the control socket to others: %w", err)
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing the control socket of an earlier server: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: at, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listening for commands: %w", err)
	}
	listener.SetUnlinkOnClose(false) // by its path here, because the working folder may change
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close(), os.Remove(socket))
	}
	return &Server{version: version, socket: socket, listener: listener, turns: make(chan struct{}, mostAtOnce)}, nil
}

// Serve has commands carried out until the context ends. Then it takes no more, tells those that run to stop, and
// returns when all have ended; the socket is gone.
func (s *Server) Serve(ctx context.Context, carry Carrying) {
	defer context.AfterFunc(ctx, func() { _ = s.listener.Close() })()
	for ctx.Err() == nil {
		conn, err := s.listener.AcceptUnix()
		if err == nil {
			s.running.Go(func() { s.attend(ctx, conn, carry) })
			continue
		}
		select { // such as too many open files, which passes
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	s.running.Wait()
	s.Close()
}

// Close takes the socket away, once: later the path may be that of another server. Serve does so by itself.
func (s *Server) Close() {
	s.close.Do(func() {
		_ = s.listener.Close()
		// Somebody may have removed them already.
		_ = os.Remove(s.socket)
		_ = os.Remove(filepath.Dir(s.socket))
	})
}

// attend carries out the command of one asker.
func (s *Server) attend(ctx context.Context, conn *net.UnixConn, carry Carrying) {
	defer func() { _ = conn.Close() }()
	w := newWire(conn, maxAsked)
	_ = conn.SetDeadline(time.Now().Add(patience))
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	default:
		_ = w.send(message{Refused: fmt.Sprintf("the running server carries out %d commands already; try again later", mostAtOnce)})
		return
	}
	if err := mayAsk(conn); err != nil {
		_ = w.send(message{Refused: err.Error()})
		return
	}
	if err := w.send(message{Version: s.version}); err != nil {
		return
	}
	m, err := w.receive()
	if err != nil || m.Request == nil {
		return // it went away when it saw the version
	}
	if m.Request.Version != s.version {
		_ = w.send(message{Refused: fmt.Sprintf("the running server is %q and carries out no command of %q", s.version, m.Request.Version)})
		return
	}
	_ = conn.SetDeadline(time.Time{})
	// Once the server stops, an asker that takes nothing must not keep it.
	defer context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Now().Add(hurry)) })()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	far := &far{wire: w, ctx: ctx, answers: make(chan answer, 1)}
	go far.listen(cancel)
	exit := carry(ctx, *m.Request, Streams{Stdin: far, Stdout: output{far, false}, Stderr: output{far, true}, Write: far.write})
	_ = w.send(message{Exit: &exit})
}

// far is the asker as a command sees it.
type far struct {
	*wire
	ctx     context.Context
	answers chan answer

	asking sync.Mutex // held while an answer is awaited
	rest   []byte
	ended  error
}

// listen hears what the asker says, and ends the command when it says stop or has gone.
func (f *far) listen(cancel context.CancelFunc) {
	defer cancel()
	for {
		m, err := f.receive()
		if err != nil || m.Stop {
			return
		}
		if m.Answer == nil {
			continue
		}
		select {
		case f.answers <- *m.Answer:
		default: // to nothing that was asked
			return
		}
	}
}

// ask sends a wish and waits for the answer.
func (f *far) ask(m message) (answer, error) {
	if err := f.send(m); err != nil {
		return answer{}, err
	}
	select {
	case a := <-f.answers:
		return a, nil
	case <-f.ctx.Done():
		return answer{}, f.ctx.Err()
	}
}

// Read reads the asker's input, no more of it than the command wants and a chunk.
func (f *far) Read(p []byte) (int, error) {
	f.asking.Lock()
	defer f.asking.Unlock()
	for len(f.rest) == 0 {
		if f.ended != nil {
			return 0, f.ended
		}
		a, err := f.ask(message{Read: true})
		if err != nil {
			return 0, err
		}
		f.rest, f.ended = a.Data, a.err()
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// write has the asker write a file.
func (f *far) write(name string, content []byte) error {
	f.asking.Lock()
	defer f.asking.Unlock()
	a, err := f.ask(message{File: &file{name, content}})
	if err != nil {
		return err
	}
	return a.err()
}

// output is standard output or standard error of the asker.
type output struct {
	*far
	remarks bool
}

// Write sends what a command prints. It fails when the asker has gone.
func (o output) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	m := message{Out: p}
	if o.remarks {
		m = message{Remark: p}
	}
	if err := o.send(m); err != nil {
		return 0, err
	}
	return len(p), nil
}
