package testkit

import (
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
)

// JobText is the file of job_DONE.
const JobText = "registration,name\nreg_PAST,Peter Okot\n"

// Jobs are jobs of the secretary of the fixture, one in each state, and one of somebody else that waits.
func Jobs() []*jobs.Job {
	at := func(minute string) kit.DateTime { return kit.DateTime("2025-03-31T09:" + minute + ":00.000Z") }
	members := jobs.ExportRequest{Kind: kit.ExportMembers, Format: jobs.FormatXLSX, Locale: kit.Arabic}
	attendance := jobs.ExportRequest{Kind: kit.ExportAttendance, Format: jobs.FormatCSV, Locale: kit.English, Scope: kit.ExportScope{EventID: new(kit.ID("evt_PAST"))}}
	replies := jobs.ExportRequest{Kind: kit.ExportReplies, Format: jobs.FormatCSV, Locale: kit.English, Scope: kit.ExportScope{ConsultationID: new(kit.ID("con_CLOSED"))}}
	invoices := jobs.ExportRequest{Kind: kit.ExportInvoices, Format: jobs.FormatCSV, Locale: kit.French, Scope: kit.ExportScope{Year: new(2025)}}
	return []*jobs.Job{
		{ID: "job_DONE", StartedByID: "usr_secretariat", Export: attendance, State: jobs.JobDone, RequestedAt: at("00"), StartedAt: new(at("00")), FinishedAt: new(at("01")), Attempts: 1,
			File: &jobs.JobFile{Name: "attendance-2025-03-31.csv", MediaType: "text/csv; charset=utf-8", Bytes: int64(len(JobText)), Rows: 1, Chunks: 2}},
		{ID: "job_FAILED", StartedByID: "usr_secretariat", Export: replies, State: jobs.JobFailed, RequestedAt: at("10"), StartedAt: new(at("10")), FinishedAt: new(at("11")), Attempts: 5,
			StoredFault: new(jobs.FaultInterrupted)},
		{ID: "job_CANCELLED", StartedByID: "usr_secretariat", Export: invoices, State: jobs.JobCancelled, RequestedAt: at("20"), FinishedAt: new(at("21"))},
		{ID: "job_RUNNING", StartedByID: "usr_secretariat", Export: members, State: jobs.JobRunning, RequestedAt: at("30"), StartedAt: new(at("30")), LeaseUntil: new(kit.DateTime("2025-03-31T23:00:00.000Z")), Attempts: 1,
			Progress: &jobs.JobProgress{Step: jobs.StepRows, Done: 500, Of: 610}},
		{ID: "job_QUEUED", StartedByID: "usr_secretariat", Export: members, State: jobs.JobQueued, RequestedAt: at("40")},
		{ID: "job_COLLEAGUE", StartedByID: "usr_colleague", Export: members, State: jobs.JobQueued, RequestedAt: at("50")},
	}
}

// JobChunks are the two pieces of the file of job_DONE.
func JobChunks() []*kit.Piece {
	return []*kit.Piece{
		{ID: "job_DONE/1/0000", At: "2025-03-31T09:00:00.000Z", Bytes: []byte(JobText[:20])},
		{ID: "job_DONE/1/0001", At: "2025-03-31T09:00:00.000Z", Bytes: []byte(JobText[20:])},
	}
}
