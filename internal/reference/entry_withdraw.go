package reference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// WithdrawReferenceInput withdraws entries that are wrong, all or none of them.
type WithdrawReferenceInput struct {
	IDs    []kit.ID
	Reason string
}

// WithdrawReferencePayload has the result: Entries is nil if UserErrors is not empty. InvoicesKept is how many invoices of
// the years of these entries were issued before; they stay as they are.
type WithdrawReferencePayload struct {
	Entries      []*ReferenceEntry
	InvoicesKept *int
	UserErrors   []kit.UserError
}

// Withdraw takes entries back, on all their days: what they stood over holds there again. They stay on record.
// SECRETARIAT only. An entry that is withdrawn already, or without which a class is no fraction of the unit, is
// NOT_ALLOWED_IN_STATE.
func (s *ReferenceService) Withdraw(ctx context.Context, in WithdrawReferenceInput) (*WithdrawReferencePayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	payload := &WithdrawReferencePayload{}
	err := s.core.Write(ctx, "withdrawReference", func(ctx context.Context, note func(kit.Change)) error {
		if err := s.core.Touch(ctx, "reference"); err != nil {
			return err
		}
		all, err := s.all(ctx)
		if err != nil {
			return err
		}
		f, taken := kit.NewFaults(ctx), []*ReferenceEntry{}
		f.Some("input.ids", len(in.IDs))
		f.Text("input.reason", &in.Reason, 1000, true)
		last, by := lastOf(all), ReferenceWithdrawal{kit.DateTimeOf(s.core.Clock.Now()), kit.ActorOf(ctx).Subject, strings.TrimSpace(in.Reason)}
		for i, id := range in.IDs {
			path, at := fmt.Sprintf("input.ids.%d", i), slices.IndexFunc(all, func(e *ReferenceEntry) bool { return e.ID == id })
			switch {
			case at < 0:
				f.Add(kit.CodeUnknownReference, path, "unknownReference", nil)
			case all[at].Withdrawn != nil:
				f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.withdrawnEntry", nil)
			default:
				e := all[at]
				last++
				e.Withdrawn, e.Change = &by, last
				taken = append(taken, e)
			}
		}
		if len(f.List) == 0 {
			s.checkLeft(f, inForce(all))
		}
		if err := f.Err(); err != nil {
			return err
		}
		for _, e := range taken {
			if err := s.entries.Replace(ctx, e); err != nil {
				return err
			}
			note(kit.Changed(EntryNoun, e, kit.Updated, "withdrawn").Because(&by.Reason))
		}
		kept, err := s.invoicesKept(ctx, taken)
		payload.Entries, payload.InvoicesKept = taken, &kept
		return err
	})
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("an entry that was read is gone: %w", err)
		}
		faults, err := kit.UserErrorsOf(err)
		return &WithdrawReferencePayload{UserErrors: faults}, err
	}
	kit.Forget(ctx, tableKey{s})
	return payload, nil
}

// checkLeft adds a fault if tariffs that are left do not fit without those that are taken back.
func (s *ReferenceService) checkLeft(f *kit.Faults, left []*ReferenceEntry) {
	table := over(s.tariffs.Known(), left, s.core.Clock)
	var codes []string
	for _, t := range table.Tariffs {
		if t.Fraction == nil {
			continue
		}
		misfits := &kit.Faults{}
		if fitTariff(misfits, "", table, t); len(misfits.List) > 0 {
			codes = append(codes, t.Code)
		}
	}
	if codes != nil {
		slices.Sort(codes)
		f.Add(kit.CodeNotAllowedInState, "input.ids", "notAllowedInState.neededEntry", map[string]string{"classes": strings.Join(slices.Compact(codes), ", ")})
	}
}
