// Package release tests what release/build makes. It is a module of its own, so that the tests of the program
// do not run these, which build it anew.
package release

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestAReleaseHasTheSameBytes whoever builds it: it is built for two people with other folders and habits. They
// share a build cache, whose keys hold all that the compiler sees.
func TestAReleaseHasTheSameBytes(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("release/build needs GNU tools")
	}
	const platform = "linux/amd64"
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "folder", "second")
	build(t, first, platform)
	build(t, second, platform,
		"TMPDIR="+t.TempDir(), "GOCACHE="+goEnv(t, "GOCACHE"), "TZ=Asia/Kolkata", "LC_ALL=C.UTF-8", "HOME="+t.TempDir(), "USER=somebody", "umask=077",
		"GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOPROXY="+goEnv(t, "GOPROXY"), "GOTOOLCHAIN="+goEnv(t, "GOTOOLCHAIN"),
		"GOFLAGS=-buildvcs=true -tags=other", "GOAMD64=v3", "GOOS=darwin", "CGO_ENABLED=1", "SOURCE_DATE_EPOCH=1")
	names := files(t, first)
	if !slices.Equal(names, files(t, second)) {
		t.Fatalf("%q and %q", names, files(t, second))
	}
	for _, name := range names {
		if !bytes.Equal(read(t, first, name), read(t, second, name)) {
			t.Errorf("%s differs", name)
		}
	}
	t.Run("its sums are right and name every file", func(t *testing.T) {
		check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
		check.Dir = first
		out, err := check.CombinedOutput()
		if err != nil || strings.Count(string(out), ": OK\n") != len(names)-1 {
			t.Errorf("%v\n%s%q", err, out, names)
		}
	})
	binary := only(t, names, `^memberportal_.*_linux_amd64$`)
	t.Run("the program says which version, commit and day it is of", func(t *testing.T) {
		commit := git(t, "rev-parse", "HEAD")
		said := run(t, filepath.Join(first, binary), "--version")
		version := strings.TrimSuffix(strings.TrimPrefix(binary, "memberportal_"), "_linux_amd64")
		if want := regexp.MustCompile(`^memberportal ` + regexp.QuoteMeta(version) + `, commit ` + commit + ` of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, go1\.\S+\n$`); !want.MatchString(said) {
			t.Errorf("%q", said)
		}
	})
	t.Run("the list of parts names every module of the program", func(t *testing.T) {
		var list struct {
			BOMFormat  string
			Components []struct{ Name, Version string }
		}
		if err := json.Unmarshal(read(t, first, binary+".cdx.json"), &list); err != nil || list.BOMFormat != "CycloneDX" {
			t.Fatal(list.BOMFormat, err)
		}
		named := map[string]string{}
		for _, c := range list.Components {
			named[c.Name] = c.Version
		}
		linked := 0
		for line := range strings.Lines(run(t, "go", "version", "-m", filepath.Join(first, binary))) {
			if fields := strings.Fields(line); fields[0] == "dep" {
				if linked++; named[fields[1]] != fields[2] {
					t.Errorf("%s %s is named as %q", fields[1], fields[2], named[fields[1]])
				}
			}
		}
		if linked == 0 || named["std"] == "" {
			t.Errorf("%d modules are linked; Go is named as %q", linked, named["std"])
		}
	})
	t.Run("the licences are those that the program prints", func(t *testing.T) {
		if run(t, filepath.Join(first, binary), "licenses") != string(read(t, first, "LICENSES.txt")) {
			t.Error("they differ")
		}
	})
	t.Run("the Debian package holds the program and keeps its settings from others", func(t *testing.T) {
		if _, err := exec.LookPath("dpkg-deb"); err != nil {
			t.Skip("no dpkg-deb")
		}
		deb := filepath.Join(first, only(t, names, `\.deb$`))
		root := t.TempDir()
		run(t, "dpkg-deb", "--extract", deb, root)
		if !bytes.Equal(read(t, root, "usr/bin/memberportal"), read(t, first, binary)) {
			t.Error("it holds another program")
		}
		listed := run(t, "dpkg-deb", "--contents", deb)
		for _, want := range []string{
			`(?m)^-rwxr-xr-x root/root .* \./usr/bin/memberportal$`,
			`(?m)^drwxr-x--- root/root .* \./etc/memberportal/$`,
			`(?m)^-rw-r----- root/root .* \./etc/memberportal/memberportal\.env$`,
			`(?m)^-rw-r--r-- root/root .* \./usr/lib/systemd/system/memberportal\.service$`,
		} {
			if !regexp.MustCompile(want).MatchString(listed) {
				t.Errorf("no %s in\n%s", want, listed)
			}
		}
		help := run(t, filepath.Join(first, binary), "serve", "--help")
		settings := regexp.MustCompile(`(?m)^#?(MEMBERPORTAL_\w+)=`).FindAllStringSubmatch(string(read(t, root, "etc/memberportal/memberportal.env")), -1)
		if len(settings) == 0 {
			t.Error("it has no settings")
		}
		for _, setting := range settings {
			if !regexp.MustCompile(`\$` + setting[1] + `\b`).MatchString(help) {
				t.Errorf("the program knows no setting %s", setting[1])
			}
		}
		if kept := run(t, "dpkg-deb", "--info", deb, "conffiles"); kept != "/etc/memberportal/memberportal.env\n" {
			t.Errorf("settings are %q", kept)
		}
	})
}

func TestAFolderThatHoldsSomethingIsLeftAlone(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("./build", folder).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is not empty") || len(files(t, folder)) != 1 {
		t.Errorf("%v\n%s", err, out)
	}
}

// build runs release/build with a umask of its own if the environment has one.
func build(t *testing.T, folder, platform string, environment ...string) {
	t.Helper()
	command := exec.Command("sh", "-c", `umask "${umask:-022}"; exec ./build "$@"`, "build", folder, platform)
	command.Env = append(os.Environ(), environment...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func git(t *testing.T, args ...string) string {
	t.Helper()
	return strings.TrimSpace(run(t, "git", args...))
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(run(t, "go", "env", name))
}

func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// only is the one name that a pattern fits.
func only(t *testing.T, names []string, pattern string) string {
	t.Helper()
	fits := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !regexp.MustCompile(pattern).MatchString(name) })
	if len(fits) != 1 {
		t.Fatalf("%q fit %s", fits, pattern)
	}
	return fits[0]
}
