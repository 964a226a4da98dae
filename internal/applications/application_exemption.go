package applications

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ApplicationExemption is the wish of an applicant to pay no fees. An approval makes it a request that the Council
// decides (No. 476 of the Convention), and gives the files to that request.
type ApplicationExemption struct {
	Criteria []membership.CriterionAnswer `bson:"criteria" most:"50"`
	Evidence []string                     `bson:"evidence" most:"20"`
	// StoredEvidenceFiles are nil if there are none.
	StoredEvidenceFiles []files.File `bson:"evidenceFiles,omitempty" most:"10"`
}

// EvidenceFiles returns the files that the wish has as evidence.
func (x *ApplicationExemption) EvidenceFiles() []files.File {
	return append([]files.File{}, x.StoredEvidenceFiles...)
}

// SmeClaim says why an organisation is a small or medium enterprise: by which criteria, and what shows it.
type SmeClaim struct {
	Grounds  string   `bson:"grounds"`
	Evidence []string `bson:"evidence" most:"20"`
	// StoredEvidenceFiles are nil if there are none.
	StoredEvidenceFiles []files.File `bson:"evidenceFiles,omitempty" most:"10"`
}

// EvidenceFiles returns the files that the claim has as evidence.
func (c *SmeClaim) EvidenceFiles() []files.File {
	return append([]files.File{}, c.StoredEvidenceFiles...)
}

// ApplicationExemptionInput asks for an exemption. A submission must answer every criterion once, with evidence.
type ApplicationExemptionInput struct {
	Criteria      []membership.CriterionAnswerInput
	Evidence      []string
	EvidenceFiles []kit.ID
}

// SmeClaimInput says why an organisation is a small or medium enterprise. A submission needs evidence.
type SmeClaimInput struct {
	Grounds       string
	Evidence      []string
	EvidenceFiles []kit.ID
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

// stored returns the wish as it is stored, with its files; nil for none.
func (in *ApplicationExemptionInput) stored(f *kit.Faults, offers *files.Offers) *ApplicationExemption {
	if in == nil {
		return nil
	}
	criteria := kit.Map(in.Criteria, func(c membership.CriterionAnswerInput) membership.CriterionAnswer {
		return membership.CriterionAnswer(c)
	})
	return &ApplicationExemption{criteria, in.Evidence, offers.TakeFiles(f, "input.exemption.evidenceFiles", in.EvidenceFiles, files.OfRecord)}
}

// stored returns the claim as it is stored, with its files; nil for none.
func (in *SmeClaimInput) stored(f *kit.Faults, offers *files.Offers) *SmeClaim {
	if in == nil {
		return nil
	}
	return &SmeClaim{in.Grounds, in.Evidence, offers.TakeFiles(f, "input.smeClaim.evidenceFiles", in.EvidenceFiles, files.OfRecord)}
}

// has says whether a file is evidence of the wish, which may be nil. An approval takes these files away from the
// application, so none of them may be one of its papers.
func (x *ApplicationExemption) has(file *files.File) bool {
	return x != nil && file != nil && slices.ContainsFunc(x.StoredEvidenceFiles, func(mine files.File) bool { return mine.ID == file.ID })
}

// apart adds a DUPLICATE for each file that the input makes evidence of an exemption and a paper of the application.
func (in SaveApplicationInput) apart(f *kit.Faults, a *Application) {
	check := func(path string, file *files.File) {
		if a.Exemption.has(file) {
			f.Add(kit.CodeDuplicate, path, "duplicate.entry", nil)
		}
	}
	if in.Exemption.Value != nil {
		for _, p := range a.keptFiles(a.StoredDueDiligence) {
			check("input.exemption.evidenceFiles."+strconv.Itoa(slices.Index(in.Exemption.Value.EvidenceFiles, p.ID)), p)
		}
		return
	}
	if in.Form.Value != nil {
		check("input.form.source.file", a.Form.File)
	}
	if in.Papers.Set {
		for i, p := range a.Papers {
			check("input.papers."+strconv.Itoa(i)+".source.file", p.File)
		}
	}
	if in.SmeClaim.Value != nil {
		for i := range a.SmeClaim.StoredEvidenceFiles {
			check("input.smeClaim.evidenceFiles."+strconv.Itoa(i), &a.SmeClaim.StoredEvidenceFiles[i])
		}
	}
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
		f.Some("input.exemption.evidence", len(x.Evidence)+len(x.StoredEvidenceFiles))
	}
	if !a.Sme || a.Source != nil {
		return nil
	}
	if a.SmeClaim == nil {
		f.Add(kit.CodeRequired, "input.smeClaim", "required", nil)
	} else {
		f.Some("input.smeClaim.evidence", len(a.SmeClaim.Evidence)+len(a.SmeClaim.StoredEvidenceFiles))
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
// the request for an exemption, which takes the files of the wish and during which nothing is invoiced. If the tariffs have no amount, a run of invoices issues
// it once they have one.
func (s *ApplicationService) charge(ctx context.Context, note func(kit.Change), a *Application, m *membership.Member) error {
	if x := a.Exemption; x != nil {
		by := a.submitter()
		if by == "" {
			by = kit.ActorOf(ctx).Subject
		}
		evidence := x.StoredEvidenceFiles
		x.StoredEvidenceFiles = nil
		return s.exemptions.RequestFor(ctx, note, m, x.Criteria, x.Evidence, evidence, by)
	}
	today := s.core.Clock.Today()
	i, err := s.invoices.IssueTo(ctx, note, m, membership.InvoiceJoining, today.Year(), today)
	if err != nil || i == nil || a.Contact == nil {
		return err
	}
	return s.core.PostAll(ctx, []kit.Posting{a.posting(s.invoices.IssuedLetter(i))}) // the store does not know yet whose member it is
}
