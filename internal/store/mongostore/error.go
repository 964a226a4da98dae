package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"memberportal/internal/store"
)

const (
	transientLabel = "TransientTransactionError"
	badValue       = 2
	writeConflict  = 112
	committed      = 256
)

// passing are the labels and codes of errors that go away by themselves: no primary, shutting down,
// a node that fell behind, a transaction that met another, a majority that cannot be had, a full
// disk, too little time.
var (
	passingLabels = []string{transientLabel, "UnknownTransactionCommitResult", "RetryableWriteError", "NetworkError", "SystemOverloadedError"}
	passingCodes  = []int{
		6, 7, 24, 50, 64, 89, 91, 100, 112, 134, 189, 202, 225, 246, 251, 262, 290, 317, 358, 9001,
		10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
	}
	// givenUpCodes are those of work that the server gave up, and that may be done again as it was: a cursor or a plan was
	// killed, no node is to be read from yet, a snapshot is too old, a transaction was aborted or is being prepared. Inside of
	// a transaction they do not always have the label that says so.
	givenUpCodes = []int{43, 133, 175, 237, 239, 244, 267}
)

// fault is what leaves the adapter in place of a driver's error. Of the server's words only the code
// and its name are repeated, because its messages quote documents.
type fault struct {
	text   string
	is     []error
	labels []string
}

func (f *fault) Error() string { return f.text }

// Unwrap lets errors.Is find the port's error and the caller's own context error.
func (f *fault) Unwrap() []error { return f.is }

// HasErrorLabel is how the driver's WithTransaction sees that a transaction may be run again, through
// whatever the caller wrapped around the fault.
func (f *fault) HasErrorLabel(label string) bool { return slices.Contains(f.labels, label) }

// translate turns a driver's error into one of the port's. Errors that are the port's already pass.
func (s *Store) translate(ctx context.Context, doing string, err error) error {
	if err == nil || isOurs(err) {
		return err
	}
	f := &fault{text: fmt.Sprintf("%s: %s", doing, s.reason(err))}
	ended := ctx.Err()
	if ended != nil {
		f.is = append(f.is, ended)
	}
	if ended != nil || isPassing(err) {
		f.is = append(f.is, store.ErrUnavailable)
		f.text = store.ErrUnavailable.Error() + ": " + f.text
	}
	if hasLabel(err, transientLabel) || hasCode(err, givenUpCodes...) {
		f.labels = []string{transientLabel}
	}
	return f
}

func isOurs(err error) bool {
	if _, ok := errors.AsType[*fault](err); ok {
		return true
	}
	if _, ok := errors.AsType[*store.DuplicateError](err); ok {
		return true
	}
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrCorrupt)
}

// reason says in a few words what is wrong. Neither the URI nor the password can be among them.
func (s *Store) reason(err error) string {
	var text string
	if e, ok := errors.AsType[topology.ServerSelectionError](err); ok {
		text = "no server to be had"
		for _, server := range e.Desc.Servers {
			text += fmt.Sprintf("; %s", server.Addr)
			if server.LastError != nil {
				text += fmt.Sprintf(": %v", server.LastError)
			}
		}
	} else if e, ok := errors.AsType[mongo.CommandError](err); ok && e.Code != 0 {
		text = fmt.Sprintf("the server answered %d %s", e.Code, e.Name)
	} else if e, ok := errors.AsType[mongo.ServerError](err); ok && len(e.ErrorCodes()) > 0 && e.ErrorCodes()[0] != 0 {
		text = fmt.Sprintf("the server answered %v", e.ErrorCodes())
	} else {
		text = err.Error()
	}
	if s.password != "" {
		text = strings.ReplaceAll(text, s.password, "***")
	}
	return text
}

func hasLabel(err error, label string) bool {
	e, ok := errors.AsType[mongo.LabeledError](err)
	return ok && e.HasErrorLabel(label)
}

func isPassing(err error) bool {
	if mongo.IsTimeout(err) || errors.Is(err, mongo.ErrClientDisconnected) || errors.Is(err, context.Canceled) {
		return true
	}
	if slices.ContainsFunc(passingLabels, func(l string) bool { return hasLabel(err, l) }) {
		return true
	}
	if _, ok := errors.AsType[topology.ServerSelectionError](err); ok {
		return true
	}
	if _, ok := errors.AsType[topology.ConnectionError](err); ok {
		return true
	}
	if e, ok := errors.AsType[interface {
		error
		Retryable() bool
	}](err); ok && e.Retryable() {
		return true // the driver threw the connections of a lost server away
	}
	return hasCode(err, passingCodes...) || hasCode(err, givenUpCodes...)
}

func hasCode(err error, codes ...int) bool {
	e, ok := errors.AsType[mongo.ServerError](err)
	return ok && slices.ContainsFunc(e.ErrorCodes(), func(c int) bool { return slices.Contains(codes, c) })
}
