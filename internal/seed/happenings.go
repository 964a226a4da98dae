package seed

import (
	"context"
	"fmt"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
)

// demonstration is the reason that every event of a demonstration member gives.
const demonstration = "Demonstration record"

// goOn records what happened to member number i since it was admitted and activated, each event on its
// day. The ids are no part of those of its chunk, so that a line more in the file changes no other member.
func (o Options) goOn(ctx context.Context, i int, r record, among places) error {
	if len(r.later) == 0 {
		return nil
	}
	p, clock, err := o.portal(fmt.Sprint("history of member ", i))
	if err != nil {
		return err
	}
	for _, h := range r.later {
		*clock = nineOn(h.on)
		m, err := find(ctx, p, r)
		if err != nil {
			return err
		}
		var into *membership.Member
		if h.event == membership.Merged {
			if into, err = find(ctx, p, among.record(h.into)); err != nil || into == nil {
				return fmt.Errorf("histories.csv, line %d: member %d is not there: %w", h.line, h.into, err)
			}
		}
		faults, err := h.happen(ctx, p, m, into)
		if err == nil && len(faults) > 0 {
			err = fmt.Errorf("%v", faults)
		}
		if err != nil {
			return fmt.Errorf("histories.csv, line %d: %w", h.line, err)
		}
	}
	return nil
}

// happen records the event of a member on the day of the clock. Into is the member that takes it over,
// nil for any other event.
func (h happening) happen(ctx context.Context, p *portal.Portal, m, into *membership.Member) ([]kit.UserError, error) {
	id, version, why := m.ID, int(m.Version), demonstration
	switch h.event {
	case invoiceAnnual, invoiceJoining:
		return h.invoice(ctx, p, id)
	case membership.CategoryChanged:
		made, err := p.Members.ChangeCategory(ctx, membership.ChangeMembershipCategoryInput{
			ID: id, ExpectedVersion: version, EffectiveOn: h.on, Category: h.category, Sectors: h.sectors, StudyGroup: h.studyGroup, FeeClass: h.feeClass, Reason: why,
		})
		return made.UserErrors, err
	case membership.FeeClassChanged:
		in := membership.ChangeFeeClassInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, Reason: why}
		if h.feeClass != nil {
			in.FeeClass = *h.feeClass
		}
		made, err := p.Members.ChangeFeeClass(ctx, in)
		return made.UserErrors, err
	case membership.SectorsChanged:
		made, err := p.Members.ChangeSectors(ctx, membership.ChangeSectorsInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, Sectors: h.sectors, Reason: why})
		return made.UserErrors, err
	case membership.Merged:
		made, err := p.Members.Merge(ctx, membership.MergeMemberInput{ID: id, ExpectedVersion: version, Into: into.ID, EffectiveOn: h.on, Reason: &why})
		return made.UserErrors, err
	case membership.EventSuspended:
		made, err := p.Members.Suspend(ctx, membership.SuspendMemberInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, NoticeReceivedOn: &h.on, Reason: &why})
		return made.UserErrors, err
	case membership.EventExcluded:
		made, err := p.Members.Exclude(ctx, membership.ExcludeMemberInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, Reason: &why})
		return made.UserErrors, err
	case membership.WithdrawalNotified:
		made, err := p.Members.NotifyWithdrawal(ctx, membership.NotifyWithdrawalInput{ID: id, ExpectedVersion: version, NoticeOn: &h.on, ReasonCode: h.reason, Reason: &why})
		return made.UserErrors, err
	case membership.EventWithdrawn:
		made, err := p.Members.Withdraw(ctx, membership.WithdrawMemberInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, ReasonCode: h.reason, Reason: &why})
		return made.UserErrors, err
	}
	return nil, fmt.Errorf("nobody records %s", h.event)
}

// invoice issues the joining invoice of the year, or the annual invoice of the next one, which is issued
// ahead.
func (h happening) invoice(ctx context.Context, p *portal.Portal, member kit.ID) ([]kit.UserError, error) {
	year, err := strconv.Atoi(string(h.on[:4]))
	if err != nil {
		return nil, err
	}
	in := membership.IssueInvoiceInput{Member: member, Year: year, Kind: membership.InvoiceJoining}
	if h.event == invoiceAnnual {
		in.Year, in.Kind = year+1, membership.InvoiceAnnual
	}
	made, err := p.Invoices.Issue(ctx, in)
	if err != nil {
		return nil, err
	}
	return made.UserErrors, nil
}
