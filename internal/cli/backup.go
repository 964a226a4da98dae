package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"memberportal/internal/config"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

type backupFlags struct {
	config.Store
	File  string `arg:"" help:"Where the backup is written; nobody but its owner may read it." type:"path"`
	Force bool   `help:"Put the backup in the place of a file that is there."`
	JSON  bool   `name:"json" help:"Print {\"file\",\"size\",\"sha256\",\"manifest\":{…}}."`
}

// backedUp is what backup prints.
type backedUp struct {
	File     string          `json:"file"`
	Size     int64           `json:"size"`
	SHA256   string          `json:"sha256"`
	Manifest *store.Manifest `json:"manifest"`
}

// Run writes a backup, also of a store in use.
func (f backupFlags) Run(ctx context.Context, stdout results, stderr remarks) error {
	if err := f.Store.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	if _, err := os.Lstat(f.File); err == nil && !f.Force {
		return fmt.Errorf("%s is there already; --force replaces it", f.File)
	}
	s, err := openStore(ctx, f.Store, "memberportal backup", true)
	if err != nil {
		return err
	}
	done, err := writeBackup(ctx, s, f.File, f.Force)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	if !done.Manifest.OneState {
		_, _ = fmt.Fprintln(stderr, "memberportal: the server cannot read one state, so that changes made meanwhile may be in the backup by half")
	}
	if f.JSON {
		return json.NewEncoder(stdout).Encode(done)
	}
	if n := done.Manifest.Unreadable.Documents; n > 0 {
		_, _ = fmt.Fprintf(stderr, "memberportal: %d of the documents are damaged; memberportal check names them\n", n)
	}
	_, err = fmt.Fprintf(stdout, "%s  %s\n%d documents of %s, %d bytes\n", done.SHA256, done.File, done.Manifest.Documents(), done.Manifest.At.Format("2006-01-02T15:04:05Z"), done.Size)
	return err
}

// writeBackup writes a backup beside its place and moves it there once it is on the disk, so that whatever has the
// name is whole.
func writeBackup(ctx context.Context, s store.Store, path string, force bool) (done backedUp, err error) {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, ".backup-*") // mode 0600
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, removed(file.Name())) }()
	sum, out := sha256.New(), bufio.NewWriterSize(file, 1<<20)
	done = backedUp{File: path}
	done.Manifest, err = store.Backup(ctx, s, portal.Kinds(), portal.Migrations(), version(), io.MultiWriter(out, sum))
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	var info fs.FileInfo
	if err == nil {
		info, err = file.Stat()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return done, fmt.Errorf("writing %s: %w", path, err)
	}
	done.Size, done.SHA256 = info.Size(), hex.EncodeToString(sum.Sum(nil))
	if err := place(file.Name(), path, force); err != nil {
		return done, err
	}
	return done, syncFolder(folder)
}

// place gives a file its name. Without force no other file loses it, whenever it came.
func place(from, to string, force bool) error {
	if force {
		return os.Rename(from, to)
	}
	err := os.Link(from, to)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; --force replaces it", to)
	}
	if err == nil {
		return nil
	}
	if _, there := os.Lstat(to); there == nil { // the file system has no links
		return err
	}
	return os.Rename(from, to)
}

// removed takes a file away that may have been moved.
func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder has the system write a folder's names to the disk. Windows does so by itself.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
