package jobs

import (
	"context"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// mostOpen and mostOfPerson bound the jobs that wait or run, of all persons and of one.
const mostOpen, mostOfPerson = 100, 5

// RequestExportInput asks for a table as a file. Locale is the language of titles and names; nil for that of the
// request.
type RequestExportInput struct {
	Kind           kit.ExportKind
	Format         ExportFormat
	Event          *kit.ID
	Consultation   *kit.ID
	Year           *int
	Locale         *kit.Locale
	IdempotencyKey *string
}

// RequestExportPayload has the job; it is nil if there are UserErrors.
type RequestExportPayload struct {
	Job        *Job
	UserErrors []kit.UserError
}

// CancelJobInput names a job that is not to go on.
type CancelJobInput struct{ ID kit.ID }

// CancelJobPayload has the job after the change; it is nil if there are UserErrors.
type CancelJobPayload struct {
	Job        *Job
	UserErrors []kit.UserError
}

// RequestExport queues the export of a table. SECRETARIAT with the area of the table. It is FULL for a person with
// mostOfPerson open jobs, and for everybody while mostOpen are open.
func (s *JobService) RequestExport(ctx context.Context, in RequestExportInput) (*RequestExportPayload, error) {
	e := s.export(in.Kind)
	if err := e.Require(ctx); err != nil {
		return nil, err
	}
	request := ExportRequest{Kind: in.Kind, Format: in.Format, Locale: kit.LocaleOf(ctx), Scope: kit.ExportScope{EventID: in.Event, ConsultationID: in.Consultation, Year: in.Year}}
	kit.Set(&request.Locale, in.Locale)
	id, err := s.core.Create(ctx, "requestExport", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		if err := e.Check(ctx, f, request.Scope); err != nil {
			return "", err
		}
		if err := s.room(ctx, f); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		j := &Job{ID: s.core.NewID(Prefix), StartedByID: kit.ActorOf(ctx).Subject, Export: request, State: JobQueued, RequestedAt: kit.DateTimeOf(s.core.Wall())}
		if err := s.jobs.Insert(ctx, j); err != nil {
			return "", err
		}
		note(kit.Changed(JobNoun, j, kit.Created, "export"))
		return j.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RequestExportPayload{UserErrors: faults}, err
	}
	select {
	case s.wake <- struct{}{}:
	default: // whoever carries out jobs is told already
	}
	j, err := kit.One(ctx, s.ByIDs, id)
	return &RequestExportPayload{Job: j}, err
}

// room adds FULL if there are too many open jobs. Requests are counted one after the other.
func (s *JobService) room(ctx context.Context, f *kit.Faults) error {
	if err := s.core.Touch(ctx, "jobs"); err != nil {
		return err
	}
	where := store.Where{"state": {string(JobQueued), string(JobRunning)}}
	all, err := s.count(ctx, where)
	if err != nil {
		return err
	}
	where["startedBy"] = []string{string(kit.ActorOf(ctx).Subject)}
	own, err := s.count(ctx, where)
	switch {
	case own >= mostOfPerson:
		f.Add(kit.CodeFull, "input", "full.ownJobs", map[string]string{"max": strconv.Itoa(mostOfPerson)})
	case all >= mostOpen:
		f.Add(kit.CodeFull, "input", "full.jobs", nil)
	}
	return err
}

func (s *JobService) count(ctx context.Context, where store.Where) (int64, error) {
	plan, err := s.jobs.Plan(store.Query{Any: []store.Where{where}, Sort: "at"})
	if err != nil {
		return 0, err
	}
	return s.jobs.Count(ctx, plan, store.Bounds{})
}

// Cancel ends a job that waits or runs. The process that carries it out notices at its next step. Whoever asked for the
// job, or OPERATOR; a job that they may not see is NOT_FOUND.
func (s *JobService) Cancel(ctx context.Context, in CancelJobInput) (*CancelJobPayload, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	err := s.core.Write(ctx, "cancelJob", func(ctx context.Context, note func(kit.Change)) error {
		j, err := kit.One(ctx, s.ByIDs, in.ID)
		if err != nil {
			return err
		}
		if j == nil {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		f := kit.NewFaults(ctx)
		if !j.open() {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.jobOver", nil)
			return f
		}
		j.end(JobCancelled, s.core.Wall())
		if err := s.jobs.Replace(ctx, j); err != nil {
			return err
		}
		note(kit.Changed(JobNoun, j, kit.Updated, "state"))
		return nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CancelJobPayload{UserErrors: faults}, err
	}
	j, err := kit.One(ctx, s.ByIDs, in.ID)
	return &CancelJobPayload{Job: j}, err
}
