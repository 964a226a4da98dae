// Package report writes what a group reports back on a consultation, as files that can be handed on: a page
// to read and to print, the same as Markdown, all facts as JSON, and the published replies as CSV. It adds
// nothing to what it is given, and writes the same bytes for the same.
package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
)

// File is one file of a report.
type File struct {
	// Name has no folders.
	Name    string
	Content []byte
}

// Files makes the files of a report in a language. A language that there is not is an error.
func Files(r *consultations.ConsultationReport, locale kit.Locale) ([]File, error) {
	if !slices.Contains(kit.Locales, locale) {
		return nil, fmt.Errorf("a report in the language %q", locale)
	}
	f := gather(r, locale)
	var files []File
	for _, each := range []struct {
		name  string
		write func(io.Writer) error
	}{{"report.html", f.html}, {"report.md", f.markdown}, {"report.json", f.json}, {"replies.csv", f.csv}} {
		var b bytes.Buffer
		if err := each.write(&b); err != nil {
			return nil, fmt.Errorf("making %s: %w", each.name, err)
		}
		files = append(files, File{each.name, b.Bytes()})
	}
	return files, nil
}

// Write writes files into a folder, which it makes if there is none, and gives their paths. Each file is there
// whole or not at all.
func Write(dir string, files ...File) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := replace(path, f.Content); err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// replace puts a file in the place of another at once: whoever reads it finds the one or the other, never
// a part. Everybody may read it, as everybody may read what is in it.
func replace(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// json writes the facts as they are, texts untouched: its strings are escaped so that no text can leave
// them, not even within a page, or turn what a reader of the file sees.
func (f *facts) json(w io.Writer) error {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetIndent("", "  ")
	if err := out.Encode(f); err != nil {
		return err
	}
	for _, r := range b.String() {
		text := string(r)
		if turning(r) {
			text = fmt.Sprintf("\\u%04x", r)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}
