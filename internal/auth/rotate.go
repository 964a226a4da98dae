package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	// overlap is how long a replaced key still verifies after its last token has expired: a day, for
	// machines that learn of the new key late.
	overlap = 24 * time.Hour
	// lookEvery is how often a watched key file is looked at, and lookAgain how soon a token of an
	// unknown key may have it looked at once more.
	lookEvery = time.Second
	lookAgain = 250 * time.Millisecond
)

// Rotate puts a new key first into a key file and keeps the others, so that their tokens hold until
// they expire. A key is dropped when the one that replaced it is older than MaxLife and a day; a key
// whose successor's age is not known is kept. The file is replaced whole.
func Rotate(path string, now time.Time) error {
	set, err := LoadKeySet(path)
	if err != nil {
		return err
	}
	keys := []key{newKey(now)}
	for i, k := range set.list().keys {
		if i > 0 {
			successor := set.list().keys[i-1]
			if !successor.made.IsZero() && now.Sub(successor.made) > MaxLife+overlap {
				break // those behind it were replaced still earlier
			}
		}
		keys = append(keys, k)
	}
	if err := WritePrivate(path, setOf(keys).encode()); err != nil {
		return fmt.Errorf("writing the signing key: %w", err)
	}
	return nil
}

// Watch reads the key file again whenever it changes, until the context ends. A file that is not
// good leaves the keys as they are and is logged once. A set that is watched needs no restart to
// rotate.
func (s KeySet) Watch(ctx context.Context, path string, log *slog.Logger) {
	w := &watcher{set: s, path: path, log: log}
	w.seen = w.stamp()
	w.load() // it may have changed since the set was read
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.look(0)
		}
	}
}

type watcher struct {
	set    KeySet
	path   string
	log    *slog.Logger
	mu     sync.Mutex // guards what follows
	seen   string
	looked time.Time
}

// stamp is a text that changes when the file does.
func (w *watcher) stamp() string {
	info, err := os.Stat(w.path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size(), info.Mode())
}

// look reads the file if it has changed, unless it was looked at within the pause.
func (w *watcher) look(pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.looked) < pause {
		return
	}
	w.looked = time.Now()
	if now := w.stamp(); now != w.seen {
		w.seen = now
		w.load()
	}
}

func (w *watcher) load() {
	set, err := LoadKeySet(w.path)
	if err != nil {
		w.log.Error("the key file is not good; the keys stay as they were", "error", err)
		set = w.set
	}
	keys := set.list().keys
	if len(keys) > 0 && (len(w.set.list().keys) == 0 || keys[0].id != w.set.list().keys[0].id) {
		w.log.Info("signing keys were read again", "keys", len(keys), "signing", keys[0].id)
	}
	w.set.held.Store(&keyList{keys: keys, look: func() { w.look(lookAgain) }})
}

// Handler serves the public keys as a JSON Web Key Set, for /.well-known/jwks.json.
func (s KeySet) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_ = json.NewEncoder(w).Encode(s.published())
	})
}
