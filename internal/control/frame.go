// Package control lets a command ask the server that holds its store to carry it out. The two talk over a unix
// socket beside the store's file: the command is sent, what it reads and writes goes through the asker, and the
// exit code comes back. The server opens no file that the asker names: the asker opens files itself, with its own
// rights. The package knows no command and no store.
package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

const (
	// chunk is how many bytes of a file one message holds.
	chunk = 64 << 10
	// maxAsked bounds a message of the asker: a command with its flags, or a chunk of a file in Base64.
	maxAsked = 1 << 20
	// maxTold bounds a message of the server: what a command prints at once, or a file that it makes.
	maxTold = 1 << 30
)

// Request is a command that a server is asked to carry out.
type Request struct {
	// Version is the asker's program. A server of another version refuses.
	Version string `json:"version"`
	// Command names the command, such as "memberportal import members".
	Command string `json:"command"`
	// Flags are its flags and arguments, as the asker's grammar read them.
	Flags json.RawMessage `json:"flags"`
}

// message is one line of JSON in either direction. Exactly one of its fields is set.
type message struct {
	// From the server: its version at the beginning, output, remarks, a wish to read input, a file to be
	// written, and at the end the exit code. Or why it carries out nothing.
	Version string `json:"version,omitempty"`
	Out     []byte `json:"out,omitempty"`
	Remark  []byte `json:"remark,omitempty"`
	Read    bool   `json:"read,omitempty"`
	File    *file  `json:"file,omitempty"`
	Exit    *int   `json:"exit,omitempty"`
	Refused string `json:"refused,omitempty"`

	// From the asker: the command, the answer to Read or File, or that it wants the command to stop.
	Request *Request `json:"request,omitempty"`
	Answer  *answer  `json:"answer,omitempty"`
	Stop    bool     `json:"stop,omitempty"`
}

// file is a file for the asker to write.
type file struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

// answer is what the asker says to Read or File.
type answer struct {
	Data  []byte `json:"data,omitempty"`
	End   bool   `json:"end,omitempty"`
	Fault string `json:"fault,omitempty"`
}

// err is what went wrong at the asker, io.EOF at the end of its input.
func (a answer) err() error {
	switch {
	case a.Fault != "":
		return errors.New(a.Fault)
	case a.End:
		return io.EOF
	}
	return nil
}

// wire sends and receives messages. Several goroutines may send.
type wire struct {
	conn  net.Conn
	lines *bufio.Scanner

	mu sync.Mutex
}

// newWire gives the messages of a connection, of which none that comes may be longer than most bytes.
func newWire(conn net.Conn, most int) *wire {
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 4096), most)
	return &wire{conn: conn, lines: lines}
}

func (w *wire) send(m message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.conn.Write(append(line, '\n'))
	return err
}

// receive waits for a message. The error is io.EOF if the other side has gone.
func (w *wire) receive() (m message, err error) {
	if !w.lines.Scan() {
		if err = w.lines.Err(); err == nil {
			err = io.EOF
		}
		return m, err
	}
	if err = json.Unmarshal(w.lines.Bytes(), &m); err != nil {
		err = fmt.Errorf("a message that is none: %w", err)
	}
	return m, err
}
