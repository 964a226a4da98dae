package seed

import (
	"context"
	"fmt"
	"strconv"

	"memberportal/internal/kit"
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
		var into *portal.Member
		if h.event == portal.Merged {
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
func (h happening) happen(ctx context.Context, p *portal.Portal, m, into *portal.Member) ([]kit.UserError, error) {
	id, version, why := m.ID, int(m.Version), demonstration
	switch h.event {
	case invoiceAnnual, invoiceJoining:
		return h.invoice(ctx, p, id)
	case portal.CategoryChanged:
		made, err := p.Members.ChangeCategory(ctx, portal.ChangeMembershipCategoryInput{
			ID: id, ExpectedVersion: version, EffectiveOn: h.on, Category: h.category, Sectors: h.sectors, StudyGroup: h.studyGroup, FeeClass: h.feeClass, Reason: why,
		})
		return made.UserErrors, err
	case portal.FeeClassChanged:
		in := portal.ChangeFeeClassInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, Reason: why}
		if h.feeClass != nil {
			in.FeeClass = *h.feeClass
		}
		made, err := p.Members.ChangeFeeClass(ctx, in)
		return made.UserErrors, err
	case portal.SectorsChanged:
		made, err := p.Members.ChangeSectors(ctx, portal.ChangeSectorsInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, Sectors: h.sectors, Reason: why})
		return made.UserErrors, err
	case portal.Merged:
		made, err := p.Members.Merge(ctx, portal.MergeMemberInput{ID: id, ExpectedVersion: version, Into: into.ID, EffectiveOn: h.on, Reason: &why})
		return made.UserErrors, err
	case portal.EventSuspended:
		made, err := p.Members.Suspend(ctx, portal.SuspendMemberInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, NoticeReceivedOn: &h.on, Reason: &why})
		return made.UserErrors, err
	case portal.EventExcluded:
		made, err := p.Members.Exclude(ctx, portal.ExcludeMemberInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, Reason: &why})
		return made.UserErrors, err
	case portal.WithdrawalNotified:
		made, err := p.Members.NotifyWithdrawal(ctx, portal.NotifyWithdrawalInput{ID: id, ExpectedVersion: version, NoticeOn: &h.on, ReasonCode: h.reason, Reason: &why})
		return made.UserErrors, err
	case portal.EventWithdrawn:
		made, err := p.Members.Withdraw(ctx, portal.WithdrawMemberInput{ID: id, ExpectedVersion: version, EffectiveOn: h.on, ReasonCode: h.reason, Reason: &why})
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
	in := portal.IssueInvoiceInput{Member: member, Year: year, Kind: portal.InvoiceJoining}
	if h.event == invoiceAnnual {
		in.Year, in.Kind = year+1, portal.InvoiceAnnual
	}
	made, err := p.Invoices.Issue(ctx, in)
	if err != nil {
		return nil, err
	}
	return made.UserErrors, nil
}
