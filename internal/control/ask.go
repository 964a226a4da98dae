package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"syscall"
)

// Hands are what an asker reads and writes for the server.
type Hands struct {
	Stdout, Stderr io.Writer
	// Input is read when the command reads; nil if it has nothing to read.
	Input io.Reader
	// Write writes a file that the command makes, under a name without folders; nil if it makes none.
	Write func(name string, content []byte) error
}

// ErrNobody says that no server listens on a socket.
var ErrNobody = errors.New("no server listens")

// Asker is a connection with a server. Make it with Dial.
type Asker struct {
	*wire
	hands Hands
}

// Dial connects with the server on a socket. The error is ErrNobody if there is none.
func Dial(ctx context.Context, socket string) (*Asker, error) {
	at, err := short(socket)
	if err != nil { // no server listens at such a path either
		return nil, fmt.Errorf("%w: %w", ErrNobody, err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", at)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w: %w", ErrNobody, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("only the user of the running server, and root, may ask it: %w", err)
	case err != nil:
		return nil, fmt.Errorf("asking the running server: %w", err)
	}
	return &Asker{wire: newWire(conn, maxTold)}, nil
}

// Close ends the connection; a command that still runs is stopped.
func (a *Asker) Close() error { return a.conn.Close() }

// Ask has the server carry out a command, and gives its exit code. When the context ends it tells the server to
// stop the command, and waits for the end. An error says that the server refused the command, or went away so that
// it cannot be known how it ended. Ask once.
func (a *Asker) Ask(ctx context.Context, r Request, h Hands) (exit int, err error) {
	a.hands = h
	if err := a.greet(r); err != nil {
		return 0, err
	}
	defer context.AfterFunc(ctx, func() { _ = a.send(message{Stop: true}) })()
	return a.attend()
}

// greet compares versions and sends the command.
func (a *Asker) greet(r Request) error {
	hello, err := a.receive()
	switch {
	case err != nil:
		return fmt.Errorf("asking the running server: %w", err)
	case hello.Refused != "":
		return errors.New(hello.Refused)
	case hello.Version != r.Version:
		return fmt.Errorf("the running server is another version of the program: it is %q, this is %q; restart the server, or use the program that it runs", hello.Version, r.Version)
	}
	if err := a.send(message{Request: &r}); err != nil {
		return fmt.Errorf("asking the running server: %w", err)
	}
	return nil
}

// attend does what the server wants until the command has ended.
func (a *Asker) attend() (exit int, err error) {
	for {
		m, err := a.receive()
		if err != nil {
			return 0, fmt.Errorf("the running server went away before the command had ended, so that part of it may be done: %w", err)
		}
		switch {
		case m.Refused != "":
			return 0, errors.New(m.Refused)
		case m.Exit != nil:
			return *m.Exit, nil
		case m.Read:
			go a.read() // the server may end the command while this waits for a terminal
		case m.File != nil:
			err = a.send(message{Answer: a.write(m.File)})
		case m.Out != nil:
			_, err = a.hands.Stdout.Write(m.Out)
		case m.Remark != nil:
			_, err = a.hands.Stderr.Write(m.Remark)
		default:
			err = errors.New("the running server says something that this program does not know")
		}
		if err != nil {
			return 0, err
		}
	}
}

// read sends the next bytes of the input.
func (a *Asker) read() {
	said := &answer{End: true}
	if a.hands.Input != nil {
		part := make([]byte, chunk)
		n, err := a.hands.Input.Read(part)
		said = &answer{Data: part[:n], End: errors.Is(err, io.EOF)}
		if err != nil && !said.End {
			said.Fault = err.Error()
		}
	}
	_ = a.send(message{Answer: said}) // if the server has gone, attend finds out
}

// write writes a file for the server.
func (a *Asker) write(f *file) *answer {
	switch {
	case a.hands.Write == nil:
		return &answer{Fault: "the command makes no files"}
	case !filepath.IsLocal(f.Name) || f.Name == "." || filepath.Base(f.Name) != f.Name:
		return &answer{Fault: fmt.Sprintf("%q is no name of a file", f.Name)}
	}
	if err := a.hands.Write(f.Name, f.Content); err != nil {
		return &answer{Fault: err.Error()}
	}
	return &answer{}
}
