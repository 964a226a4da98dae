// Package jobs has what takes longer than an answer may: jobs that one process at a time carries out, with their
// progress and the file that they make. The tables that a job can write come from the rooms as kit.Export.
package jobs
