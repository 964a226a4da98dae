package jobs

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Prefix is the prefix of the ids of jobs.
const Prefix = "job"

// JobState is the state of a job.
type JobState string

// The states. A job that is QUEUED or RUNNING is open.
const (
	JobQueued    JobState = "QUEUED"
	JobRunning   JobState = "RUNNING"
	JobDone      JobState = "DONE"
	JobFailed    JobState = "FAILED"
	JobCancelled JobState = "CANCELLED"
)

// JobStates lists every state; Valid accepts no other.
var JobStates = []JobState{JobQueued, JobRunning, JobDone, JobFailed, JobCancelled}

// Valid refuses a value that is not in JobStates.
func (v JobState) Valid() error { return kit.CheckOneOf(v, JobStates, "job state") }

// JobStep is what a job is doing.
type JobStep string

// The steps of an export, in their order.
const (
	// StepRows reads records and writes rows; it counts rows.
	StepRows JobStep = "ROWS"
	// StepFile puts the file together and keeps it; it counts the pieces of the file, of which the last one is not
	// known before.
	StepFile JobStep = "FILE"
)

// JobSteps lists every step; Valid accepts no other.
var JobSteps = []JobStep{StepRows, StepFile}

// Valid refuses a value that is not in JobSteps.
func (v JobStep) Valid() error { return kit.CheckOneOf(v, JobSteps, "job step") }

// JobFaultCode says why a job failed.
type JobFaultCode string

// Why a job failed.
const (
	// FaultInterrupted: the processes that carried it out ended too often before it was done.
	FaultInterrupted JobFaultCode = "INTERRUPTED"
	// FaultTooLarge: the file would be larger than maxFile, or the text of its sheet larger than maxSheet.
	FaultTooLarge JobFaultCode = "TOO_LARGE"
	// FaultGone: what was to be exported is not there any more.
	FaultGone JobFaultCode = "GONE"
	// FaultUnavailable: the store did not answer.
	FaultUnavailable JobFaultCode = "UNAVAILABLE"
	// FaultUnexpected: any other reason, which the log names.
	FaultUnexpected JobFaultCode = "UNEXPECTED"
)

// JobFaultCodes lists every code; Valid accepts no other.
var JobFaultCodes = []JobFaultCode{FaultInterrupted, FaultTooLarge, FaultGone, FaultUnavailable, FaultUnexpected}

// Valid refuses a value that is not in JobFaultCodes.
func (v JobFaultCode) Valid() error { return kit.CheckOneOf(v, JobFaultCodes, "job fault") }

// ExportFormat is the form of an exported file.
type ExportFormat string

// The formats. CSV has the column names that programs rely on, XLSX has titles for people in their language.
const (
	FormatCSV  ExportFormat = "CSV"
	FormatXLSX ExportFormat = "XLSX"
)

// ExportFormats lists both formats; Valid accepts no other.
var ExportFormats = []ExportFormat{FormatCSV, FormatXLSX}

// Valid refuses a value that is not in ExportFormats.
func (v ExportFormat) Valid() error { return kit.CheckOneOf(v, ExportFormats, "export format") }

// ExportRequest is what somebody asked to export.
type ExportRequest struct {
	Kind   kit.ExportKind  `bson:"kind"`
	Format ExportFormat    `bson:"format"`
	Locale kit.Locale      `bson:"locale"`
	Scope  kit.ExportScope `bson:"scope"`
}

// EventID returns the event of the table, nil for a kind that is not of one.
func (r ExportRequest) EventID() *kit.ID { return r.Scope.EventID }

// ConsultationID returns the consultation of the table, nil for a kind that is not of one.
func (r ExportRequest) ConsultationID() *kit.ID { return r.Scope.ConsultationID }

// Year returns the year of the records, nil for all years.
func (r ExportRequest) Year() *int { return r.Scope.Year }

// JobProgress says how far a job is: Done of Of in its present step. Of is 0 if it is not known.
type JobProgress struct {
	Step JobStep `bson:"step"`
	Done int64   `bson:"done"`
	Of   int64   `bson:"of"`
}

// JobFile is the file that a job made. Its bytes are pieces of their own.
type JobFile struct {
	// Name is in plain ASCII.
	Name      string `bson:"name"`
	MediaType string `bson:"mediaType"`
	Bytes     int64  `bson:"bytes"`
	Rows      int64  `bson:"rows"`
	Chunks    int    `bson:"chunks"`
}

// JobFault says why a job failed.
type JobFault struct{ Code JobFaultCode }

// Message returns the reason in the language of the reader.
func (f JobFault) Message(ctx context.Context) string {
	l := kit.LocaleOf(ctx)
	switch f.Code {
	case FaultInterrupted:
		return kit.Message(l, "job.interrupted", nil)
	case FaultTooLarge:
		return kit.Message(l, "job.tooLarge", nil)
	case FaultGone:
		return kit.Message(l, "job.gone", nil)
	case FaultUnavailable:
		return kit.Message(l, "unavailable", nil)
	}
	return kit.Message(l, "internal", nil)
}

// Job is a task that goes on after the answer to the request for it. It is erased with its file after kept.
type Job struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// StartedByID is the person who asked for it.
	StartedByID kit.ID        `bson:"startedBy"`
	Export      ExportRequest `bson:"export"`
	State       JobState      `bson:"state"`
	// RequestedAt and the times after it are the machine's time. StartedAt is when it was last begun.
	RequestedAt kit.DateTime  `bson:"at"`
	StartedAt   *kit.DateTime `bson:"startedAt,omitempty"`
	FinishedAt  *kit.DateTime `bson:"finishedAt,omitempty"`
	// LeaseUntil is until when the job belongs to the process that carries it out; nil while nobody does.
	LeaseUntil *kit.DateTime `bson:"leaseUntil,omitempty"`
	// Attempts is how often it was begun.
	Attempts int `bson:"attempts"`
	// Progress is nil until the job is begun, and once it is over.
	Progress    *JobProgress  `bson:"progress,omitempty"`
	File        *JobFile      `bson:"file,omitempty"`
	StoredFault *JobFaultCode `bson:"fault,omitempty"`

	// own says that the reader asked for the job and may take out what it makes.
	own bool
}

// IsNode marks a type that the queries node and nodes can return.
func (j *Job) IsNode() {}

// JobNoun declares how jobs are stored. Listings give those of a person, those in some states and all, by the time at
// which they were asked for.
var JobNoun = store.Declare(store.Noun[Job]{
	Name:     "jobs",
	Identity: func(j *Job) (string, *int64) { return string(j.ID), &j.Version },
	Keys: []store.Key[Job]{
		store.OneOf("state", JobStates, func(j *Job, _ string) JobState { return j.State }),
		store.One("startedBy", func(j *Job, _ string) string { return string(j.StartedByID) }),
		store.One("at", func(j *Job, _ string) string { return string(j.RequestedAt) }),
	},
	Listings: []store.Listing{
		{Sort: "at"},
		{Equal: []string{"state"}, Sort: "at"},
		{Equal: []string{"startedBy", "state"}, Sort: "at"},
	},
})

// kept is how long a job and its file are kept after the job was asked for.
const kept = 24 * time.Hour

// ExpiresAt returns when the job and its file are erased.
func (j *Job) ExpiresAt() kit.DateTime { return kit.DateTimeOf(j.RequestedAt.Time().Add(kept)) }

// open says whether the job is still to be carried out.
func (j *Job) open() bool { return j.State == JobQueued || j.State == JobRunning }

// Fault returns why the job failed, nil if it did not.
func (j *Job) Fault() *JobFault {
	if j.StoredFault == nil {
		return nil
	}
	return &JobFault{*j.StoredFault}
}

// ShownFile returns the file for whoever may take it out, nil for others and until it is there.
func (j *Job) ShownFile() *JobFile {
	if !j.own || j.State != JobDone {
		return nil
	}
	return j.File
}

// DownloadPath returns where the file is, behind the portal's address; nil where ShownFile is nil.
func (j *Job) DownloadPath() *string {
	if j.ShownFile() == nil {
		return nil
	}
	return new("/exports/" + string(j.ID))
}

// JobConnection and JobEdge page through jobs.
type (
	JobConnection = kit.Connection[*Job]
	JobEdge       = kit.Edge[*Job]
)

// JobFilter narrows jobs; a field that is nil does not narrow.
type JobFilter struct{ States []JobState }

// JobService takes jobs, carries them out and hands out their files. Who asked for a job reads it while it is
// SECRETARIAT, and OPERATOR reads all without their files.
type JobService struct {
	core    *kit.Core
	jobs    store.Collection[Job]
	files   kit.Blobs
	exports []kit.Export
	// wake says that a job was asked for.
	wake chan struct{}
}

// New makes the service over the tables that the rooms can write.
func New(c *kit.Core, exports []kit.Export) *JobService {
	return &JobService{core: c, jobs: JobNoun.In(c.Store), files: kit.NewBlobs(ChunkNoun, chunkKey, c.Store), exports: exports, wake: make(chan struct{}, 1)}
}

// Kinds returns the nouns of this room.
func Kinds() []*store.Kind { return []*store.Kind{JobNoun.Kind, ChunkNoun.Kind} }

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *JobService) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{Prefix: func(ctx context.Context, ids []kit.ID) ([]kit.Node, error) { return kit.AsNodes(s.ByIDs(ctx, ids)) }}
}

// export returns how a kind of table is written.
func (s *JobService) export(kind kit.ExportKind) kit.Export {
	for _, e := range s.exports {
		if e.Kind == kind {
			return e
		}
	}
	return kit.Export{Kind: kind}
}

// show sets what the caller may see of jobs, and sets to nil those that it may not see at all or that are to be erased.
func (s *JobService) show(ctx context.Context, found []*Job) {
	actor, now := kit.ActorOf(ctx), kit.DateTimeOf(s.core.Wall())
	for i, j := range found {
		own := j != nil && j.StartedByID == actor.Subject && actor.Has(kit.RoleSecretariat)
		if j == nil || j.ExpiresAt() <= now || !own && !actor.Has(kit.RoleOperator) {
			found[i] = nil
			continue
		}
		j.own = own && s.export(j.Export.Kind).May(actor)
	}
}

// ByIDs reads jobs in the order of the ids, nil for those that are not there or that the caller may not see.
func (s *JobService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Job, error) {
	if !kit.ActorOf(ctx).HasAny(kit.RoleSecretariat, kit.RoleOperator) {
		return make([]*Job, len(ids)), nil
	}
	found, err := s.jobs.Many(ctx, kit.Strings(ids))
	if err == nil {
		s.show(ctx, found)
	}
	return found, err
}

// Get reads one job, nil if there is none that the caller may see. SECRETARIAT or OPERATOR.
func (s *JobService) Get(ctx context.Context, id kit.ID) (*Job, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, id)
}

// List pages through the caller's own jobs, the latest first; for OPERATOR, through those of everybody. SECRETARIAT or
// OPERATOR.
func (s *JobService) List(ctx context.Context, filter *JobFilter, args kit.PageArgs) (*JobConnection, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	where := store.Where{"state": kit.Strings(JobStates)}
	if filter != nil && filter.States != nil {
		where["state"] = kit.Strings(filter.States)
	}
	if actor := kit.ActorOf(ctx); !actor.Has(kit.RoleOperator) {
		where["startedBy"] = []string{string(actor.Subject)}
	}
	within := store.Bounds{After: string(kit.DateTimeOf(s.core.Wall().Add(-kept)))}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.jobs, store.Query{Any: []store.Where{where}, Sort: "at"}, within, true, args)
	if err != nil {
		return nil, err
	}
	s.show(ctx, found.Nodes())
	return found, nil
}
