package mail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Clean removes the messages of a Folder that were written more than days ago, unfinished ones too, and
// gives how many. With dry it only counts. A folder that is not there has none.
func Clean(folder string, days int, dry bool) (removed int, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	before := time.Now().AddDate(0, 0, -days)
	for _, e := range entries {
		finished := filepath.Ext(e.Name()) == ".eml"
		if unfinished, _ := filepath.Match(".writing-*", e.Name()); !finished && !unfinished {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue
		}
		if removed++; !dry {
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, err
			}
		}
	}
	return removed, nil
}
