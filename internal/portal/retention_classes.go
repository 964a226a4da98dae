package portal

import (
	"context"

	"memberportal/internal/kit"
)

// ErasureClass is something personal that is kept for a time and then erased, beside registrations and
// persons, which Erase knows.
type ErasureClass struct {
	// Name is what dry runs and --json call it.
	Name string
	// Days is how long it is kept after Since.
	Days  int
	Since string
	sweep func(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error)
}

// ErasureClasses are all of them. docs/operations.md shows this table, and a test holds it to that.
var ErasureClasses = []ErasureClass{
	{"applicants", 366, "the application was decided or withdrawn", sweepApplicants},
	{"applicationDrafts", 366, "the draft was last changed", sweepApplicationDrafts},
	{"feedbackDrafts", 366, "the draft was last changed", sweepFeedbackDrafts},
	{"personsWithoutMandate", 90, "the record was made", sweepStrangers},
	{"pendingAddresses", 1, "the code for the address expired", sweepPendingAddresses},
	{"formerContacts", 366, "the member left", sweepFormerContacts},
	{"invitations", 366, "the invitation ran out", sweepInvitations},
	{"serviceFeedback", 731, "the feedback was given", sweepServiceFeedback},
	{"mandateReasons", 366, "the mandate ended", sweepMandateReasons},
	{"eventReasons", 366, "the retention date of the event", sweepEventReasons},
	{"contributionReasons", 366, "the contribution last changed its status", sweepContributionReasons},
	{"consultationReasons", 1096, "the consultation was closed", sweepConsultationReasons},
	{"exemptionReasons", 1096, "the exemption was refused or ended", sweepExemptionReasons},
	{"requestReasons", 1096, "the change was asked for", sweepRequestReasons},
	{"invoiceTexts", 3653, "the invoice was issued", sweepInvoiceTexts},
	{"auditReasons", 1096, "the change was made", kit.SweepAuditReasons},
}

// EraseClasses erases what ErasureClasses say, and what Tidy removes, and gives how many records of each
// class were erased. It goes on past damaged documents. With dry it only counts. It may be run again at any
// time. SECRETARIAT or OPERATOR.
func (p *Portal) EraseClasses(ctx context.Context, dry bool) (map[string]int, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	done := map[string]int{}
	for _, class := range ErasureClasses {
		n, err := class.sweep(ctx, p.core, p.core.Clock.Today().AddDays(-class.Days), dry)
		if done[class.Name] = n; err != nil {
			return done, err
		}
	}
	if dry {
		return done, nil
	}
	return done, p.Tidy(ctx)
}
