// Package cli is the program's commands and their wiring: it is the only place that knows the
// configuration, the stores, the tokens and the GraphQL face together.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"memberportal/graph"
	"memberportal/internal/config"
	"memberportal/internal/store"
)

// Exit codes of every command.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and failed
	exitMisuse = 2 // it was asked wrongly
)

// commands are the program's grammar. Each command has a method Run, which takes what it needs of the
// context, results and remarks.
type commands struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve        serveCommand      `cmd:"" default:"withargs" help:"Serve the portal (the command if none is named)."`
	Token        tokenFlags        `cmd:"" help:"Print an access token and nothing else."`
	User         userFlags         `cmd:"" help:"Say who is staff, and shut persons out."`
	Check        checkFlags        `cmd:"" help:"Compare configuration, indexes, keys and every document; exit 1 with all faults."`
	Backup       backupFlags       `cmd:"" help:"Write all documents into one file, as they are at one instant. Runs beside a server."`
	Restore      restoreFlags      `cmd:"" help:"Put a backup in the place of a store that nobody uses. What had been erased stays erased."`
	Seed         seedFlags         `cmd:"" help:"Fill an empty store with demonstration data, or finish filling it."`
	Import       importFlags       `cmd:"" help:"Import members or attendance from CSV (docs/api.md and docs/operations.md say the formats); the whole file is checked before anything is written."`
	Export       exportFlags       `cmd:"" help:"Export members or registrations as CSV, or all that is held about a member or country as JSON."`
	Clock        clockFlags        `cmd:"" help:"Record what has fallen due: reminders to administrations, and approvals where no answer is one. A running server does it itself, every hour."`
	Erase        eraseFlags        `cmd:"" help:"Erase what names persons and is past its date, or what names one person. A running server does it itself, once a day."`
	Consultation consultationFlags `cmd:"" help:"Report back on a consultation."`
	Mails        mailsFlags        `cmd:"" help:"List messages to persons, or have some sent at once."`
	Audit        auditFlags        `cmd:"" help:"Print the audit log between two days, as operators see it."`
	Figures      figuresFlags      `cmd:"" help:"Compare published figures with the records."`
	Health       healthFlags       `cmd:"" help:"Ask the server on this machine whether it is ready: exit 0 if it is."`
	Schema       printSchema       `cmd:"" help:"Print the GraphQL schema."`
	Licenses     printLicenses     `cmd:"" help:"Print the licences of everything that the program is made of."`
	Key          keyFlags          `cmd:"" help:"Make a signing key, where there is none yet, for --signing-key; or rotate it."`
}

// results is standard output: what was asked for. remarks is standard error: everything else.
type (
	results struct{ io.Writer }
	remarks struct{ io.Writer }
)

type serveCommand struct{ config.Serve }

// Run serves the portal until the context ends.
func (c serveCommand) Run(ctx context.Context, stdout results, stderr remarks) error {
	return serve(ctx, c.Serve, stdout, stderr)
}

type printSchema struct{}

// Run prints the schema.
func (printSchema) Run(stdout results) error {
	_, err := io.WriteString(stdout, graph.SchemaText())
	return err
}

// errMisuse marks errors that are the fault of the command line.
var errMisuse = errors.New("misused")

// Run runs one command and returns its exit code. It prints results to stdout and everything else to
// stderr, and stops when the context ends.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return run(ctx, &commands{}, args, stdout, stderr)
}

// run is Run of a grammar. A command that has no method Run is an error.
func run(ctx context.Context, grammar any, args []string, stdout, stderr io.Writer) int {
	ctx, omitted := store.CountOmitted(ctx) // before ctx is bound: commands read under it
	exited := -1
	parser, err := newParser(ctx, grammar, stdout, stderr, func(code int) { exited = code })
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "memberportal:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help or --version has been printed
		return exited
	}
	if err != nil {
		return conclude(fmt.Errorf("%w: %w", errMisuse, err), omitted, stderr)
	}
	exit, asked, err := askServer(ctx, parsed.Selected(), stdout, stderr)
	switch {
	case !asked:
		err = parsed.Run(results{stdout}, remarks{stderr})
	case err == nil: // the server has printed everything
		return exit
	}
	return conclude(err, omitted, stderr)
}

// newParser makes a parser of a grammar. exit is called where --help or --version has been printed.
func newParser(ctx context.Context, grammar any, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(grammar, kong.Name("memberportal"), kong.Writers(stdout, stderr), kong.Vars{"version": version()},
		kong.Description("The membership portal: one GraphQL API for members, over one file or MongoDB. Every flag can be given as the environment variable beside it."),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(exit), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
}

// conclude says how a command ended, and gives its exit code.
func conclude(err error, omitted *store.Omitted, stderr io.Writer) int {
	if n := omitted.Count(); n > 0 {
		_, _ = fmt.Fprintf(stderr, "memberportal: %d damaged records were left out; memberportal check names them\n", n)
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errMisuse):
		_, _ = fmt.Fprintf(stderr, "memberportal: %v\nmemberportal --help says how it is used\n", err)
		return exitMisuse
	}
	_, _ = fmt.Fprintln(stderr, "memberportal:", err)
	return exitFailed
}
