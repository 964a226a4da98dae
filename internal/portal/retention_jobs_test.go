package portal_test

import (
	"context"
	"slices"
	"testing"

	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/testkit/stage"
)

func TestErasingAPersonRemovesTheFilesOfExports(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		if stage.Count(s, jobs.ChunkNoun.In(s.Store), "at") == 0 {
			s.Fatal("the fixture has no file")
		}
		before := s.Records()
		for range 2 {
			s.Must(s.Portal.ErasePerson(stage.By(stage.Operator), "usr_FORMER"))
		}
		var left []kit.ID
		for _, j := range stage.All(s, jobs.JobNoun.In(s.Store), "at") {
			if left = append(left, j.ID); j.State != jobs.JobCancelled || j.FinishedAt == nil || j.LeaseUntil != nil || j.Progress != nil {
				s.Errorf("got %s", stage.InJSON(j))
			}
		}
		if want := []kit.ID{"job_CANCELLED", "job_RUNNING", "job_QUEUED", "job_COLLEAGUE"}; !slices.Equal(left, want) {
			s.Errorf("left are %q, want %q", left, want)
		}
		if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
			s.Errorf("%d chunks are left", n)
		}
		audit, _ := s.Records().Since(before)
		for _, id := range []kit.ID{"job_DONE", "job_RUNNING"} {
			if !slices.ContainsFunc(audit, func(e *kit.AuditEntry) bool { return e.TargetID == id && e.Operation == "erase" }) {
				s.Errorf("no audit entry of %s", id)
			}
		}
	})
}

func TestErasingAPersonStopsAnExportThatMayNameIt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.Must(s.Portal.Jobs.Forget(context.Background()))
		service := jobs.New(s.Core, []kit.Export{{Kind: kit.ExportMembers, Area: kit.AreaMembership, Write: func(_ context.Context, _ kit.ExportScope, to kit.Rows) error {
			if err := to.Head(kit.TextColumns("name"), 1); err != nil {
				return err
			}
			s.Must(s.Portal.ErasePerson(stage.By(stage.Operator), "usr_FORMER"))
			return to.Row(map[string]string{"name": "read before"})
		}}})
		_, err := service.RequestExport(stage.By(stage.Secretariat), jobs.RequestExportInput{Kind: kit.ExportMembers, Format: jobs.FormatCSV})
		s.Must(err)
		if j, err := service.RunNext(context.Background()); err != nil || j == nil || j.State != jobs.JobCancelled {
			s.Errorf("got %s, %v", stage.InJSON(j), err)
		}
		if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
			s.Errorf("%d chunks are left", n)
		}
	})
}

func TestNoExportComesBackWithABackup(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		_, err := s.Portal.EraseAgain(stage.By(stage.Operator), portal.Erasures{}, -1)
		s.Must(err)
		if n := stage.Count(s, jobs.JobNoun.In(s.Store), "at") + stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
			s.Errorf("%d documents of jobs are left", n)
		}
	})
}
