// Command ferretdb is a test peer: FerretDB v1 over SQLite, which speaks MongoDB's wire protocol
// without transactions. It is a module of its own, so that the portal never depends on it.
//
// It prints its URI when it listens, and ends, removing what it stored, when its standard input is
// closed: so it cannot outlive the test that started it, even one that was killed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	dir := flag.String("dir", "", "folder for the data, kept; by default a temporary one, removed at the end")
	flag.Parse()
	if err := run(*listen, *dir); err != nil {
		log.Fatal(err)
	}
}

func run(listen, dir string) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "ferretdb-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		dir = temporary
	}
	f, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: listen},
		Handler:  "sqlite",
		// Nothing that it stores outlives the machine.
		SQLiteURL: "file:" + dir + "/?_pragma=synchronous(off)",
		// It logs the content of documents.
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	fmt.Println(f.MongoDBURI())
	_, _ = io.Copy(io.Discard, os.Stdin)
	cancel()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		// It would wait three seconds for clients that are gone.
		return nil
	}
}
