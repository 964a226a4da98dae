//go:build browser

package cli_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// firstLoad is how many bytes a browser that has nothing of the explorer gets until it can be used: headers,
// scripts, workers, examples and the schema.
const firstLoad = 1_350_000

// counted passes connections on to an address and counts the bytes that come back.
func counted(t *testing.T, to string) (address string, received *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	received = &atomic.Int64{}
	go func() {
		for {
			browser, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(browser, to, received)
		}
	}()
	return listener.Addr().String(), received
}

// pass copies both ways until one side has had enough.
func pass(browser net.Conn, to string, received *atomic.Int64) {
	defer func() { _ = browser.Close() }()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() { _, _ = io.Copy(server, browser) }()
	_, _ = io.Copy(io.MultiWriter(browser, counter{received}), server)
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// TestBrowserExplorerLoadsLittle opens the explorer, and its manual, which needs the schema.
func TestBrowserExplorerLoadsLittle(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	address, received := counted(t, s.address)
	v := open(t, "http://"+address+"/")
	v.shows(`.graphiql-query-editor .view-lines`, "members(first: $first)")
	v.do(
		chromedp.Click(chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)),
		chromedp.Click(chromedp.Search(`//a[text()="Query"]`)),
	)
	v.shows(`.graphiql-doc-explorer`, "members(")
	for before := int64(-1); before != received.Load(); { // until nothing more comes
		before = received.Load()
		time.Sleep(2 * time.Second)
	}
	n := received.Load()
	t.Logf("the first load is %d bytes", n)
	if n > firstLoad || n < firstLoad/4 {
		t.Errorf("the first load is %d bytes, and may be %d", n, firstLoad)
	}
}
