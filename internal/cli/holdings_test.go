package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// held is what export entity prints, as far as it is looked at here.
type held struct {
	Entity    string
	Members   []struct{ ID string }
	Mandates  []struct{ Entity string }
	Audit     []struct{ Target, Operation string }
	WrittenAt string
}

func TestExportEntityWritesWhatIsHeldAndThatItWasAsked(t *testing.T) {
	data := copied(t)
	export := func(t *testing.T, entity string) (all held) {
		t.Helper()
		code, stdout, stderr := command(t, "export", "entity", entity, "--data", data)
		if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || stderr != "" {
			t.Fatalf("exit code %d, %v: %s", code, err, stderr)
		}
		return all
	}
	asked := func(all held) (n int) {
		for _, e := range all.Audit {
			if e.Operation == "exportEntity" && e.Target == all.Entity {
				n++
			}
		}
		return n
	}
	for entity, members := range map[string]int{looked(t, filepath.Join(data, "portal.db"), "SELECT "+anyMember): 1, "cty_UG": 0} {
		for n := 1; n <= 2; n++ {
			all := export(t, entity)
			if all.Entity != entity || all.WrittenAt == "" || len(all.Members) != members || len(all.Mandates) == 0 || asked(all) != n {
				t.Errorf("held about %s: %+v", entity, all)
			}
		}
	}
	code, stdout, stderr := command(t, "export", "entity", "mem_NONE", "--data", data)
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, `"mem_NONE"`)
	if code, _, _ := command(t, "export", "entity", "--data", data); code != 2 {
		t.Errorf("without an id: exit code %d", code)
	}
}

// TestExportEntityBesideAServer: the server notes that it was asked, and its log says which command but not of whom.
func TestExportEntityBesideAServer(t *testing.T) {
	data := testbed(t)
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	code, stdout, stderr := command(t, "export", "entity", "mem_ACTIVE", "--data", data)
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	contains(t, stdout, `"entity": "mem_ACTIVE"`, `"exportEntity"`)
	s.stop(t)
	contains(t, s.stderr.String(), `command="memberportal export entity"`)
	if strings.Contains(s.stderr.String(), "mem_ACTIVE") {
		t.Errorf("the log names the member:\n%s", s.stderr)
	}
}
