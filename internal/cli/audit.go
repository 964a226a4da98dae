package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

type auditFlags struct {
	onStore
	From  string `required:"" help:"The first day, in UTC." placeholder:"DATE"`
	Until string `help:"The last day, in UTC; left out, today." placeholder:"DATE"`
	CSV   bool   `name:"csv" help:"Print CSV with the columns id,day,actor,roles,operation,target,fields; left out, a line of JSON for each entry."`
}

// auditor is who the audit log is printed for: an operator, and not the secretariat.
var auditor = kit.Actor{Subject: operator.Subject, Roles: []kit.Role{kit.RoleOperator}}

// auditLine is an entry as an operator sees it.
type auditLine struct {
	ID        kit.ID     `json:"id"`
	Day       string     `json:"day"`
	Actor     kit.ID     `json:"actor"`
	Roles     []kit.Role `json:"roles"`
	Operation string     `json:"operation"`
	Target    kit.ID     `json:"target"`
	Fields    []string   `json:"fields"`
}

// cells are the line in CSV. No value can be taken for a formula: all are ids and names of the program.
func (l auditLine) cells() []string {
	return []string{string(l.ID), l.Day, string(l.Actor), strings.Join(kit.Strings(l.Roles), " "), l.Operation, string(l.Target), strings.Join(l.Fields, " ")}
}

// days reads the flags.
func (f auditFlags) days(today kit.Date) (from, until kit.Date, err error) {
	if from, err = kit.ParseDate(f.From); err != nil {
		return "", "", fmt.Errorf("%w: --from: %w", errMisuse, err)
	}
	if until = today; f.Until != "" {
		if until, err = kit.ParseDate(f.Until); err != nil {
			return "", "", fmt.Errorf("%w: --until: %w", errMisuse, err)
		}
	}
	if until < from {
		return "", "", fmt.Errorf("%w: --until %s is before --from %s", errMisuse, until, from)
	}
	return from, until, nil
}

// Run prints the entries of the audit log, earliest first, as operators see them.
func (f auditFlags) Run(ctx context.Context, stdout results) error {
	now, _, _, err := f.Time()
	if err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	from, until, err := f.days(kit.Date(now().UTC().Format("2006-01-02")))
	if err != nil {
		return err
	}
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal audit", false, sharedSecret(ctx))
	if err != nil {
		return err
	}
	lines, table := json.NewEncoder(stdout), csv.NewWriter(stdout)
	if f.CSV {
		err = table.Write([]string{"id", "day", "actor", "roles", "operation", "target", "fields"})
	}
	if err == nil {
		err = p.Audit.Between(kit.WithActor(ctx, auditor), from, until, func(all []*kit.AuditEntry) error {
			for _, e := range all {
				line := auditLine{e.ID, string(e.At[:len(kit.Never)]), e.Actor, list(e.Roles), e.Operation, e.TargetID, list(e.Fields)}
				var err error
				if f.CSV {
					err = table.Write(line.cells())
				} else {
					err = lines.Encode(line)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	table.Flush()
	return errors.Join(err, table.Error(), done())
}

// sharedSecret has the domain key ids as the server does, so that what is printed on two days, or answered by the
// API, can be compared.
func sharedSecret(ctx context.Context) func(*portal.Options) error {
	return func(o *portal.Options) (err error) {
		o.Secret, err = kit.ReadSecret(ctx, o.Store, func(string) {})
		return err
	}
}
