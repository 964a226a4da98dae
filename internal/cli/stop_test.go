package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
)

func TestRunningRequestIsAnsweredBeforeServeStops(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	connection, err := net.Dial("tcp", s.address)
	must(t, err)
	defer func() { _ = connection.Close() }()
	body := `{"query":"{ members(first: 1) { nodes { id } } }"}`
	_, err = fmt.Fprintf(connection, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	must(t, err)
	reader := bufio.NewReader(connection)
	// The server asks for the body when the handler reads it: from now on the request runs.
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("%q, %v", line, err)
	}
	_, err = reader.ReadString('\n')
	must(t, err)
	_, err = io.WriteString(connection, body[:10])
	must(t, err)
	s.cancel()
	if _, ok := s.stderr.wait("stopping"); !ok {
		t.Fatalf("serve ended with a request running: %d, %s", <-s.code, s.stderr)
	}
	_, err = io.WriteString(connection, body[10:])
	must(t, err)
	response, err := http.ReadResponse(reader, nil)
	must(t, err)
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode != http.StatusOK || !strings.Contains(string(answer), `"mem_`) {
		t.Errorf("HTTP %d: %s", response.StatusCode, answer)
	}
	s.stop(t)
	if _, err := net.Dial("tcp", s.address); err == nil {
		t.Error("the port is still open")
	}
}

func TestRestartHasWhatWasWritten(t *testing.T) {
	data := t.TempDir()
	first := serve(t, anyPort, "--data", data)
	token := first.tokens()["SECRETARIAT"]
	before := ask[directory](t, first, token, directoryQuery).Members
	m := before.Nodes[7]
	type payload struct {
		UpdateMemberProfile struct {
			Member     *struct{ DisplayName string }
			UserErrors []struct{ Message string }
		}
	}
	changed := ask[payload](t, first, token, fmt.Sprintf(
		`mutation { updateMemberProfile(input: {id: %q, expectedVersion: %d, displayName: "Renamed"}) { member { displayName } userErrors { message } } }`, m.ID, m.Version))
	if len(changed.UpdateMemberProfile.UserErrors) > 0 || changed.UpdateMemberProfile.Member.DisplayName != "Renamed" {
		t.Fatalf("%+v", changed)
	}
	first.stop(t)
	second := serve(t, anyPort, "--data", data)
	defer second.stop(t)
	after := ask[directory](t, second, token, directoryQuery).Members
	if got := after.Nodes[7]; got.ID != m.ID || got.DisplayName != "Renamed" || got.Version != m.Version+1 {
		t.Errorf("got %+v, was %+v", got, m)
	}
	if after.TotalCount != before.TotalCount || after.TotalCount != 44 {
		t.Errorf("%d members, then %d: a restart loads no second set", before.TotalCount, after.TotalCount)
	}
	if strings.Contains(second.stderr.String(), "loaded demonstration data") {
		t.Error("the second start says that it loaded demonstration data")
	}
}

func TestOldTokensHoldAfterARestart(t *testing.T) {
	data := t.TempDir()
	first := serve(t, anyPort, "--data", data)
	first.stop(t)
	second := serve(t, anyPort, "--data", data)
	defer second.stop(t)
	if v := ask[viewer](t, second, first.tokens()["REVIEWER"], viewerQuery).Viewer; !slices.Equal(v.Roles, []kit.Role{kit.RoleReviewer}) {
		t.Errorf("viewer %+v", v)
	}
}
