package applications

import (
	"cmp"
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// ApplicationNextStepKind is what has to happen next on the way from an application to an active member.
type ApplicationNextStepKind string

// The steps. NONE is for an application that was objected to or withdrawn, and for a member that has a focal point or
// is no longer on this way.
const (
	NextCompleteAndSubmit     ApplicationNextStepKind = "COMPLETE_AND_SUBMIT"
	NextWaitForAdministration ApplicationNextStepKind = "WAIT_FOR_ADMINISTRATION"
	NextWaitForSecretariat    ApplicationNextStepKind = "WAIT_FOR_SECRETARIAT"
	NextGiveInformation       ApplicationNextStepKind = "GIVE_INFORMATION"
	NextWaitForExemption      ApplicationNextStepKind = "WAIT_FOR_EXEMPTION"
	NextWaitForInvoice        ApplicationNextStepKind = "WAIT_FOR_INVOICE"
	NextPayInvoice            ApplicationNextStepKind = "PAY_INVOICE"
	NextWaitForActivation     ApplicationNextStepKind = "WAIT_FOR_ACTIVATION"
	NextWaitForInvitation     ApplicationNextStepKind = "WAIT_FOR_INVITATION"
	NextAcceptInvitation      ApplicationNextStepKind = "ACCEPT_INVITATION"
	NextNone                  ApplicationNextStepKind = "NONE"
)

// ApplicationNextStepKinds lists every step, as the schema's enum does.
var ApplicationNextStepKinds = []ApplicationNextStepKind{
	NextCompleteAndSubmit, NextWaitForAdministration, NextWaitForSecretariat, NextGiveInformation, NextWaitForExemption, NextWaitForInvoice,
	NextPayInvoice, NextWaitForActivation, NextWaitForInvitation, NextAcceptInvitation, NextNone,
}

// acts returns the role that has to act at a step; empty for NONE.
func (k ApplicationNextStepKind) acts() kit.Role {
	switch k {
	case NextCompleteAndSubmit, NextGiveInformation, NextPayInvoice, NextAcceptInvitation:
		return kit.RoleApplicant
	case NextWaitForAdministration:
		return kit.RoleAdministration
	case NextNone:
		return ""
	}
	return kit.RoleSecretariat
}

// label says in a language what has to happen.
func (k ApplicationNextStepKind) label(l kit.Locale) string {
	switch k {
	case NextCompleteAndSubmit:
		return kit.Message(l, "nextStep.completeAndSubmit", nil)
	case NextWaitForAdministration:
		return kit.Message(l, "nextStep.waitForAdministration", nil)
	case NextWaitForSecretariat:
		return kit.Message(l, "nextStep.waitForSecretariat", nil)
	case NextGiveInformation:
		return kit.Message(l, "nextStep.giveInformation", nil)
	case NextWaitForExemption:
		return kit.Message(l, "nextStep.waitForExemption", nil)
	case NextWaitForInvoice:
		return kit.Message(l, "nextStep.waitForInvoice", nil)
	case NextPayInvoice:
		return kit.Message(l, "nextStep.payInvoice", nil)
	case NextWaitForActivation:
		return kit.Message(l, "nextStep.waitForActivation", nil)
	case NextWaitForInvitation:
		return kit.Message(l, "nextStep.waitForInvitation", nil)
	case NextAcceptInvitation:
		return kit.Message(l, "nextStep.acceptInvitation", nil)
	}
	return kit.Message(l, "nextStep.none", nil)
}

// ApplicationNextStep is the next step, with its label in the language of the request. Role has to act; nil if nobody
// has to.
type ApplicationNextStep struct {
	Kind  ApplicationNextStepKind
	Label string
	Role  *kit.Role
}

// ApplicationInvoice is the joining invoice as its applicant sees it: without a global id, because the member's
// invoices are for its focal points.
type ApplicationInvoice struct {
	// Number is what a payment names.
	Number      string
	Year        int
	Kind        membership.InvoiceKind
	FeeClasses  []string
	Amount      kit.Money
	Paid        kit.Money
	Outstanding kit.Money
	State       membership.InvoiceState
	IssuedOn    kit.Date
	// DueOn is nil if no day was set.
	DueOn   *kit.Date
	Overdue bool
	// PayTo says how to pay; nil if the secretariat tells it.
	PayTo *string
	// PrintPath is the path of the invoice to print.
	PrintPath string
}

// road is how far an approved application has come.
type road struct {
	status   membership.MembershipStatus
	exempt   bool
	asked    bool
	invoice  *membership.Invoice
	invited  people.PersonInvitationState
	approved bool
}

// roadOf reads how far an application has come, without checking the caller's rights: whoever sees an application may
// know. All applications of a page are read together.
func (s *ApplicationService) roadOf(ctx context.Context, a *Application) (road, error) {
	return kit.Neighbour(ctx, a.with, "road", a, func(ctx context.Context, all []*Application) ([]road, error) {
		var ids []kit.ID
		addresses := map[kit.ID]string{}
		for _, a := range all {
			if a.Status == ApplicationApproved && a.MemberID != nil {
				ids = append(ids, *a.MemberID)
				if a.Contact != nil {
					addresses[*a.MemberID] = a.Contact.Email
				}
			}
		}
		roads := make([]road, len(all))
		if len(ids) == 0 {
			return roads, nil
		}
		members, err := s.members.Stored(ctx, ids)
		if err != nil {
			return nil, err
		}
		invoices, err := s.invoices.JoiningOf(ctx, ids)
		if err != nil {
			return nil, err
		}
		asked, err := s.exemptions.Asked(ctx, ids)
		if err != nil {
			return nil, err
		}
		invited, err := s.invitations.ToFocalPoint(ctx, addresses)
		if err != nil {
			return nil, err
		}
		for i, a := range all {
			at := slices.Index(ids, kit.ID(kit.Deref(a.MemberID)))
			if a.Status != ApplicationApproved || at < 0 || members[at] == nil {
				continue
			}
			is := members[at].On(s.core.Clock.Today())
			roads[i] = road{is.Status, is.ExemptUntil != "", asked[ids[at]], invoices[ids[at]], invited[ids[at]], true}
		}
		return roads, nil
	})
}

// next returns the step of an approved application.
func (r road) next() ApplicationNextStepKind {
	switch {
	case !r.approved:
		return NextNone
	case r.status == membership.PendingActivation:
		return r.untilActivation()
	case r.status != membership.Active:
		return NextNone
	case r.invited == people.InvitationOpen:
		return NextAcceptInvitation
	case r.invited != "":
		return NextWaitForInvitation
	}
	return NextNone
}

func (r road) untilActivation() ApplicationNextStepKind {
	switch {
	case r.invoice != nil && r.invoice.State() == membership.InvoiceOpen && !r.exempt:
		return NextPayInvoice
	case r.invoice != nil || r.exempt:
		return NextWaitForActivation
	case r.asked:
		return NextWaitForExemption
	}
	return NextWaitForInvoice
}

// NextStep returns what has to happen next until the organisation is an active member with a focal point, and who has to
// act.
func (s *ApplicationService) NextStep(ctx context.Context, a *Application) (*ApplicationNextStep, error) {
	kind := NextNone
	switch a.awaits() {
	case kit.RoleApplicant:
		if kind = NextGiveInformation; a.Status == ApplicationDraft {
			kind = NextCompleteAndSubmit
		}
	case kit.RoleAdministration:
		kind = NextWaitForAdministration
	case kit.RoleSecretariat:
		kind = NextWaitForSecretariat
	default:
		r, err := s.roadOf(ctx, a)
		if err != nil {
			return nil, err
		}
		kind = r.next()
	}
	return &ApplicationNextStep{kind, kind.label(kit.LocaleOf(ctx)), kit.Optional(kind.acts())}, nil
}

// JoiningInvoice returns the invoice that has to be paid before the membership begins; nil before it is issued. Whoever
// sees the application may see it.
func (s *ApplicationService) JoiningInvoice(ctx context.Context, a *Application) (*ApplicationInvoice, error) {
	r, err := s.roadOf(ctx, a)
	if err != nil || r.invoice == nil {
		return nil, err
	}
	i := r.invoice
	return &ApplicationInvoice{
		Number: cmp.Or(kit.Deref(i.Number), string(i.ID)), Year: i.Year, Kind: i.Kind, FeeClasses: i.FeeClasses, Amount: i.Amount, Paid: i.Paid(), Outstanding: i.Outstanding(), State: i.State(),
		IssuedOn: i.IssuedOn, DueOn: i.DueOn, Overdue: i.Overdue(), PayTo: i.PayTo(), PrintPath: InvoicePaper(a.ID),
	}, nil
}

// InvoicePaper is the path of the joining invoice of an application, to print.
func InvoicePaper(id kit.ID) string { return "/applications/" + string(id) + "/invoice" }

// Paper returns the joining invoice of an application with the member that owes it, to be printed; nil if there is none or
// the caller may not see the application.
func (s *ApplicationService) Paper(ctx context.Context, id kit.ID) (*membership.Invoice, *membership.Member, error) {
	a, err := kit.One(ctx, s.ByIDs, id)
	if err != nil || a == nil {
		return nil, nil, err
	}
	r, err := s.roadOf(ctx, a)
	if err != nil || r.invoice == nil {
		return nil, nil, err
	}
	became, err := s.members.KnownEntities(ctx, []kit.ID{*a.MemberID})
	if err != nil {
		return nil, nil, err
	}
	m, _ := became[0].(*membership.Member) // nil if the record is damaged
	return r.invoice, m, nil
}
