// Command licenses writes internal/cli/licenses.txt.gz, which the program embeds: the licences and notices of
// everything that it is made of. It fails where one of them is not known to go with Apache-2.0. Run it in the
// folder release, as go run ./licenses.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// list is the file that the program embeds, seen from the folder release.
const list = "../internal/cli/licenses.txt.gz"

// allowed are the licences, by their SPDX names, of which a binary under Apache-2.0 may have parts. All but one
// ask for their text to be passed on. MPL-2.0 asks in addition that who gets a binary is told where the source
// of the unchanged files is, which the head of the list says.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unlicense"}

// withException is Apache-2.0 and a permission more.
const withException = "Apache-2.0 WITH LLVM-exception"

// notLinked are licences of files that modules have beside what is linked, each with the reason.
var notLinked = map[string]string{
	"modernc.org/memory/LICENSE-LOGO": "the logo of the README",
}

// besides are matches of the classifier that take nothing from who has a licence.
var besides = []string{"GooglePatentsFile"}

// sqlite is the dedication of SQLite, which the classifier does not know.
const sqlite = "All of the code and documentation in SQLite has been dedicated to the public\ndomain by the authors."

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func write() error {
	text, err := collect("..")
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(list, packed.Bytes(), 0o644)
}

// part is something that the program is made of.
type part struct {
	name     string
	licences []string // SPDX names
	text     string
}

// collect is the whole list for the program in the folder root.
func collect(root string) ([]byte, error) {
	own := part{name: "memberportal"}
	for _, name := range []string{"NOTICE", "LICENSE"} {
		if err := own.add(filepath.Join(root, name), name); err != nil {
			return nil, err
		}
	}
	modules, err := linked(root)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	text.WriteString("memberportal, and everything that it is made of, under these licences. The unchanged source of a Go module is at\n" +
		"https://proxy.golang.org/MODULE/@v/VERSION.zip, where each capital letter of its name is written as ! and the small one.\n")
	for _, p := range append([]part{own}, modules...) {
		fmt.Fprintf(&text, "\n%s\n\n%s (%s)\n%s", strings.Repeat("=", 80), p.name, strings.Join(p.licences, ", "), p.text)
	}
	explorer, err := unpacked(filepath.Join(root, "graph/explorer/LICENSES.txt.gz"))
	if err != nil {
		return nil, err
	}
	if err := explorerAllowed(string(explorer)); err != nil {
		return nil, err
	}
	fmt.Fprintf(&text, "\n%s\n\n%s", strings.Repeat("=", 80), explorer)
	return []byte(text.String()), nil
}

// unpacked reads a file that gzip compressed.
func unpacked(path string) ([]byte, error) {
	packed, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(r)
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir string
	Standard        bool
	GoFiles, SFiles []string
	Module          *struct {
		Path, Version, Dir string
		Main               bool
		Replace            *struct{}
	}
}

// linked are the standard library and each module of which a package is linked on one of the platforms.
func linked(root string) ([]part, error) {
	platforms, err := os.ReadFile(filepath.Join(root, "release/platforms"))
	if err != nil {
		return nil, err
	}
	folders := map[string]map[string]bool{} // of each module that is linked, below its own
	files := map[string]map[string]bool{}   // which are compiled
	modules := map[string]listed{}
	for platform := range strings.FieldsSeq(string(platforms)) {
		system, processor, _ := strings.Cut(platform, "/")
		packages, err := dependencies(root, "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", platform, err)
		}
		for _, p := range packages {
			if p.Standard || p.Module.Main {
				continue
			}
			if p.Module.Replace != nil {
				return nil, fmt.Errorf("%s is replaced: the list could not say where its source is", p.Module.Path)
			}
			name := p.Module.Path
			if modules[name] = p; folders[name] == nil {
				folders[name], files[name] = map[string]bool{}, map[string]bool{}
			}
			for at := p.Dir; ; at = filepath.Dir(at) {
				folders[name][at] = true
				if at == p.Module.Dir {
					break
				}
			}
			for _, file := range append(p.GoFiles, p.SFiles...) {
				files[name][filepath.Join(p.Dir, file)] = true
			}
		}
	}
	library, err := standardLibrary(root)
	if err != nil {
		return nil, err
	}
	parts := []part{library}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name].Module
		p, err := ofModule(m.Path, m.Version, m.Dir, slices.Sorted(maps.Keys(folders[name])), slices.Sorted(maps.Keys(files[name])))
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", m.Path, m.Version, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// dependencies are all packages that the program is linked from in an environment.
func dependencies(root string, environment ...string) ([]listed, error) {
	command := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Module,GoFiles,SFiles", ".")
	command.Dir, command.Stderr = root, os.Stderr
	command.Env = append(os.Environ(), environment...)
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// standardLibrary has no version, because its licence is the same in each and the list is not written anew for it.
func standardLibrary(root string) (part, error) {
	command := exec.Command("go", "env", "GOROOT")
	command.Dir, command.Stderr = root, os.Stderr
	out, err := command.Output()
	if err != nil {
		return part{}, err
	}
	p := part{name: "Go, its standard library and runtime"}
	for _, name := range []string{"LICENSE", "PATENTS"} {
		if err := p.add(filepath.Join(strings.TrimSpace(string(out)), name), name); err != nil {
			return p, err
		}
	}
	return p, nil
}

// legal are names of files that hold a licence or a notice.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense|notice|patents|third[-_]?party)[^/]*$`)

// header is how a source file names its own licence.
var header = regexp.MustCompile(`(?m)^//\s*SPDX-License-Identifier:\s*(.+?)\s*$`)

// ofModule reads what stands in the linked folders of a module and in the headers of its compiled files.
func ofModule(path, version, dir string, folders, files []string) (part, error) {
	p := part{name: path + " " + version}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return p, err
		}
		for _, e := range entries {
			within, err := filepath.Rel(dir, filepath.Join(folder, e.Name()))
			if err != nil {
				return p, err
			}
			within = filepath.ToSlash(within)
			if e.IsDir() || !legal.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") || notLinked[path+"/"+within] != "" {
				continue
			}
			if err := p.add(filepath.Join(folder, e.Name()), within); err != nil {
				return p, err
			}
		}
	}
	if len(p.licences) == 0 {
		return p, errors.New("it has no licence that is known")
	}
	named := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return p, err
		}
		for _, found := range header.FindAllStringSubmatch(string(source), -1) {
			for name := range strings.SplitSeq(found[1], " AND ") {
				named[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if slices.Contains(p.licences, name) {
			continue
		}
		if name == withException { // the text of Apache-2.0 names nobody, and stands at the head of the list
			p.licences = append(p.licences, name)
			continue
		}
		if !slices.Contains(allowed, name) {
			return p, fmt.Errorf("a file that is compiled is under %s, which is not allowed", name)
		}
		if err := p.add(filepath.Join(dir, "LICENSES", name+".txt"), "LICENSES/"+name+".txt"); err != nil {
			return p, fmt.Errorf("a file that is compiled is under %s: %w", name, err)
		}
	}
	return p, nil
}

// add appends a file to what is known of p.
func (p *part) add(file, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	found, err := licencesIn(name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, licence := range found {
		if !slices.Contains(p.licences, licence) {
			p.licences = append(p.licences, licence)
		}
	}
	p.text += fmt.Sprintf("\n---- %s ----\n\n%s\n", name, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	return nil
}

// collected are names of files that tell of the licences of several works, or of none: between licences they
// have prose.
var collected = regexp.MustCompile(`(?i)(^|/)(notice|patents|[^/]*third[-_]?party|[^/]*3rd[-_]party)[^/]*$`)

// licencesIn names the licences of a text. A file that is called a licence has to be one and little else, since
// a sentence more may take back what the licence gives.
func licencesIn(name string, text []byte) (found []string, err error) {
	coverage := licensecheck.Scan(text)
	for _, m := range coverage.Match {
		if m.IsURL || slices.Contains(besides, m.ID) {
			continue
		}
		if !slices.Contains(allowed, m.ID) {
			return nil, fmt.Errorf("%s is not allowed", m.ID)
		}
		if !slices.Contains(found, m.ID) {
			found = append(found, m.ID)
		}
	}
	switch {
	case bytes.Contains(text, []byte(sqlite)):
		return append(found, "public domain"), nil
	case collected.MatchString(name):
		return found, nil
	case len(found) == 0:
		return nil, errors.New("no licence that is known")
	case coverage.Percent < 90:
		return nil, fmt.Errorf("only %.0f %% of it is a licence that is known", coverage.Percent)
	}
	return found, nil
}

// explorerHead names a package of the explorer with its licence.
var explorerHead = regexp.MustCompile(`(?m)^(@?[a-z0-9./_~-]+ \d+\.\d+\.\S+) \((.+)\)$`)

// explorerAllowed is an error if the explorer has a package under another licence.
func explorerAllowed(text string) error {
	heads := explorerHead.FindAllStringSubmatch(text, -1)
	if len(heads) == 0 {
		return errors.New("the explorer's LICENSES.txt names no package")
	}
	for _, head := range heads {
		if !slices.Contains(allowed, head[2]) {
			return fmt.Errorf("%s of the explorer is under %s, which is not allowed", head[1], head[2])
		}
	}
	return nil
}
