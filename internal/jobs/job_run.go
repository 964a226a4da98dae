package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const (
	// lease is how long a job belongs to the process that carries it out, from its last sign of life.
	lease = 2 * time.Minute
	// lookEvery is how often a process looks for jobs that others were asked for, or left behind.
	lookEvery = 5 * time.Second
	// mostAttempts is how often a job is begun at most.
	mostAttempts = 5
	// beatRows is after how many rows the store learns how far a job is.
	beatRows = 500
)

// errTaken says that a job was cancelled, or belongs to another process by now.
var errTaken = errors.New("the job is not this process's any more")

// Serve carries out jobs one after the other until the context ends. Several processes may do so at the same time.
func (s *JobService) Serve(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		j, err := s.RunNext(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			log.Error("a job failed", "error", err)
		case j != nil:
			log.Info("a job is over", "job", j.ID, "state", j.State)
		}
		if j != nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

// RunNext carries out the job that was asked for first, and returns it; nil if no job is due. The error is why it
// failed for a reason that is not in its fault code.
func (s *JobService) RunNext(ctx context.Context) (*Job, error) {
	j, err := s.claim(ctx)
	if j == nil || err != nil {
		return nil, err
	}
	r := &run{service: s, job: j}
	if err := r.write(ctx); err != nil {
		return r.settle(context.WithoutCancel(ctx), err, ctx.Err() != nil)
	}
	return j, nil
}

// settleTries is how often settle looks at a job that others change at the same time.
const settleTries = 3

// settle ends an attempt that has an error. stopped says that the process ends, so that the next one begins anew. It
// reads the job again: another process may carry it out by now, and the error of a write does not say that nothing was
// stored, so that the job may be DONE.
func (r *run) settle(ctx context.Context, cause error, stopped bool) (*Job, error) {
	s, j, attempt := r.service, r.job, r.job.Attempts
	again, code := stopped || errors.Is(cause, errTaken), faultOf(cause)
	if again || code != FaultUnexpected && code != FaultUnavailable {
		cause = nil
	}
	for range settleTries {
		there, err := s.renew(ctx, j)
		switch {
		case err != nil:
			return j, errors.Join(cause, err)
		case there && j.Attempts == attempt && j.State == JobDone:
			return j, nil
		case !there || j.Attempts != attempt || j.State != JobRunning:
			return j, errors.Join(cause, s.files.Discard(ctx, j.ID, attempt))
		case again:
			if err := r.release(ctx); !errors.Is(err, errTaken) {
				return nil, err
			}
		default:
			if err := r.fail(ctx, code); !errors.Is(err, errTaken) {
				return j, errors.Join(cause, err)
			}
		}
	}
	return j, errors.Join(cause, errTaken)
}

// renew reads a job again; false if it is not there any more.
func (s *JobService) renew(ctx context.Context, j *Job) (bool, error) {
	now, err := s.jobs.Get(ctx, string(j.ID))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err == nil {
		*j = *now
	}
	return true, err
}

// claim takes the job that was asked for first, of those that wait and of those whose process gave no sign of life.
func (s *JobService) claim(ctx context.Context) (*Job, error) {
	plan, err := s.jobs.Plan(store.Query{Any: []store.Where{{"state": {string(JobQueued), string(JobRunning)}}}, Sort: "at"})
	if err != nil {
		return nil, err
	}
	page, err := s.jobs.Page(ctx, plan, store.Range{Limit: mostOpen})
	if err != nil {
		return nil, err
	}
	for _, j := range page.Docs {
		now := s.core.Wall()
		if j.LeaseUntil != nil && j.LeaseUntil.Time().After(now) {
			continue
		}
		if j.Attempts >= mostAttempts {
			r := &run{service: s, job: j}
			if err := r.fail(ctx, FaultInterrupted); err != nil && !errors.Is(err, errTaken) {
				return nil, err
			}
			continue
		}
		j.State, j.StartedAt, j.LeaseUntil, j.Progress = JobRunning, new(kit.DateTimeOf(now)), new(kit.DateTimeOf(now.Add(lease))), &JobProgress{Step: StepRows}
		j.Attempts++
		switch err := s.jobs.Replace(ctx, j); {
		case err == nil:
			return j, nil
		case !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	return nil, nil
}

// end sets the last state of a job.
func (j *Job) end(state JobState, at time.Time) {
	j.State, j.FinishedAt, j.LeaseUntil, j.Progress = state, new(kit.DateTimeOf(at)), nil, nil
}

// run is one attempt at a job. It is the table that an export writes to.
type run struct {
	service *JobService
	job     *Job
	ctx     context.Context
	to      kit.Rows
	rows    int64
}

// Head tells how many rows there will be.
func (r *run) Head(columns []kit.Column, total int64) error {
	r.job.Progress.Of = total
	return errors.Join(r.to.Head(columns, total), r.beat())
}

// Row counts a row.
func (r *run) Row(cell map[string]string) error {
	r.rows++
	if err := r.to.Row(cell); err != nil {
		return err
	}
	if r.job.Progress.Step != StepRows || r.rows%beatRows != 0 {
		return nil
	}
	r.job.Progress.Done = r.rows
	return r.beat()
}

// beat tells the store how far the job is, and that its process is alive. errTaken says that it has to stop.
func (r *run) beat() error {
	r.job.LeaseUntil = new(kit.DateTimeOf(r.service.core.Wall().Add(lease)))
	return r.replace(r.ctx)
}

func (r *run) replace(ctx context.Context) error { return r.service.replace(ctx, r.job) }

// replace stores a job that this process carries out; errTaken if it does not any more.
func (s *JobService) replace(ctx context.Context, j *Job) error {
	err := s.jobs.Replace(ctx, j)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return errTaken
	}
	return err
}

// write writes the file and records that it is there. A panic of a table is an error, so that it ends no server.
func (r *run) write(ctx context.Context) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("job %s: panic: %v\n%s", r.job.ID, fault, debug.Stack())
		}
	}()
	e := r.service.export(r.job.Export.Kind)
	if e.Write == nil {
		return fmt.Errorf("job %s: nothing writes %s", r.job.ID, e.Kind)
	}
	if r.job.Attempts > 1 {
		if err := r.service.files.Discard(ctx, r.job.ID, r.job.Attempts-1); err != nil {
			return err
		}
	}
	ctx = kit.WithLocale(kit.WithActor(ctx, e.Actor(r.job.StartedByID)), r.job.Export.Locale)
	r.ctx = ctx
	file := r.service.files.Writer(ctx, r.job.ID, r.job.Attempts, r.job.RequestedAt, maxFile)
	file.Kept = r.beat
	done, err := r.open(file)
	if err != nil {
		return err
	}
	if err := e.Write(ctx, r.job.Export.Scope, r); err != nil {
		return err
	}
	r.job.Progress = &JobProgress{Step: StepFile}
	file.Kept = func() error {
		r.job.Progress.Done = int64(file.Pieces)
		return r.beat()
	}
	if err := errors.Join(done(), file.Close()); err != nil {
		return err
	}
	return r.finish(ctx, file)
}

// open sets the table of the format. done puts the file together.
func (r *run) open(file *kit.BlobWriter) (done func() error, err error) {
	if r.job.Export.Format == FormatCSV {
		rows := kit.NewCSV(file)
		r.to = rows
		return rows.Close, nil
	}
	sheet, err := newSheet(file, r.job.Export.Locale)
	r.to = sheet
	return sheet.Close, err
}

// finish records that the file is there, with an audit entry that says whose records it has and how many rows.
func (r *run) finish(ctx context.Context, file *kit.BlobWriter) error {
	j := r.job
	j.end(JobDone, r.service.core.Wall())
	j.File = &JobFile{Name: j.fileName(), MediaType: mediaTypes[j.Export.Format], Bytes: file.Bytes, Rows: r.rows, Chunks: file.Pieces}
	return r.service.core.Write(ctx, "export", func(ctx context.Context, note func(kit.Change)) error {
		if err := r.replace(ctx); err != nil {
			return err
		}
		note(kit.Change{Noun: JobNoun.Kind.Name, Target: j.target(), Version: j.Version, Kind: kit.Updated, Fields: []string{"file"}, Reason: new(j.summary())})
		return nil
	})
}

// target is what an export is of: the event, the consultation, or else the job.
func (j *Job) target() kit.ID {
	for _, id := range []*kit.ID{j.Export.Scope.EventID, j.Export.Scope.ConsultationID} {
		if id != nil {
			return *id
		}
	}
	return j.ID
}

// summary says for the audit log what was taken out.
func (j *Job) summary() string {
	words := []string{string(j.Export.Kind), string(j.Export.Format)}
	if j.target() != j.ID {
		words = append(words, string(j.target()))
	}
	if j.Export.Scope.Year != nil {
		words = append(words, strconv.Itoa(*j.Export.Scope.Year))
	}
	return strings.Join(append(words, strconv.FormatInt(j.File.Rows, 10)+" rows"), ", ")
}

// mediaTypes are what the formats are called on the wire.
var mediaTypes = map[ExportFormat]string{
	FormatCSV:  "text/csv; charset=utf-8",
	FormatXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// fileName is the name of the job's file, such as members-2025-03-31.csv.
func (j *Job) fileName() string {
	return fmt.Sprintf("%s-%s.%s", strings.ToLower(string(j.Export.Kind)), j.RequestedAt[:len(time.DateOnly)], strings.ToLower(string(j.Export.Format)))
}

// release puts a job back, for another process to begin it anew; errTaken if it is not this process's any more.
func (r *run) release(ctx context.Context) error {
	r.job.State, r.job.LeaseUntil, r.job.Progress = JobQueued, nil, nil
	return r.leave(ctx)
}

// fail records that a job failed; errTaken if it is not this process's any more.
func (r *run) fail(ctx context.Context, code JobFaultCode) error {
	r.job.end(JobFailed, r.service.core.Wall())
	r.job.File, r.job.StoredFault = nil, &code
	return r.leave(ctx)
}

// leave stores a job with which this process has done, and only then removes what it kept of the file: before, the job
// may belong to another process or be DONE.
func (r *run) leave(ctx context.Context) error {
	if err := r.replace(ctx); err != nil {
		return err
	}
	return r.service.files.Discard(ctx, r.job.ID, r.job.Attempts)
}

// faultOf classes the error of a job.
func faultOf(err error) JobFaultCode {
	refusal, refused := errors.AsType[*kit.Refusal](err)
	switch {
	case errors.Is(err, kit.ErrTooLarge):
		return FaultTooLarge
	case errors.Is(err, store.ErrNotFound), refused && refusal.Code == kit.NotFound:
		return FaultGone
	case errors.Is(err, store.ErrUnavailable):
		return FaultUnavailable
	}
	return FaultUnexpected
}

// Tidy removes jobs and pieces of files that are old enough.
func (s *JobService) Tidy(ctx context.Context) error {
	before := s.core.Wall().Add(-kept)
	return errors.Join(
		kit.Discard(ctx, s.jobs, before, func(j *Job) (string, int64) { return string(j.ID), j.Version }),
		s.files.DiscardAll(ctx, kit.DateTimeOf(before)),
	)
}
