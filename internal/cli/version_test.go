package cli

import (
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"testing"
)

func TestVersionNamesCommitAndDate(t *testing.T) {
	const commit, date = "36804d89eb98ec2e1b4ad4f5a04af5bb2aa2c1a1", "2026-11-29T09:14:49Z"
	built := func(version string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: version}}
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	for name, c := range map[string]struct {
		version, commit, date string
		info                  *debug.BuildInfo
		want                  string
	}{
		"a release": {"v1.0.0", commit, date, built("(devel)"), "memberportal v1.0.0, commit " + commit + " of " + date + ", go1.26.0"},
		"a build beside the history": {"", "", "", built("v1.0.0", "vcs.revision", commit, "vcs.time", date, "vcs.modified", "false"),
			"memberportal v1.0.0, commit " + commit + " of " + date + ", go1.26.0"},
		"a build with changes that are not committed": {"", "", "", built("v1.0.0+dirty", "vcs.revision", commit, "vcs.time", date, "vcs.modified", "true"),
			"memberportal v1.0.0+dirty, commit " + commit + " of " + date + ", go1.26.0"},
		"a build without the history":      {"", "", "", built("(devel)"), "memberportal (devel), go1.26.0"},
		"a program of which Go knows none": {"", "", "", nil, "memberportal (unknown)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := describe(c.version, c.commit, c.date, c.info); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// TestTheImageIsStamped: the linker says nothing where a variable does not exist. What release/build stamps is
// tested beside it.
func TestTheImageIsStamped(t *testing.T) {
	file, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("version.go")
	if err != nil {
		t.Fatal(err)
	}
	names := func(pattern string, text []byte) (found []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			found = append(found, string(m[1]))
		}
		return found
	}
	stamped, declared := names(`-X memberportal/internal/cli\.(\w+)=`, file), names(`(?m)^\t(release\w+) +string`, source)
	if len(declared) == 0 || !slices.Equal(stamped, declared) {
		t.Errorf("the Dockerfile stamps %q, and version.go has %q", stamped, declared)
	}
}
