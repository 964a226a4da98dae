package jobs_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// alone removes the jobs of the fixture.
func alone(t testing.TB, st store.Store) {
	t.Helper()
	var errs []error
	for _, j := range stage.All(t, jobs.JobNoun.In(st), "at") {
		errs = append(errs, jobs.JobNoun.In(st).Delete(context.Background(), string(j.ID), j.Version))
	}
	for _, c := range stage.All(t, jobs.ChunkNoun.In(st), "at") {
		errs = append(errs, jobs.ChunkNoun.In(st).Delete(context.Background(), c.ID, c.Version))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func (s scene) alone() {
	s.Helper()
	alone(s, s.Store)
}

// queues asks for an export and gives the job.
func (s scene) queues(service *jobs.JobService, a kit.Actor, in jobs.RequestExportInput) *jobs.Job {
	s.Helper()
	payload, err := service.RequestExport(stage.By(a), in)
	s.Must(err)
	if payload.Job == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
	return payload.Job
}

// runs carries out the next job.
func (s scene) runs(service *jobs.JobService) *jobs.Job {
	s.Helper()
	j, err := service.RunNext(context.Background())
	s.Must(err)
	return j
}

// file is the file of a job as somebody gets it; empty if there is none for them.
func (s scene) file(service *jobs.JobService, a kit.Actor, id kit.ID) string {
	s.Helper()
	d, err := service.Download(stage.By(a), id)
	s.Must(err)
	if d == nil {
		return ""
	}
	var out bytes.Buffer
	s.Must(d.WriteTo(stage.By(a), &out, func() {}))
	if int64(out.Len()) != d.Bytes {
		s.Errorf("%d bytes, and %d were told", out.Len(), d.Bytes)
	}
	return out.String()
}

func (s scene) stored(id kit.ID) *jobs.Job {
	s.Helper()
	j, err := jobs.JobNoun.In(s.Store).Get(context.Background(), string(id))
	s.Must(err)
	return j
}

// limited is a secretary who has some areas only.
func limited(areas ...kit.StaffArea) kit.Actor {
	a := stage.Secretariat
	a.Areas = areas
	return a
}

func TestAnExportIsWrittenAndRecorded(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.alone()
		service := s.Portal.Jobs
		want, err := stage.CSV(func(to kit.Rows) error { return s.Portal.Members.Export(stage.By(stage.Secretariat), to) })
		s.Must(err)
		before := s.Records()
		asked := s.queues(service, limited(kit.AreaMembership), jobs.RequestExportInput{Kind: kit.ExportMembers, Format: jobs.FormatCSV})
		if asked.State != jobs.JobQueued || asked.ExpiresAt() != "2025-04-01T12:00:00.000Z" {
			s.Errorf("asked for: %s", stage.InJSON(asked))
		}
		done := s.runs(service)
		if done.ID != asked.ID || done.State != jobs.JobDone || done.LeaseUntil != nil || done.Progress != nil || done.File.Rows != int64(strings.Count(want, "\n")-1) {
			s.Errorf("done: %s", stage.InJSON(done))
		}
		if got := s.file(service, stage.Secretariat, asked.ID); got != want {
			s.Errorf("the file is another: %s", stage.FirstDifference(want, got))
		}
		audit, _ := s.Records().Since(before)
		said := kit.Map(audit, func(e *kit.AuditEntry) string {
			return fmt.Sprintf("%s %s %s", e.Actor, e.Operation, kit.Deref(e.Reason))
		})
		if want := []string{"usr_secretariat requestExport ", fmt.Sprintf("usr_secretariat export MEMBERS, CSV, %d rows", done.File.Rows)}; !slices.Equal(said, want) {
			s.Errorf("recorded %q, want %q", said, want)
		}
		if j := s.runs(service); j != nil {
			s.Errorf("carried out again: %s", stage.InJSON(j))
		}
		*s.Wall = s.Wall.Add(jobs.Kept)
		if got := s.file(service, stage.Secretariat, asked.ID); got != "" {
			s.Error("the file outlived its day")
		}
		*s.Wall = s.Wall.Add(time.Millisecond)
		s.Must(s.Portal.Tidy(context.Background()))
		if n := stage.Count(s, jobs.JobNoun.In(s.Store), "at") + stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
			s.Errorf("%d documents of jobs are left", n)
		}
	})
}

func TestAFileIsForWhoeverAskedForItWhileTheAreaLasts(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	service := s.Portal.Jobs
	j := s.queues(service, stage.Secretariat, jobs.RequestExportInput{Kind: kit.ExportMembers, Format: jobs.FormatCSV})
	s.runs(service)
	colleague := stage.Secretariat
	colleague.Subject = "usr_colleague"
	for name, c := range map[string]struct {
		actor      kit.Actor
		sees, gets bool
	}{
		"who asked":                       {stage.Secretariat, true, true},
		"who asked, with the area":        {limited(kit.AreaFinance, kit.AreaMembership), true, true},
		"who asked, with other areas":     {limited(kit.AreaEvents), true, false},
		"who asked, and is staff no more": {kit.Actor{Subject: stage.Secretariat.Subject}, false, false},
		"a colleague":                     {colleague, false, false},
		"an operator":                     {stage.Operator, true, false},
		"a focal point":                   {stage.FocalPoint("mem_ACTIVE"), false, false},
		"a visitor":                       {kit.Actor{}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := service.ByIDs(stage.By(c.actor), []kit.ID{j.ID})
			s.Must(err)
			if sees := found[0] != nil; sees != c.sees {
				t.Errorf("sees the job: %t", sees)
			}
			if gets := s.file(service, c.actor, j.ID) != ""; gets != c.gets || found[0] != nil && (found[0].DownloadPath() != nil) != c.gets {
				t.Errorf("gets the file: %t", gets)
			}
		})
	}
}

func TestEachTableIsForItsAreaAndOfItsScope(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	event, consultation := new(kit.ID("evt_PAST")), new(kit.ID("con_CLOSED"))
	for _, c := range []struct {
		area  kit.StaffArea
		in    jobs.RequestExportInput
		first string
	}{
		{kit.AreaMembership, jobs.RequestExportInput{Kind: kit.ExportMembers}, "name,category,"},
		{kit.AreaFinance, jobs.RequestExportInput{Kind: kit.ExportInvoices, Year: new(2025)}, "invoice,number,member,name,"},
		{kit.AreaEvents, jobs.RequestExportInput{Kind: kit.ExportRegistrations, Event: event}, "registration,name,email,"},
		{kit.AreaEvents, jobs.RequestExportInput{Kind: kit.ExportAttendance, Event: event}, "registration,name,organisation,"},
		{kit.AreaConsultations, jobs.RequestExportInput{Kind: kit.ExportReplies, Consultation: consultation}, "reply,respondent,name,"},
	} {
		c.in.Format = jobs.FormatCSV
		for _, area := range kit.StaffAreas {
			if _, err := s.Portal.Jobs.RequestExport(stage.By(limited(area)), c.in); (err == nil) != (area == c.area) {
				t.Errorf("%s for %s: %v", c.in.Kind, area, err)
			}
		}
		_, err := s.Portal.Jobs.RequestExport(stage.By(stage.Operator), c.in)
		s.Refused(err, kit.Forbidden)
		_, err = s.Portal.Jobs.RequestExport(stage.By(kit.Actor{}), c.in)
		s.Refused(err, kit.Unauthenticated)
		done := s.runs(s.Portal.Jobs)
		if got := s.file(s.Portal.Jobs, stage.Secretariat, done.ID); done.State != jobs.JobDone || !strings.HasPrefix(got, c.first) {
			t.Errorf("%s: %s\n%s", c.in.Kind, stage.InJSON(done), got)
		}
	}
	for name, c := range map[string]struct {
		in   jobs.RequestExportInput
		want []string
	}{
		"no event":                {jobs.RequestExportInput{Kind: kit.ExportRegistrations}, []string{"REQUIRED input.event"}},
		"no consultation":         {jobs.RequestExportInput{Kind: kit.ExportReplies, Event: event}, []string{"INVALID input.event", "REQUIRED input.consultation"}},
		"an event of members":     {jobs.RequestExportInput{Kind: kit.ExportMembers, Event: event, Year: new(2025)}, []string{"INVALID input.event", "INVALID input.year"}},
		"a year that is none":     {jobs.RequestExportInput{Kind: kit.ExportInvoices, Year: new(0)}, []string{"OUT_OF_RANGE input.year"}},
		"an unknown event":        {jobs.RequestExportInput{Kind: kit.ExportAttendance, Event: new(kit.ID("evt_NONE"))}, []string{"UNKNOWN_REFERENCE input.event"}},
		"an unknown consultation": {jobs.RequestExportInput{Kind: kit.ExportReplies, Consultation: new(kit.ID("con_NONE"))}, []string{"UNKNOWN_REFERENCE input.consultation"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Format = jobs.FormatCSV
			payload, err := s.Portal.Jobs.RequestExport(stage.By(stage.Secretariat), c.in)
			s.Must(err)
			if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRegistrationsHaveAddressesAndAnswersAndRepliesNobodyWhoWrote(t *testing.T) {
	s := scene{stage.Embedded(t)}
	table := func(write func(to kit.Rows) error) string {
		out, err := stage.CSV(write)
		s.Must(err)
		_, err = csv.NewReader(strings.NewReader(out)).ReadAll()
		s.Must(err)
		return out
	}
	full := table(func(to kit.Rows) error {
		return s.Portal.Registrations.ExportFull(stage.By(stage.Secretariat), "evt_OPEN", to)
	})
	for _, part := range []string{",answer_", "Grace Akello", "@example.org", "A ramp"} {
		if !strings.Contains(full, part) {
			t.Errorf("no %s in\n%s", part, full)
		}
	}
	replies := table(func(to kit.Rows) error {
		return s.Portal.Feedback.Export(stage.By(stage.Secretariat), "con_CLOSED", to)
	})
	for _, part := range []string{"CONFIDENTIAL", "ATTRIBUTED", ",answer_Q_TEXT"} {
		if !strings.Contains(replies, part) {
			t.Errorf("no %s in\n%s", part, replies)
		}
	}
	if strings.Contains(replies, "usr_") {
		t.Errorf("a person in\n%s", replies)
	}
}

func TestAJobOfAProcessThatDiedBeginsAnew(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.alone()
		service := s.Portal.Jobs
		other := jobs.New(s.Core, s.Portal.Exports())
		asked := s.queues(service, stage.Secretariat, jobs.RequestExportInput{Kind: kit.ExportMembers, Format: jobs.FormatCSV})
		if j, err := other.Claim(); err != nil || j == nil || j.State != jobs.JobRunning || j.Attempts != 1 {
			s.Fatalf("claimed %s: %v", stage.InJSON(j), err)
		}
		if j := s.runs(service); j != nil {
			s.Fatalf("two processes carry out %s", stage.InJSON(j))
		}
		s.Must(jobs.ChunkNoun.In(s.Store).Insert(context.Background(), &kit.Piece{ID: string(asked.ID) + "/1/0000", At: asked.RequestedAt, Bytes: []byte("half")}))
		*s.Wall = s.Wall.Add(jobs.Lease)
		if j := s.runs(service); j == nil || j.State != jobs.JobDone || j.Attempts != 2 {
			s.Fatalf("after the lease: %s", stage.InJSON(j))
		}
		if got := s.file(service, stage.Secretariat, asked.ID); !strings.HasPrefix(got, "name,") {
			s.Errorf("the file begins with %.20q", got)
		}
		if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 1 {
			s.Errorf("%d chunks", n)
		}
	})
}

func TestAJobThatDiesAgainAndAgainFails(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	asked := s.queues(s.Portal.Jobs, stage.Secretariat, jobs.RequestExportInput{Kind: kit.ExportMembers, Format: jobs.FormatCSV})
	for range jobs.MostAttempts {
		if j, err := s.Portal.Jobs.Claim(); err != nil || j == nil {
			t.Fatal(j, err)
		}
		*s.Wall = s.Wall.Add(jobs.Lease)
	}
	s.Must(jobs.ChunkNoun.In(s.Store).Insert(context.Background(), &kit.Piece{ID: fmt.Sprintf("%s/%d/0000", asked.ID, jobs.MostAttempts), At: asked.RequestedAt, Bytes: []byte("half")}))
	if j := s.runs(s.Portal.Jobs); j != nil {
		t.Errorf("begun once more: %s", stage.InJSON(j))
	}
	if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
		t.Errorf("%d chunks are left", n)
	}
	if j := s.stored(asked.ID); j.State != jobs.JobFailed || *j.StoredFault != jobs.FaultInterrupted || j.Fault().Message(context.Background()) == "" {
		t.Errorf("got %s", stage.InJSON(j))
	}
}

// slow is an export of rows that calls at for each of them.
func slow(rows int, at func(n int) error) []kit.Export {
	return []kit.Export{{Kind: kit.ExportMembers, Area: kit.AreaMembership, Write: func(_ context.Context, _ kit.ExportScope, to kit.Rows) error {
		if err := to.Head(kit.TextColumns("name"), int64(rows)); err != nil {
			return err
		}
		for n := range rows {
			if err := at(n); err != nil {
				return err
			}
			if err := to.Row(map[string]string{"name": strings.Repeat("x", 10_000)}); err != nil {
				return err
			}
		}
		return nil
	}}}
}

var aFile = jobs.RequestExportInput{Kind: kit.ExportMembers, Format: jobs.FormatCSV}

func TestAJobThatIsCancelledStopsAndLeavesNoFile(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.alone()
		var service *jobs.JobService
		var asked *jobs.Job
		service = jobs.New(s.Core, slow(1000, func(n int) error {
			if n != 600 {
				return nil
			}
			if p := s.stored(asked.ID).Progress; p == nil || p.Of != 1000 || p.Done != 500 || p.Step != jobs.StepRows {
				s.Errorf("progress %s", stage.InJSON(p))
			}
			payload, err := service.Cancel(stage.By(stage.Operator), jobs.CancelJobInput{ID: asked.ID})
			if err != nil || payload.Job == nil || payload.Job.State != jobs.JobCancelled {
				s.Errorf("cancelled: %s, %v", stage.InJSON(payload), err)
			}
			return nil
		}))
		asked = s.queues(service, stage.Secretariat, aFile)
		if j := s.runs(service); j == nil || j.State != jobs.JobCancelled {
			s.Errorf("got %s", stage.InJSON(j))
		}
		if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
			s.Errorf("%d chunks are left", n)
		}
		payload, err := service.Cancel(stage.By(stage.Secretariat), jobs.CancelJobInput{ID: asked.ID})
		s.Must(err)
		if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			s.Errorf("cancelled twice: %q", got)
		}
		colleague := stage.Secretariat
		colleague.Subject = "usr_colleague"
		_, err = service.Cancel(stage.By(colleague), jobs.CancelJobInput{ID: asked.ID})
		s.Refused(err, kit.NotFound)
	})
}

func TestWhyAJobFailed(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	for name, c := range map[string]struct {
		at   func(n int) error
		rows int
		want jobs.JobFaultCode
		said bool
	}{
		"a panic":                  {func(int) error { panic("oh") }, 1, jobs.FaultUnexpected, true},
		"a fault of the program":   {func(int) error { return errors.New("no") }, 1, jobs.FaultUnexpected, true},
		"what is gone":             {func(int) error { return kit.Refuse(kit.NotFound, "notFound", nil) }, 1, jobs.FaultGone, false},
		"a file that is too large": {func(int) error { return nil }, jobs.MaxFile/10_000 + 1, jobs.FaultTooLarge, false},
	} {
		t.Run(name, func(t *testing.T) {
			service := jobs.New(s.Core, slow(c.rows, c.at))
			asked := s.queues(service, stage.Secretariat, aFile)
			if _, err := service.RunNext(context.Background()); (err != nil) != c.said {
				t.Errorf("for the log: %v", err)
			}
			j := s.stored(asked.ID)
			if j.State != jobs.JobFailed || j.StoredFault == nil || *j.StoredFault != c.want || j.File != nil {
				t.Errorf("got %s", stage.InJSON(j))
			}
			if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
				t.Errorf("%d chunks are left", n)
			}
		})
	}
}

func TestAServerThatStopsPutsItsJobBack(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	ctx, stop := context.WithCancel(context.Background())
	service := jobs.New(s.Core, slow(1000, func(n int) error {
		if n == 700 {
			stop()
		}
		return ctx.Err()
	}))
	asked := s.queues(service, stage.Secretariat, aFile)
	if _, err := service.RunNext(ctx); err != nil {
		t.Fatal(err)
	}
	if j := s.stored(asked.ID); j.State != jobs.JobQueued || j.LeaseUntil != nil || j.Progress != nil {
		t.Errorf("got %s", stage.InJSON(j))
	}
	if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 0 {
		t.Errorf("%d chunks are left", n)
	}
}

func TestAProcessThatLostItsJobLeavesTheFileOfTheNextOne(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		for name, late := range map[string]func(stop func()) error{
			"and fails":   func(func()) error { return errors.New("no") },
			"and stops":   func(stop func()) error { stop(); return context.Canceled },
			"and goes on": func(func()) error { return nil },
		} {
			stage.Run(s, name, func(s scene) {
				s.alone()
				ctx, stop := context.WithCancel(context.Background())
				defer stop()
				next := jobs.New(s.Core, slow(60, func(int) error { return nil }))
				first := jobs.New(s.Core, slow(100, func(n int) error {
					if n != 90 {
						return nil
					}
					*s.Wall = s.Wall.Add(jobs.Lease)
					if j := s.runs(next); j == nil || j.State != jobs.JobDone || j.Attempts != 2 {
						s.Fatalf("the next one: %s", stage.InJSON(j))
					}
					return late(stop)
				}))
				asked := s.queues(first, stage.Secretariat, aFile)
				if _, err := first.RunNext(ctx); (err != nil) != (name == "and fails") {
					s.Errorf("for the log: %v", err)
				}
				if j := s.stored(asked.ID); j.State != jobs.JobDone || j.Attempts != 2 {
					s.Errorf("got %s", stage.InJSON(j))
				}
				if got := s.file(next, stage.Secretariat, asked.ID); len(got) != 5+60*10_001 {
					s.Errorf("%d bytes", len(got))
				}
				if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 3 {
					s.Errorf("%d chunks", n)
				}
			})
		}
	})
}

func TestAJobThatOthersCarryOutKeepsWhatTheyWroteSoFar(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	var asked *jobs.Job
	service := jobs.New(s.Core, slow(1, func(int) error {
		*s.Wall = s.Wall.Add(jobs.Lease)
		if j, err := jobs.New(s.Core, nil).Claim(); err != nil || j == nil || j.Attempts != 2 {
			t.Fatalf("claimed %s: %v", stage.InJSON(j), err)
		}
		s.Must(jobs.ChunkNoun.In(s.Store).Insert(context.Background(), &kit.Piece{ID: string(asked.ID) + "/2/0000", At: asked.RequestedAt, Bytes: []byte("half")}))
		return kit.Refuse(kit.NotFound, "notFound", nil)
	}))
	asked = s.queues(service, stage.Secretariat, aFile)
	s.runs(service)
	if j := s.stored(asked.ID); j.State != jobs.JobRunning || j.Attempts != 2 {
		t.Errorf("got %s", stage.InJSON(j))
	}
	if n := stage.Count(s, jobs.ChunkNoun.In(s.Store), "at"); n != 1 {
		t.Errorf("%d chunks", n)
	}
}

// unsure is a store that commits a transaction and then does not say so, once after lost is set.
type unsure struct {
	store.Store
	lost *atomic.Bool
}

func (u unsure) Tx(ctx context.Context, f func(context.Context) error) error {
	if err := u.Store.Tx(ctx, f); err != nil || !u.lost.Swap(false) {
		return err
	}
	return store.ErrUnavailable
}

func TestAJobThatIsDoneWithoutAnAnswerKeepsItsFile(t *testing.T) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			lost := new(atomic.Bool)
			s := scene{stage.New(t, unsure{e.Fresh(t), lost})}
			s.alone()
			service := jobs.New(s.Core, slow(60, func(n int) error {
				lost.Store(n == 59)
				return nil
			}))
			asked := s.queues(service, stage.Secretariat, aFile)
			if j := s.runs(service); lost.Load() || j == nil || j.State != jobs.JobDone {
				t.Errorf("got %s", stage.InJSON(j))
			}
			if got := s.file(service, stage.Secretariat, asked.ID); len(got) != 5+60*10_001 {
				t.Errorf("%d bytes", len(got))
			}
		})
	}
}

func TestFewJobsWaitForAPersonAndInAll(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	full := func(a kit.Actor) []string {
		payload, err := s.Portal.Jobs.RequestExport(stage.By(a), aFile)
		s.Must(err)
		return stage.FaultsOf(payload.UserErrors)
	}
	for range jobs.MostOfPerson {
		s.queues(s.Portal.Jobs, stage.Secretariat, aFile)
	}
	if got := full(stage.Secretariat); !slices.Equal(got, []string{"FULL input"}) {
		t.Errorf("one more of a person: %q", got)
	}
	for n := jobs.MostOfPerson; n < jobs.MostOpen; n++ {
		s.Must(jobs.JobNoun.In(s.Store).Insert(context.Background(), &jobs.Job{
			ID: kit.ID(fmt.Sprintf("job_%d", n)), StartedByID: "usr_other", Export: jobs.ExportRequest{Kind: kit.ExportMembers, Format: jobs.FormatCSV, Locale: kit.English},
			State: jobs.JobQueued, RequestedAt: kit.DateTimeOf(*s.Wall),
		}))
	}
	colleague := stage.Secretariat
	colleague.Subject = "usr_colleague"
	if got := full(colleague); !slices.Equal(got, []string{"FULL input"}) {
		t.Errorf("one more in all: %q", got)
	}
}

func TestAServerCarriesOutWhatIsAskedFor(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.alone()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	begun := make(chan struct{})
	service := jobs.New(s.Core, slow(1, func(int) error {
		close(begun)
		return nil
	}))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		service.Serve(ctx, slog.New(slog.DiscardHandler))
	}()
	s.queues(service, stage.Secretariat, aFile)
	select {
	case <-begun:
	case <-ctx.Done():
		t.Error("nobody began the job")
	}
	stop()
	<-ended
}
