package testkit

import (
	"bufio"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// MongoProcess is a FerretDB of a test's own, which can be killed and started again over the same
// documents and at the same address.
type MongoProcess struct {
	address, folder string
	command         *exec.Cmd
	stdin           io.Closer // it ends when this is closed
}

// NewMongoProcess starts one; it ends with the test.
func NewMongoProcess(t testing.TB) *MongoProcess {
	t.Helper()
	p := &MongoProcess{address: "127.0.0.1:0", folder: t.TempDir()}
	p.Start(t)
	t.Cleanup(p.Kill)
	return p
}

// URI is where it is.
func (p *MongoProcess) URI() string { return "mongodb://" + p.address + "/?maxPoolSize=1" }

// Start starts it and waits until it listens.
func (p *MongoProcess) Start(t testing.TB) {
	t.Helper()
	program, err := ferretdb()
	if err != nil {
		t.Fatal(err)
	}
	p.command = exec.Command(program, "-listen", p.address, "-dir", p.folder)
	stdin, err := p.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the peer gave no address: %v", err)
	}
	u, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	p.address = u.Host
}

// Kill ends it at once, in the middle of whatever it does.
func (p *MongoProcess) Kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}
