package cli_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cable is a connection to a server that a test can cut and join again.
type cable struct {
	to, address string
	mu          sync.Mutex
	listener    net.Listener
	open        map[net.Conn]bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	c := &cable{to: to, address: "127.0.0.1:0", open: map[net.Conn]bool{}}
	c.join(t)
	t.Cleanup(c.cut)
	return c
}

func (c *cable) join(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", c.address)
	must(t, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listener, c.address = l, l.Addr().String()
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", c.to)
			if err != nil {
				_ = near.Close()
				continue
			}
			c.mu.Lock()
			c.open[near], c.open[far] = true, true
			c.mu.Unlock()
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
		}
	}()
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.listener.Close()
	for conn := range c.open {
		_ = conn.Close()
	}
	c.open = map[net.Conn]bool{}
}
