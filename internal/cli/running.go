package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"

	"memberportal/internal/config"
	"memberportal/internal/control"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/report"
	"memberportal/internal/store"
)

// served is a command that the server carries out if one holds the store, and that opens the store itself if not.
type served interface {
	// Control is where the server is asked; empty for nowhere.
	Control() string
	// served is false if it needs no server as its flags are.
	served() bool
	// settle puts what the server knows better in place of the asker's settings: where the documents are, for
	// whom tokens are made, and what day it is if the asker does not say.
	settle(config.Serve)
}

// onStore are the flags of a command that works on documents.
type onStore struct {
	config.Store
	config.Domain
}

func (*onStore) served() bool { return true }

func (o *onStore) settle(c config.Serve) {
	o.Store = c.Store
	if o.Now == "" {
		o.Domain = c.Domain
	}
}

// inputFile is a file that a command reads, - for standard input. The asker opens it.
type inputFile string

// outputFolder is a folder into which a command writes files. The asker writes them.
type outputFolder string

// open opens the file. Where it cannot be opened, the command line is wrong.
func (f inputFile) open(ctx context.Context) (io.ReadCloser, error) {
	if c := carriedOf(ctx); c != nil {
		return io.NopCloser(c.streams.Stdin), nil
	}
	if f == "-" {
		return os.Stdin, nil
	}
	file, err := os.Open(string(f))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMisuse, err)
	}
	return file, nil
}

// write writes files into the folder, and gives their paths.
func (o outputFolder) write(ctx context.Context, files ...report.File) (paths []string, err error) {
	c := carriedOf(ctx)
	if c == nil {
		return report.Write(string(o), files...)
	}
	for _, f := range files {
		if err := c.streams.Write(f.Name, f.Content); err != nil {
			return paths, err
		}
		paths = append(paths, filepath.Join(string(o), f.Name))
	}
	return paths, nil
}

// askServer has the server that holds the store carry out a command. asked is false if the command needs none, or
// if none is there.
func askServer(ctx context.Context, node *kong.Node, stdout, stderr io.Writer) (exit int, asked bool, err error) {
	if node == nil {
		return 0, false, nil
	}
	c, ok := node.Target.Addr().Interface().(served)
	if !ok || !c.served() || c.Control() == "" {
		return 0, false, nil
	}
	asker, err := control.Dial(ctx, c.Control())
	if errors.Is(err, control.ErrNobody) {
		return 0, false, nil
	}
	if err != nil {
		return 0, true, err
	}
	defer func() { _ = asker.Close() }()
	hands := control.Hands{Stdout: stdout, Stderr: stderr}
	if f, ok := flagOf[inputFile](node.Target); ok {
		in, err := f.open(ctx)
		if err != nil {
			return 0, true, err
		}
		defer func() { _ = in.Close() }()
		hands.Input = in
	}
	if o, ok := flagOf[outputFolder](node.Target); ok {
		hands.Write = func(name string, content []byte) error {
			_, err := o.write(ctx, report.File{Name: name, Content: content})
			return err
		}
	}
	flags, err := json.Marshal(node.Target.Interface())
	if err != nil {
		return 0, true, err
	}
	exit, err = asker.Ask(ctx, control.Request{Version: version(), Command: node.FullPath(), Flags: flags}, hands)
	return exit, true, err
}

// flagOf finds the flag or argument of a type, of which a command has one at most.
func flagOf[T any](flags reflect.Value) (found T, ok bool) {
	for _, field := range reflect.VisibleFields(flags.Type()) {
		if field.Type == reflect.TypeFor[T]() {
			return flags.FieldByIndex(field.Index).Interface().(T), true
		}
	}
	return found, false
}

// running is a server as the commands see it that it carries out.
type running struct {
	config config.Serve
	store  store.Store
	clock  kit.Clock
	secret []byte
	log    *slog.Logger
}

type carriedKey struct{}

// carried is a command that a server carries out.
type carried struct {
	by      *running
	streams control.Streams
}

// carriedOf is the command that a server carries out under a context, nil in a process of its own.
func carriedOf(ctx context.Context) *carried {
	c, _ := ctx.Value(carriedKey{}).(*carried)
	return c
}

// runningOf is the server that carries out the command of a context, nil in a process of its own.
func runningOf(ctx context.Context) *running {
	if c := carriedOf(ctx); c != nil {
		return c.by
	}
	return nil
}

// grace is how long commands may take to end once running requests have ended; both were told to at the same time.
const grace = 5 * time.Second

// listen takes commands until the context ends or it is stopped. stop waits a little for those that run. A server
// that cannot listen for commands serves all the same, and says so.
func (r *running) listen(ctx context.Context) (stop func()) {
	socket := r.config.Control()
	if socket == "" {
		return func() {}
	}
	server, err := control.Listen(socket, version())
	if err != nil {
		r.log.Warn("no control socket: commands that write are refused while this server runs", "error", err)
		return func() {}
	}
	r.log.Debug("commands", "socket", socket) // a start that fails is one line
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(ctx, r.carry)
	}()
	return func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(grace):
			r.log.Error("commands still run")
			server.Close()
		}
	}
}

// carry carries out a command, and logs which but not what with.
func (r *running) carry(ctx context.Context, q control.Request, s control.Streams) int {
	ctx, omitted := store.CountOmitted(context.WithValue(ctx, carriedKey{}, &carried{r, s}))
	exit := conclude(r.survive(q.Command, func() error { return r.perform(ctx, q, s) }), omitted, s.Stderr)
	r.log.Info("command", "command", q.Command, "exit", exit)
	return exit
}

// survive makes a panic of a command an error: it must not end the server, as it ends a process of its own.
func (r *running) survive(command string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("a command panicked", "command", command, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("the program has a fault here; the log of the server says where")
		}
	}()
	return do()
}

// perform runs a command of the grammar with the flags of the asker. What cannot be asked of a server is refused.
func (r *running) perform(ctx context.Context, q control.Request, s control.Streams) error {
	parser, err := newParser(ctx, &commands{}, s.Stdout, s.Stderr, func(int) {})
	if err != nil {
		return err
	}
	for _, node := range parser.Model.Leaves(false) {
		c, ok := node.Target.Addr().Interface().(served)
		if node.FullPath() != q.Command || !ok {
			continue
		}
		if err := json.Unmarshal(q.Flags, c); err != nil {
			return fmt.Errorf("reading the flags of %s: %w", q.Command, err)
		}
		if !c.served() {
			break
		}
		c.settle(r.config)
		traced, err := kong.Trace(parser, nil)
		if err != nil {
			return err
		}
		return traced.RunNode(node, results{s.Stdout}, remarks{s.Stderr})
	}
	return fmt.Errorf("%w: a server does not carry out %q", errMisuse, q.Command)
}

// open is open for a command that the server carries out and that writes: it writes to the server's store, with
// the server's clock. The day that the asker names must be the server's, because keys are derived for one day.
func (r *running) open(day kit.Date, more []func(*portal.Options) error) (*portal.Portal, store.Store, func() error, error) {
	if today := r.clock.Today(); day != today {
		return nil, nil, nil, &store.DayError{Day: string(day), Other: string(today), Holder: "the running server"}
	}
	p, err := newPortal(portal.Options{Store: r.store, Clock: r.clock, Secret: r.secret, PublicURL: r.config.PublicURL()}, more)
	return p, r.store, func() error { return nil }, err
}
