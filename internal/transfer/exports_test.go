package transfer_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/stage"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// answer is what somebody gets for a job's file, with its body read.
type answer struct {
	*http.Response
	body string
}

func ask(t *testing.T, s *golden.Server, method, path, as string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = s.Header(t, as, "")
	r.Header.Set("Accept-Encoding", "identity")
	a, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{a, string(body)}
}

// downloads are the audit entries of downloads.
func downloads(t *testing.T, s *golden.Server) (all []*kit.AuditEntry) {
	t.Helper()
	for _, e := range stage.All(t, kit.AuditNoun.In(s.Store), "at") {
		if e.Operation == "downloadExport" {
			all = append(all, e)
		}
	}
	return all
}

func onEngines(t *testing.T, test func(t *testing.T, s *golden.Server)) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) { test(t, golden.Serve(t, e.Fresh(t))) })
	}
}

func TestAFileIsHandedOutAndThatIsRecorded(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		a := ask(t, s, http.MethodGet, "/exports/job_DONE", "SECRETARIAT")
		if a.StatusCode != http.StatusOK || a.body != testkit.JobText {
			t.Fatalf("HTTP %d: %s", a.StatusCode, a.body)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="attendance-2025-03-31.csv"`,
			"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := strings.Join(a.Header.Values(name), " and "); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		noted := downloads(t, s)
		if len(noted) != 1 || noted[0].Actor != "usr_secretariat" || noted[0].TargetID != "job_DONE" || *noted[0].Reason != "ATTENDANCE, CSV, evt_PAST, 1 rows" || noted[0].Request == "" {
			t.Errorf("recorded %s", stage.InJSON(noted))
		}
		if head := ask(t, s, http.MethodHead, "/exports/job_DONE", "SECRETARIAT"); head.StatusCode != http.StatusOK || head.body != "" {
			t.Errorf("HEAD: HTTP %d, %q", head.StatusCode, head.body)
		}
		if n := len(downloads(t, s)); n != 1 {
			t.Errorf("HEAD was recorded: %d entries", n)
		}
	})
}

func TestOthersGetNothingAndAllTheSame(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		want := ask(t, s, http.MethodGet, "/exports/job_NONE", "SECRETARIAT").body
		for _, c := range []struct{ path, as string }{
			{"/exports/job_DONE", "nobody"}, {"/exports/job_DONE", "OPERATOR"}, {"/exports/job_DONE", "SECRETARIAT usr_events"}, {"/exports/job_DONE", "REVIEWER TDAG"},
			{"/exports/job_DONE", "FOCAL_POINT mem_ACTIVE"}, {"/exports/job_QUEUED", "SECRETARIAT"}, {"/exports/job_RUNNING", "SECRETARIAT"}, {"/exports/job_FAILED", "SECRETARIAT"},
			{"/exports/job_COLLEAGUE", "SECRETARIAT"}, {"/exports/mem_ACTIVE", "SECRETARIAT"}, {"/exports/", "SECRETARIAT"}, {"/exports/job_DONE/1/0000", "SECRETARIAT"},
			{"/exports/job_DONE%2F1%2F0000", "SECRETARIAT"}, {"/exports/%FF", "SECRETARIAT"},
		} {
			if a := ask(t, s, http.MethodGet, c.path, c.as); a.StatusCode != http.StatusNotFound || a.body != want {
				t.Errorf("%s for %s: HTTP %d, %s", c.path, c.as, a.StatusCode, a.body)
			}
		}
		if a := ask(t, s, http.MethodGet, "/exports/job_DONE", "bad token"); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("a bad token: HTTP %d", a.StatusCode)
		}
		if a := ask(t, s, http.MethodPost, "/exports/job_DONE", "SECRETARIAT"); a.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST: HTTP %d", a.StatusCode)
		}
		if noted := downloads(t, s); len(noted) != 0 {
			t.Errorf("recorded %s", stage.InJSON(noted))
		}
	})
}

func TestAFileOfWhichAPieceIsMissingBreaksOff(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	if err := jobs.ChunkNoun.In(s.Store).Delete(context.Background(), "job_DONE/1/0001", 1); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/exports/job_DONE", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = s.Header(t, "SECRETARIAT", "")
	a, err := s.Client().Do(r)
	if err == nil {
		defer func() { _ = a.Body.Close() }()
		_, err = io.ReadAll(a.Body)
	}
	if err == nil {
		t.Error("the part was taken for the whole")
	}
}

// TestAnExportGoesFromTheRequestToTheFile asks through the graph and takes the file over HTTP, of several pieces.
func TestAnExportGoesFromTheRequestToTheFile(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		header := s.Header(t, "SECRETARIAT usr_membership", "ar")
		asked := s.Ask(t, header, `mutation { requestExport(input: { kind: MEMBERS, format: XLSX }) { job { id } userErrors { code } } }`, "")
		_, rest, found := strings.Cut(asked, `"id": "`)
		if !found {
			t.Fatal(asked)
		}
		id, _, _ := strings.Cut(rest, `"`)
		for range 10 {
			j, err := s.Portal.Jobs.RunNext(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if j != nil && string(j.ID) == id {
				break
			}
		}
		told := s.Ask(t, header, `query($id: ID!) { job(id: $id) { state downloadPath file { name rows } } }`, `{"id":"`+id+`"}`)
		if !strings.Contains(told, `"downloadPath": "/exports/`+id+`"`) || !strings.Contains(told, `"name": "members-2025-03-31.xlsx"`) {
			t.Fatal(told)
		}
		a := ask(t, s, http.MethodGet, "/exports/"+id, "SECRETARIAT usr_membership")
		book, err := excelize.OpenReader(bytes.NewReader([]byte(a.body)))
		if err != nil {
			t.Fatalf("HTTP %d: %v", a.StatusCode, err)
		}
		if rows, err := book.GetRows(book.GetSheetName(0)); err != nil || len(rows) < 40 || rows[0][0] != "الاسم" {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	})
}
