package applications

import (
	"context"
	"regexp"
	"strconv"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ApplicationContactInput is the person who answers for an application. It has no e-mail address, because the
// verified one cannot be changed.
type ApplicationContactInput struct {
	Name     *string
	Function *string
	Phone    *string
}

// ApplicationPaperInput is a document: a file, or a link with the checksum of what is behind it.
type ApplicationPaperInput struct {
	Title  string
	Source files.DocumentSourceInput
	Sha256 *string
}

// maxDiligenceText bounds an answer and a conflict statement, in characters.
const (
	maxDiligenceText = 5000
)

var checksumForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// paper checks a document and returns it as it is stored: its title, its link or file, and the checksum, which a link
// needs and a file must not have.
func paper(f *kit.Faults, path string, in ApplicationPaperInput, offers *files.Offers) ApplicationPaper {
	f.Line(path+".title", &in.Title, 200, true)
	p := ApplicationPaper{Title: in.Title, StoredSha256: kit.Deref(in.Sha256)}
	p.StoredURL, p.File = offers.Take(f, path+".source", in.Source, files.OfRecord)
	switch {
	case p.File == nil && in.Sha256 == nil:
		f.Add(kit.CodeRequired, path+".sha256", "required", nil)
	case p.File != nil && in.Sha256 != nil:
		f.Add(kit.CodeInvalid, path+".sha256", "invalid.sha256OfFile", nil)
	case in.Sha256 != nil && !checksumForm.MatchString(*in.Sha256):
		f.Add(kit.CodeInvalid, path+".sha256", "invalid.checksum", nil)
	}
	return p
}

func papers(f *kit.Faults, path string, in []ApplicationPaperInput, offers *files.Offers) []ApplicationPaper {
	all := make([]ApplicationPaper, len(in))
	for i := range in {
		all[i] = paper(f, path+"."+strconv.Itoa(i), in[i], offers)
	}
	return all
}

func sourceOf(p ApplicationPaperInput) files.DocumentSourceInput { return p.Source }

// sources are where the documents of the input are.
func (in SaveApplicationInput) sources() []files.DocumentSourceInput {
	list, _ := kit.Given(in.Papers)
	all := kit.Map(list, sourceOf)
	if in.Form.Value != nil {
		all = append(all, in.Form.Value.Source)
	}
	if in.Exemption.Value != nil {
		all = append(all, files.Sources(in.Exemption.Value.EvidenceFiles)...)
	}
	if in.SmeClaim.Value != nil {
		all = append(all, files.Sources(in.SmeClaim.Value.EvidenceFiles)...)
	}
	return all
}

// check checks the fields that were given; it does not look for missing ones.
func (in SaveApplicationInput) check(f *kit.Faults, s *ApplicationService) {
	f.Line("input.name", in.Name.Value, 300, true)
	f.Line("input.feeClass", in.FeeClass.Value, 50, true)
	if id, ok := kit.Given(in.Country); ok && s.countries.Get(id) == nil {
		f.Add(kit.CodeUnknownReference, "input.country", "unknownReference.country", nil)
	}
	for _, flag := range []struct {
		path string
		o    kit.Opt[bool]
	}{{"input.international", in.International}, {"input.sme", in.Sme}} {
		if flag.o.Set && flag.o.Value == nil {
			f.Add(kit.CodeRequired, flag.path, "required", nil)
		}
	}
	if in.Language.Set && in.Language.Value == nil {
		f.Add(kit.CodeRequired, "input.language", "required", nil)
	}
	if contact, ok := kit.Given(in.Contact); ok {
		f.Line("input.contact.name", contact.Name, 200, true)
		f.Line("input.contact.function", contact.Function, 200, true)
		f.Line("input.contact.phone", contact.Phone, 50, true)
	}
	if in.SmeClaim.Value != nil {
		in.SmeClaim.Value.check(f)
	}
	if in.Exemption.Value != nil {
		in.Exemption.Value.check(f)
	}
}

// write checks the input, changes the application, takes the files that the input names, and returns the names of the
// fields that changed.
func (s *ApplicationService) write(ctx context.Context, in SaveApplicationInput, a *Application, f *kit.Faults) ([]string, error) {
	in.check(f, s)
	offers, err := s.files.Offered(ctx, a.ID, in.sources()...)
	if err != nil {
		return nil, err
	}
	fields := in.apply(a, f, offers)
	in.apart(f, a)
	if f.Err() != nil {
		return nil, nil
	}
	return fields, offers.Keep(ctx)
}

// apply changes the application, adds the faults of its documents, and returns the names of the fields that changed.
func (in SaveApplicationInput) apply(a *Application, f *kit.Faults, offers *files.Offers) []string {
	var fields []string
	kit.ApplyText(&fields, "name", in.Name, &a.Name)
	kit.ApplyText(&fields, "feeClass", in.FeeClass, &a.FeeClass)
	applyOptional(&fields, "category", in.Category, &a.Category)
	applyOptional(&fields, "studyGroup", in.StudyGroup, &a.StudyGroup)
	applyOptional(&fields, "country", in.Country, &a.CountryID)
	applyGiven(&fields, "international", in.International, &a.International)
	applyGiven(&fields, "sme", in.Sme, &a.Sme)
	applyGiven(&fields, "language", in.Language, &a.Language)
	kit.ApplyList(&fields, "sectors", in.Sectors, &a.Sectors, func(s membership.Sector) membership.Sector { return s })
	if in.Form.Set {
		var form *ApplicationPaper
		if in.Form.Value != nil {
			form = new(paper(f, "input.form", *in.Form.Value, offers))
		}
		kit.Become(&fields, "form", &a.Form, form)
	}
	if in.Papers.Set {
		list, _ := kit.Given(in.Papers)
		kit.Become(&fields, "papers", &a.Papers, papers(f, "input.papers", list, offers))
	}
	if in.SmeClaim.Set {
		kit.Become(&fields, "smeClaim", &a.SmeClaim, in.SmeClaim.Value.stored(f, offers))
	}
	if in.Exemption.Set {
		kit.Become(&fields, "exemption", &a.Exemption, in.Exemption.Value.stored(f, offers))
	}
	if in.Contact.Set && a.Contact != nil {
		contact, _ := kit.Given(in.Contact)
		kit.Become(&fields, "contact", a.Contact, ApplicationContact{a.Contact.Email, kit.Trimmed(contact.Name), kit.Trimmed(contact.Function), kit.Trimmed(contact.Phone)})
	}
	return fields
}

// applyOptional changes a value; null removes it.
func applyOptional[T any](fields *[]string, name string, o kit.Opt[T], to **T) {
	if o.Set {
		kit.Become(fields, name, to, o.Value)
	}
}

// applyGiven changes a value that cannot be removed.
func applyGiven[T any](fields *[]string, name string, o kit.Opt[T], to *T) {
	if v, ok := kit.Given(o); ok {
		kit.Become(fields, name, to, v)
	}
}

// complete adds a fault for each thing that an application lacks for a decision, and for what does not fit
// together, by the rules of an admission. An imported application needs neither contact nor form; its flags say
// that they are missing.
func (s *ApplicationService) complete(ctx context.Context, f *kit.Faults, a *Application) error {
	before := len(f.List)
	missing := func(path string, is bool) {
		if is {
			f.Add(kit.CodeRequired, path, "required", nil)
		}
	}
	missing("input.name", a.Name == nil)
	missing("input.category", a.Category == nil)
	if a.Source == nil {
		missing("input.contact.name", a.Contact == nil || a.Contact.Name == nil)
		missing("input.contact.function", a.Contact == nil || a.Contact.Function == nil)
		missing("input.form", a.Form == nil)
	}
	switch {
	case a.CountryID == nil && !a.International:
		f.Add(kit.CodeRequired, "input.country", "required.applicantCountry", nil)
	case a.CountryID != nil && a.International:
		f.Add(kit.CodeInvalid, "input.country", "invalid.applicantCountry", nil)
	}
	if a.Category == nil {
		return nil
	}
	terms := a.membershipTerms()
	terms.Check(f)
	if a.FeeClass != nil && len(f.List) == before {
		table, err := s.tariffs.Table(ctx)
		if err != nil {
			return err
		}
		s.members.FeeClass(f, table, a.membership(terms), a.FeeClass, s.core.Clock.Today())
	}
	return s.completeFee(ctx, f, a)
}

// membershipTerms returns the terms for which the organisation applies.
func (a *Application) membershipTerms() membership.MembershipTerms {
	t := membership.MembershipTerms{Category: *a.Category, StudyGroup: a.StudyGroup}
	if len(a.Sectors) > 0 {
		t.Sectors = a.Sectors
	}
	return t
}

// membership returns the membership that the organisation would have.
func (a *Application) membership(terms membership.MembershipTerms) membership.Membership {
	return membership.Membership{
		Category: terms.Category, Country: kit.ID(kit.Deref(a.CountryID)),
		Sectors: kit.Map(terms.Held(), func(s membership.Sector) membership.MembershipSector { return membership.MembershipSector{Sector: s} }),
	}
}

// ApplicationFlag says what is incomplete in a record.
type ApplicationFlag string

// The flags, in the order in which Flags returns them.
const (
	FlagNoStudyGroup   ApplicationFlag = "NO_STUDY_GROUP"
	FlagNoContact      ApplicationFlag = "NO_CONTACT"
	FlagNoForm         ApplicationFlag = "NO_FORM"
	FlagDayNotInSource ApplicationFlag = "SUBMISSION_DATE_NOT_IN_SOURCE"
)

// ApplicationFlags lists every flag, as the schema's enum does.
var ApplicationFlags = []ApplicationFlag{FlagNoStudyGroup, FlagNoContact, FlagNoForm, FlagDayNotInSource}

// Flags returns what is incomplete in an application that was submitted; a draft has no flags.
func (a *Application) Flags() []ApplicationFlag {
	flags := []ApplicationFlag{}
	if a.SubmittedOn == nil {
		return flags
	}
	for _, flag := range []struct {
		flag ApplicationFlag
		is   bool
	}{
		{FlagNoStudyGroup, kit.Deref(a.Category) == string(membership.Associate) && a.StudyGroup == nil}, {FlagNoContact, a.Contact == nil},
		{FlagNoForm, a.Form == nil}, {FlagDayNotInSource, a.DayUnknown},
	} {
		if flag.is {
			flags = append(flags, flag.flag)
		}
	}
	return flags
}
