package applications

import (
	"context"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ApplicationExemption is the wish of an applicant to pay no fees. An approval makes it a request that the Council
// decides (No. 476 of the Convention).
type ApplicationExemption struct {
	Criteria []membership.CriterionAnswer `bson:"criteria" most:"50"`
	Evidence []string                     `bson:"evidence" most:"20"`
}

// SmeClaim says why an organisation is a small or medium enterprise: by which criteria, and what shows it.
type SmeClaim struct {
	Grounds  string   `bson:"grounds"`
	Evidence []string `bson:"evidence" most:"20"`
}

// ApplicationExemptionInput asks for an exemption. A submission must answer every criterion once, with evidence.
type ApplicationExemptionInput struct {
	Criteria []membership.CriterionAnswerInput
	Evidence []string
}

// SmeClaimInput says why an organisation is a small or medium enterprise.
type SmeClaimInput struct {
	Grounds  string
	Evidence []string
}

func (in *ApplicationExemptionInput) check(f *kit.Faults) {
	seen := map[membership.ExemptionCriterion]bool{}
	for i, c := range in.Criteria {
		path := "input.exemption.criteria." + strconv.Itoa(i)
		if seen[c.Criterion] {
			f.Add(kit.CodeDuplicate, path+".criterion", "duplicate.entry", nil)
		}
		seen[c.Criterion] = true
		f.Text(path+".note", c.Note, 1000, true)
	}
	checkLines(f, "input.exemption.evidence", in.Evidence)
}

func (in *SmeClaimInput) check(f *kit.Faults) {
	f.Text("input.smeClaim.grounds", &in.Grounds, 2000, true)
	checkLines(f, "input.smeClaim.evidence", in.Evidence)
}

func checkLines(f *kit.Faults, path string, lines []string) {
	for i := range lines {
		f.Line(path+"."+strconv.Itoa(i), &lines[i], 500, true)
	}
}

// stored returns the wish as it is stored; nil for none.
func (in *ApplicationExemptionInput) stored() *ApplicationExemption {
	if in == nil {
		return nil
	}
	return &ApplicationExemption{kit.Map(in.Criteria, func(c membership.CriterionAnswerInput) membership.CriterionAnswer {
		return membership.CriterionAnswer(c)
	}), in.Evidence}
}

// completeFee adds a fault for what a wish for an exemption or for the reduced fee of small and medium enterprises
// lacks, and for a reduced fee that the membership does not have.
func (s *ApplicationService) completeFee(ctx context.Context, f *kit.Faults, a *Application) error {
	if x := a.Exemption; x != nil {
		answered := map[membership.ExemptionCriterion]bool{}
		for _, c := range x.Criteria {
			answered[c.Criterion] = true
		}
		for _, c := range membership.ExemptionCriteria {
			if !answered[c] {
				f.Add(kit.CodeRequired, "input.exemption.criteria", "required.criterion", map[string]string{"criterion": string(c)})
			}
		}
		f.Some("input.exemption.evidence", len(x.Evidence))
	}
	if !a.Sme || a.Source != nil {
		return nil
	}
	if a.SmeClaim == nil {
		f.Add(kit.CodeRequired, "input.smeClaim", "required", nil)
	} else {
		f.Some("input.smeClaim.evidence", len(a.SmeClaim.Evidence))
	}
	if f.Err() != nil {
		return nil
	}
	class, err := s.smeClass(ctx, a)
	if err == nil && class == nil && a.FeeClass == nil {
		f.Add(kit.CodeInvalid, "input.sme", "invalid.sme", nil)
	}
	return err
}

// smeClass returns the code of the reduced fee of small and medium enterprises that is open to the organisation today;
// nil if none is.
func (s *ApplicationService) smeClass(ctx context.Context, a *Application) (*string, error) {
	quote, refused, err := s.quote(ctx, a)
	if err != nil || refused != nil {
		return nil, err
	}
	for _, step := range quote.Steps {
		if step.Tariff != nil && step.Tariff.Kind == membership.TariffSME {
			return &step.Tariff.Code, nil
		}
	}
	return nil, nil
}

// charge issues the joining invoice of a new member, in the same transaction, and tells the applicant of it; or it records
// the request for an exemption, during which nothing is invoiced. If the tariffs have no amount, a run of invoices issues
// it once they have one.
func (s *ApplicationService) charge(ctx context.Context, note func(kit.Change), a *Application, m *membership.Member) error {
	if x := a.Exemption; x != nil {
		by := a.submitter()
		if by == "" {
			by = kit.ActorOf(ctx).Subject
		}
		return s.exemptions.RequestFor(ctx, note, m, x.Criteria, x.Evidence, by)
	}
	today := s.core.Clock.Today()
	i, err := s.invoices.IssueTo(ctx, note, m, membership.InvoiceJoining, today.Year(), today)
	if err != nil || i == nil || a.Contact == nil {
		return err
	}
	return s.core.PostAll(ctx, []kit.Posting{a.posting(s.invoices.IssuedLetter(i))}) // the store does not know yet whose member it is
}
