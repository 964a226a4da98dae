package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"

	"memberportal/internal/config"
	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// fileLimits are the configured limits of files.
func fileLimits(c config.Files) files.Limits {
	return files.Limits{Bytes: c.FileSize, PerDay: c.FilesPerDay, BytesPerDay: c.FileBytesDaily, Total: c.FileSpace, Types: c.FileTypes}
}

// checkFileTypes refuses a media type that the portal does not know.
func checkFileTypes(c config.Files) error {
	for _, name := range c.FileTypes {
		if !slices.Contains(files.Types(), name) {
			return fmt.Errorf("%w: --file-types: %q is none of %v", errMisuse, name, files.Types())
		}
	}
	return nil
}

// scanner runs the configured program for each file; nil if there is none. The program ends with 0 for a file that is
// clean and with 1 for one that is not. Any other end means that nobody knows.
func scanner(c config.Files) files.Scan {
	command := c.Scanner()
	if len(command) == 0 {
		return nil
	}
	return func(ctx context.Context, file io.Reader) (clean bool, err error) {
		ctx, cancel := context.WithTimeout(ctx, c.ScanTime)
		defer cancel()
		program := exec.CommandContext(ctx, command[0], command[1:]...)
		program.Stdin = file
		program.WaitDelay = time.Second
		err = program.Run()
		if end, ok := errors.AsType[*exec.ExitError](err); ok && end.ExitCode() == 1 {
			return false, nil
		}
		return err == nil, err
	}
}

// filesIn are the files of a store beside which no portal stands.
func filesIn(s store.Store) (*files.FileService, error) {
	countries, err := country.Countries()
	if err != nil {
		return nil, err
	}
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(time.Now, time.UTC), Entropy: random(), Countries: countries})
	if err != nil {
		return nil, err
	}
	return p.Files, nil
}

// lostFiles finds what of files does not fit: as faults what a person must look at, because content is missing, and as
// warnings what check --repair removes.
func lostFiles(ctx context.Context, s store.Store) (faults []string, warnings []kit.Warning, err error) {
	kept, err := filesIn(s)
	if err != nil {
		return nil, nil, err
	}
	ctx, _ = store.CountOmitted(ctx) // what it leaves out is already among the damaged documents
	lost, err := kept.Lost(ctx)
	for _, one := range lost {
		if one.Removable {
			warnings = append(warnings, kit.Warning{Noun: files.FileNoun.Kind.Name, ID: string(one.ID), Field: "content", Message: one.Text})
		} else {
			faults = append(faults, fmt.Sprintf("%s: %s", one.ID, one.Text))
		}
	}
	return faults, warnings, err
}

// removeLostFiles removes what lostFiles warns of, and returns the ids of the files.
func removeLostFiles(ctx context.Context, s store.Store) ([]string, error) {
	kept, err := filesIn(s)
	if err != nil {
		return nil, err
	}
	ctx, _ = store.CountOmitted(kit.WithActor(ctx, kit.Actor{Subject: kit.TheMachine, Roles: []kit.Role{kit.RoleOperator}}))
	removed, err := kept.RemoveLost(ctx)
	return kit.Map(removed, func(one files.Lost) string { return string(one.ID) }), err
}
