// Command examples writes the golden documents that are answered without errors into one compressed file,
// which the explorer offers as its examples. Its arguments are their folder and the file; `go generate
// ./graph` gives it both.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/tools/txtar"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: examples FOLDER FILE"))
	}
	all, err := examples(os.Args[1])
	if err != nil {
		fail(err)
	}
	packed, err := pack(all)
	if err != nil {
		fail(err)
	}
	if err := os.WriteFile(os.Args[2], packed, 0o644); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// examples reads the golden documents below a folder, by noun and case.
func examples(folder string) ([]map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*.txtar"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no golden documents", folder)
	}
	var all []map[string]string
	for _, path := range paths {
		e, err := example(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if e == nil {
			continue
		}
		e["name"] = filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".txtar")
		all = append(all, e)
	}
	return all, nil
}

// example reads one golden document; it is nil if the answer has errors. The keys are those that the page
// reads; what is empty is left out.
func example(path string) (map[string]string, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	parts := map[string]string{}
	for _, f := range archive.Files {
		parts[f.Name] = strings.TrimSpace(string(f.Data))
	}
	var want struct{ Errors []any }
	if err := json.Unmarshal([]byte(parts["want"]), &want); err != nil {
		return nil, err
	}
	if len(want.Errors) > 0 {
		return nil, nil
	}
	role, _, _ := strings.Cut(parts["as"], " ")
	if role == "nobody" {
		role = ""
	}
	e := map[string]string{
		"description": strings.TrimSpace(string(archive.Comment)), "role": role, "locale": parts["locale"],
		"query": parts["query"], "variables": parts["variables"],
	}
	for key, text := range e {
		if text == "" {
			delete(e, key)
		}
	}
	return e, nil
}

// pack gives the same bytes for the same examples: nothing of it depends on the time or on Go's version.
func pack(all []map[string]string) ([]byte, error) {
	var packed bytes.Buffer
	to, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(to).Encode(all); err != nil {
		return nil, err
	}
	if err := to.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
