package cli_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLicencesNameEveryModule that is linked on this machine, with its version. That each text is as the module
// has it is tested in the folder release.
func TestLicencesNameEveryModule(t *testing.T) {
	code, text, stderr := command(t, "licenses")
	if code != 0 || stderr != "" || !strings.HasSuffix(text, "\n") {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "memberportal")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := 0
	for module := range strings.Lines(string(out)) {
		module = strings.TrimSpace(module)
		if module == "" || module == "memberportal" {
			continue
		}
		if modules++; !strings.Contains(text, "\n"+module+" (") {
			t.Errorf("no licence of %s: cd release && go run ./licenses", module)
		}
	}
	if modules == 0 {
		t.Error("no module is linked")
	}
	contains(t, text, "\nmemberportal (Apache-2.0)\n", "\nGo, its standard library and runtime (BSD-3-Clause)\n", "\nmonaco-editor ")
}
