package portal

import (
	"context"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// ErasureClass is personal data that is kept for a time and then erased. Registrations and persons are not
// classes: Erase handles them.
type ErasureClass struct {
	// Name is the name of the class in dry runs and in --json.
	Name string
	// Days is how long the data is kept, counted from what Since describes.
	Days  int
	Since string
	sweep func(ctx context.Context, p *Portal, before kit.Date, dry bool) (int, error)
}

// ErasureClasses lists every class. docs/operations.md shows this table, and a test compares them.
var ErasureClasses = []ErasureClass{
	{"applicants", 366, "the application was decided or withdrawn", withCore(applications.SweepApplicants)},
	{"applicationDrafts", 366, "the draft was last changed", withCore(applications.SweepApplicationDrafts)},
	{"feedbackDrafts", 366, "the draft was last changed", withCore(consultations.SweepFeedbackDrafts)},
	{"personsWithoutMandate", 90, "the record was made", func(ctx context.Context, p *Portal, before kit.Date, dry bool) (int, error) {
		return p.Registrations.SweepStrangers(ctx, before, dry)
	}},
	{"passkeys", 1, "the person was erased", func(ctx context.Context, p *Portal, before kit.Date, dry bool) (int, error) {
		return p.Passkeys.SweepErased(ctx, before, dry)
	}},
	{"pendingAddresses", 1, "the code for the address expired", withCore(people.SweepPendingAddresses)},
	{"formerContacts", 366, "the member left", withCore(membership.SweepFormerContacts)},
	{"invitations", 366, "the invitation ran out", withCore(events.SweepInvitations)},
	{"personInvitations", 30, "the link of the invitation ended", withCore(people.SweepPersonInvitations)},
	{"serviceFeedback", 731, "the feedback was given", withCore(consultations.SweepServiceFeedback)},
	{"mandateReasons", 366, "the mandate ended", withCore(people.SweepMandateReasons)},
	{"eventReasons", 366, "the retention date of the event", withCore(events.SweepEventReasons)},
	{"contributionReasons", 366, "the contribution last changed its status", withCore(events.SweepContributionReasons)},
	{"consultationReasons", 1096, "the consultation was closed", withCore(consultations.SweepConsultationReasons)},
	{"exemptionReasons", 1096, "the exemption was refused or ended", withCore(membership.SweepExemptionReasons)},
	{"requestReasons", 1096, "the change was asked for", withCore(membership.SweepRequestReasons)},
	{"invoiceTexts", 3653, "the invoice was issued", withCore(membership.SweepInvoiceTexts)},
	{"files", 1, "the file was taken by a record that names it no more", func(ctx context.Context, p *Portal, before kit.Date, dry bool) (int, error) {
		return p.Files.SweepUnnamed(ctx, before, dry)
	}},
	{"auditReasons", 1096, "the change was made", withCore(kit.SweepAuditReasons)},
}

// withCore makes a sweep from a function that needs no service.
func withCore(sweep func(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error)) func(context.Context, *Portal, kit.Date, bool) (int, error) {
	return func(ctx context.Context, p *Portal, before kit.Date, dry bool) (int, error) {
		return sweep(ctx, p.core, before, dry)
	}
}

// EraseClasses erases what is due in each of ErasureClasses, calls Tidy, and returns how many records of each
// class it erased. It skips damaged documents. With dry it only counts. It may be run again at any time.
// SECRETARIAT or OPERATOR.
func (p *Portal) EraseClasses(ctx context.Context, dry bool) (map[string]int, error) {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	done := map[string]int{}
	for _, class := range ErasureClasses {
		n, err := class.sweep(ctx, p, p.core.Clock.Today().AddDays(-class.Days), dry)
		if done[class.Name] = n; err != nil {
			return done, err
		}
	}
	if dry {
		return done, nil
	}
	return done, p.Tidy(ctx)
}
