package applications

import (
	"reflect"
	"strings"

	"memberportal/internal/kit"
)

// ApplicationField is something that an applicant says, as far as a change of it after the submission is recorded.
type ApplicationField string

// The fields.
const (
	FieldName       ApplicationField = "NAME"
	FieldCategory   ApplicationField = "CATEGORY"
	FieldCountry    ApplicationField = "COUNTRY"
	FieldSectors    ApplicationField = "SECTORS"
	FieldStudyGroup ApplicationField = "STUDY_GROUP"
	FieldFeeClass   ApplicationField = "FEE_CLASS"
	FieldSme        ApplicationField = "SME"
	FieldContact    ApplicationField = "CONTACT"
	FieldForm       ApplicationField = "FORM"
	FieldPapers     ApplicationField = "PAPERS"
	FieldLanguage   ApplicationField = "LANGUAGE"
)

// ApplicationFields lists every field, in the order in which changes are shown; Valid accepts no other.
var ApplicationFields = []ApplicationField{
	FieldName, FieldCategory, FieldCountry, FieldSectors, FieldStudyGroup, FieldFeeClass, FieldSme, FieldContact, FieldForm, FieldPapers, FieldLanguage,
}

// Valid refuses a value that is not in ApplicationFields.
func (v ApplicationField) Valid() error {
	return kit.CheckOneOf(v, ApplicationFields, "application field")
}

// ApplicationChange is what one event did to a field. Before and After are nil where nothing was said, and for fields
// of which only the fact is recorded: the contact, which is personal data, and long lists.
type ApplicationChange struct {
	Field  ApplicationField `bson:"field"`
	Before *string          `bson:"before,omitempty"`
	After  *string          `bson:"after,omitempty"`
}

// ApplicationDifference is how a field differs today from what was submitted first, and when it last changed. Before
// and After are as in ApplicationChange.
type ApplicationDifference struct {
	Field     ApplicationField
	Before    *string
	After     *string
	ChangedAt kit.DateTime
}

// ChangesSinceSubmission returns how an application differs from what was submitted first, one difference for each
// field. A field that says again what it said is not among them. An application that was changed by an earlier release
// lists no changes of that time.
func (a *Application) ChangesSinceSubmission() []ApplicationDifference {
	byField := map[ApplicationField]*ApplicationDifference{}
	for _, e := range a.Events {
		for _, c := range e.Changes {
			d := byField[c.Field]
			if d == nil {
				d = &ApplicationDifference{Field: c.Field, Before: c.Before}
				byField[c.Field] = d
			}
			d.After, d.ChangedAt = c.After, e.At
		}
	}
	differences := []ApplicationDifference{}
	for _, field := range ApplicationFields {
		d := byField[field]
		if d != nil && (field == FieldContact || field == FieldPapers || !reflect.DeepEqual(d.Before, d.After)) {
			differences = append(differences, *d)
		}
	}
	return differences
}

// said returns what an application says in each field, with the text that a change of the field records.
func (a *Application) said() map[ApplicationField]saying {
	var contact ApplicationContact // a copy, because a change is made in place
	if a.Contact != nil {
		contact = *a.Contact
	}
	return map[ApplicationField]saying{
		FieldName: shown(a.Name), FieldCategory: shown((*string)(a.Category)), FieldCountry: shown((*string)(a.CountryID)), FieldSectors: shown(joined(kit.Strings(a.Sectors))),
		FieldStudyGroup: shown((*string)(a.StudyGroup)), FieldFeeClass: shown(a.FeeClass), FieldSme: shown(new(yesNo(a.Sme))), FieldContact: {value: contact},
		FieldForm: shown(a.Form.text()), FieldPapers: {value: strings.Join(kit.Map(a.Papers, func(p ApplicationPaper) string { return *p.text() }), "\n")},
		FieldLanguage: shown(new(string(a.Language))),
	}
}

// saying is what a field says: a value that can be compared, and the text of it that is recorded; nil for none.
type saying struct {
	value any
	text  *string
}

func shown(text *string) saying { return saying{kit.Deref(text), text} }

// since returns the changes from what an application said before to what it says now.
func (a *Application) since(before map[ApplicationField]saying) []ApplicationChange {
	var changes []ApplicationChange
	now := a.said()
	for _, field := range ApplicationFields {
		if was, is := before[field], now[field]; !reflect.DeepEqual(was.value, is.value) {
			changes = append(changes, ApplicationChange{field, was.text, is.text})
		}
	}
	return changes
}

// text is a document in one line: its title, its link and its checksum; nil for none.
func (p *ApplicationPaper) text() *string {
	if p == nil {
		return nil
	}
	return new(p.Title + " – " + p.URL + " – SHA-256 " + p.Sha256)
}

func joined(texts []string) *string { return kit.Optional(strings.Join(texts, ", ")) }

func yesNo(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
