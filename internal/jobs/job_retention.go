package jobs

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// EraseFiles cancels the jobs that are open and removes those that are over, with all files, because a file may name
// somebody whom the records name no more. Jobs that were cancelled stay for their day: they have no file, and whoever
// asked sees why none comes. It does not check the caller's rights.
func (s *JobService) EraseFiles(ctx context.Context) error {
	// A job that comes to its end after it was passed by the first sweep is over for the second one.
	_, err := kit.Sweep[Job]{Of: JobNoun, Query: store.Query{Sort: "at"}, Due: kit.Alone(func(j *Job) []string {
		if !j.open() {
			return nil
		}
		j.end(JobCancelled, s.core.Wall())
		return []string{"state"}
	})}.Run(ctx, s.core, false)
	if err != nil {
		return err
	}
	_, err = kit.Sweep[Job]{Of: JobNoun, Query: store.Query{Sort: "at"}, Away: true, Due: kit.Alone(func(j *Job) []string {
		if j.State != JobDone && j.State != JobFailed {
			return nil
		}
		return []string{"file"}
	})}.Run(ctx, s.core, false)
	return errors.Join(err, s.files.DiscardAll(ctx, ""))
}

// Forget removes all jobs with their files. It is for a store that a backup brought back: a file may name who was
// erased after the backup, and what waited then is asked for again easily. It does not check the caller's rights.
func (s *JobService) Forget(ctx context.Context) error {
	_, err := kit.Sweep[Job]{Of: JobNoun, Traceless: true, Query: store.Query{Sort: "at"}, Away: true, Due: kit.Alone(func(*Job) []string {
		return []string{"file"}
	})}.Run(ctx, s.core, false)
	return errors.Join(err, s.files.DiscardAll(ctx, ""))
}
