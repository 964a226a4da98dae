package portal

import (
	"regexp"
	"strconv"
)

// ApplicationContactInput is the person who answers for an application. The e-mail address is the one that
// was verified and cannot be changed.
type ApplicationContactInput struct {
	Name     *string
	Function *string
	Phone    *string
}

// ApplicationPaperInput is a document on the web, with the checksum of its content.
type ApplicationPaperInput struct {
	Title  string
	URL    string
	Sha256 string
}

// The most that an application may have.
const (
	maxDiligenceText = 5000
)

var checksumForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// checkPaper checks a document on the web: what is shown as a link, and a checksum that looks like one.
func checkPaper(f *faults, path string, p *ApplicationPaperInput) {
	f.line(path+".title", &p.Title, 200, true)
	f.link(path+".url", &p.URL)
	if !checksumForm.MatchString(p.Sha256) {
		f.add(CodeInvalid, path+".sha256", "invalid.checksum", nil)
	}
}

func checkPapers(f *faults, path string, papers []ApplicationPaperInput) {
	for i := range papers {
		checkPaper(f, path+"."+strconv.Itoa(i), &papers[i])
	}
}

// check finds what is wrong with the fields that were given, whatever the application lacks.
func (in SaveApplicationInput) check(f *faults, s *ApplicationService) {
	f.line("input.name", in.Name.Value, 300, true)
	f.line("input.feeClass", in.FeeClass.Value, 50, true)
	if id, ok := given(in.Country); ok && s.countries.Get(id) == nil {
		f.add(CodeUnknownReference, "input.country", "unknownReference.country", nil)
	}
	for _, flag := range []struct {
		path string
		o    Opt[bool]
	}{{"input.international", in.International}, {"input.sme", in.Sme}} {
		if flag.o.Set && flag.o.Value == nil {
			f.add(CodeRequired, flag.path, "required", nil)
		}
	}
	if in.Language.Set && in.Language.Value == nil {
		f.add(CodeRequired, "input.language", "required", nil)
	}
	if contact, ok := given(in.Contact); ok {
		f.line("input.contact.name", contact.Name, 200, true)
		f.line("input.contact.function", contact.Function, 200, true)
		f.line("input.contact.phone", contact.Phone, 50, true)
	}
	if in.Form.Value != nil {
		checkPaper(f, "input.form", in.Form.Value)
	}
	papers, _ := given(in.Papers)
	checkPapers(f, "input.papers", papers)
}

// apply changes the application and names the fields that are other than before.
func (in SaveApplicationInput) apply(a *Application) []string {
	var fields []string
	applyText(&fields, "name", in.Name, &a.Name)
	applyText(&fields, "feeClass", in.FeeClass, &a.FeeClass)
	applyOptional(&fields, "category", in.Category, &a.Category)
	applyOptional(&fields, "studyGroup", in.StudyGroup, &a.StudyGroup)
	applyOptional(&fields, "country", in.Country, &a.CountryID)
	applyGiven(&fields, "international", in.International, &a.International)
	applyGiven(&fields, "sme", in.Sme, &a.Sme)
	applyGiven(&fields, "language", in.Language, &a.Language)
	applyList(&fields, "sectors", in.Sectors, &a.Sectors, func(s Sector) Sector { return s })
	applyList(&fields, "papers", in.Papers, &a.Papers, func(p ApplicationPaperInput) ApplicationPaper { return ApplicationPaper(p) })
	if in.Form.Set {
		become(&fields, "form", &a.Form, (*ApplicationPaper)(in.Form.Value))
	}
	if in.Contact.Set && a.Contact != nil {
		contact, _ := given(in.Contact)
		become(&fields, "contact", a.Contact, ApplicationContact{a.Contact.Email, trimmed(contact.Name), trimmed(contact.Function), trimmed(contact.Phone)})
	}
	return fields
}

// applyOptional changes a value that null takes away.
func applyOptional[T any](fields *[]string, name string, o Opt[T], to **T) {
	if o.Set {
		become(fields, name, to, o.Value)
	}
}

// applyGiven changes a value that cannot be taken away.
func applyGiven[T any](fields *[]string, name string, o Opt[T], to *T) {
	if v, ok := given(o); ok {
		become(fields, name, to, v)
	}
}

// complete finds what an application lacks to be decided about, and what does not fit together, as an
// admission will. Of what was imported, neither contact nor form is wanted, which its flags say are not
// there.
func (s *ApplicationService) complete(f *faults, a *Application) {
	before := len(f.list)
	missing := func(path string, is bool) {
		if is {
			f.add(CodeRequired, path, "required", nil)
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
		f.add(CodeRequired, "input.country", "required.applicantCountry", nil)
	case a.CountryID != nil && a.International:
		f.add(CodeInvalid, "input.country", "invalid.applicantCountry", nil)
	}
	if a.Category == nil {
		return
	}
	terms := a.membershipTerms()
	terms.check(f)
	if a.FeeClass != nil && len(f.list) == before {
		s.members.feeClass(f, a.membership(terms), a.FeeClass, s.core.clock.Today())
	}
}

// membershipTerms are what the organisation applies for.
func (a *Application) membershipTerms() membershipTerms {
	t := membershipTerms{category: *a.Category, studyGroup: a.StudyGroup}
	if len(a.Sectors) > 0 {
		t.sectors = a.Sectors
	}
	return t
}

// membership is what the organisation would be.
func (a *Application) membership(terms membershipTerms) membership {
	return membership{
		Category: terms.category, Country: ID(deref(a.CountryID)),
		Sectors: each(terms.held(), func(s Sector) MembershipSector { return MembershipSector{Sector: s} }),
	}
}

// ApplicationFlag says what a reader must know of a record that is not as it should be.
type ApplicationFlag string

// The flags.
const (
	FlagNoStudyGroup   ApplicationFlag = "NO_STUDY_GROUP"
	FlagNoContact      ApplicationFlag = "NO_CONTACT"
	FlagNoForm         ApplicationFlag = "NO_FORM"
	FlagDayNotInSource ApplicationFlag = "SUBMISSION_DATE_NOT_IN_SOURCE"
)

// ApplicationFlags are all of them.
var ApplicationFlags = []ApplicationFlag{FlagNoStudyGroup, FlagNoContact, FlagNoForm, FlagDayNotInSource}

// Flags are what is not as it should be of an application that was submitted; none of a draft.
func (a *Application) Flags() []ApplicationFlag {
	flags := []ApplicationFlag{}
	if a.SubmittedOn == nil {
		return flags
	}
	for _, flag := range []struct {
		flag ApplicationFlag
		is   bool
	}{
		{FlagNoStudyGroup, deref(a.Category) == string(Associate) && a.StudyGroup == nil}, {FlagNoContact, a.Contact == nil},
		{FlagNoForm, a.Form == nil}, {FlagDayNotInSource, a.DayUnknown},
	} {
		if flag.is {
			flags = append(flags, flag.flag)
		}
	}
	return flags
}
