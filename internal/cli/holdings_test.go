package cli_test

import (
	"encoding/json"
	"testing"
)

func TestExportEntityRunsBesideAServer(t *testing.T) {
	data := t.TempDir()
	s := serve(t, anyPort, "--data", data)
	defer s.stop(t)
	id := ask[viewer](t, s, s.tokens()["FOCAL_POINT"], viewerQuery).Viewer.Member.ID
	for entity, members := range map[string]int{id: 1, "cty_UG": 0} {
		code, stdout, stderr := command(t, "export", "entity", entity, "--data", data)
		var held struct {
			Entity    string
			Members   []struct{ ID string }
			Mandates  []struct{ Entity string }
			Audit     []struct{ Target string }
			WrittenAt string
		}
		if err := json.Unmarshal([]byte(stdout), &held); err != nil || code != 0 || stderr != "" {
			t.Fatalf("exit code %d, %v: %s", code, err, stderr)
		}
		if held.Entity != entity || held.WrittenAt == "" || len(held.Members) != members || len(held.Mandates) == 0 {
			t.Errorf("held about %s: %+v", entity, held)
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
