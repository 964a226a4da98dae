package applications

import (
	"context"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// ApplicationPrefix is the prefix of the ids of applications.
const ApplicationPrefix = "app"

// ApplicationStatus is the status of an application for membership.
type ApplicationStatus string

// The statuses. APPROVED, OBJECTED and WITHDRAWN are final.
const (
	ApplicationDraft       ApplicationStatus = "DRAFT"
	ApplicationSubmitted   ApplicationStatus = "SUBMITTED"
	ApplicationUnderReview ApplicationStatus = "UNDER_REVIEW"
	InformationRequested   ApplicationStatus = "INFORMATION_REQUESTED"
	ApplicationApproved    ApplicationStatus = "APPROVED"
	ApplicationObjected    ApplicationStatus = "OBJECTED"
	ApplicationWithdrawn   ApplicationStatus = "WITHDRAWN"
)

// ApplicationStatuses lists every status; Valid accepts no other.
var ApplicationStatuses = []ApplicationStatus{
	ApplicationDraft, ApplicationSubmitted, ApplicationUnderReview, InformationRequested, ApplicationApproved, ApplicationObjected, ApplicationWithdrawn,
}

// Valid refuses a value that is not in ApplicationStatuses.
func (v ApplicationStatus) Valid() error {
	return kit.CheckOneOf(v, ApplicationStatuses, "application status")
}

// openApplications are the statuses of applications that were submitted and are not decided yet.
var openApplications = []ApplicationStatus{ApplicationSubmitted, ApplicationUnderReview, InformationRequested}

// ApplicationEventKind says what happened to an application.
type ApplicationEventKind string

// The kinds of event.
const (
	ApplicationWasDrafted     ApplicationEventKind = "DRAFTED"
	ApplicationWasSubmitted   ApplicationEventKind = "SUBMITTED"
	ApplicationWasAmended     ApplicationEventKind = "AMENDED"
	ReviewBegun               ApplicationEventKind = "REVIEW_BEGUN"
	InformationWasRequested   ApplicationEventKind = "INFORMATION_REQUESTED"
	Reminded                  ApplicationEventKind = "REMINDED"
	ApplicationWasApproved    ApplicationEventKind = "APPROVED"
	ApplicationWasObjectedTo  ApplicationEventKind = "OBJECTED"
	ApplicationWasWithdrawn   ApplicationEventKind = "WITHDRAWN"
	ApplicationDeemedApproved ApplicationEventKind = "DEEMED_APPROVED"
)

// ApplicationEventKinds lists every kind; Valid accepts no other.
var ApplicationEventKinds = []ApplicationEventKind{
	ApplicationWasDrafted, ApplicationWasSubmitted, ApplicationWasAmended, ReviewBegun, InformationWasRequested, Reminded,
	ApplicationWasApproved, ApplicationWasObjectedTo, ApplicationWasWithdrawn, ApplicationDeemedApproved,
}

// Valid refuses a value that is not in ApplicationEventKinds.
func (v ApplicationEventKind) Valid() error {
	return kit.CheckOneOf(v, ApplicationEventKinds, "application event kind")
}

// ApplicationEvent is one thing that happened to an application. Events are added and never removed.
type ApplicationEvent struct {
	ID   kit.ID               `bson:"id"`
	Kind ApplicationEventKind `bson:"kind"`
	// At is when it was recorded, On the day from which it counts.
	At kit.DateTime `bson:"at"`
	On kit.Date     `bson:"on"`
	// Actor is who did it (usr_…), nil if the reader may not know.
	Actor  *kit.ID `bson:"actor,omitempty"`
	Reason *string `bson:"reason,omitempty"`
	// Terms are what the application asks for from this event on; nil if the event does not change them.
	Terms *ApplicationTerms `bson:"terms,omitempty"`
	// Changes are what the event changed of a submitted application; empty for other events, and for those of an
	// earlier release.
	Changes []ApplicationChange `bson:"changes,omitempty" most:"20"`
}

// ApplicationTerms are what an application asks for, as far as statistics and fees depend on it. Country is nil
// for a regional or international organisation; no Sectors means the usual ones of the category.
type ApplicationTerms struct {
	Category   membership.MembershipCategory `bson:"category"`
	Country    *kit.ID                       `bson:"country,omitempty"`
	Sectors    []membership.Sector           `bson:"sectors" most:"3"`
	StudyGroup *membership.StudyGroup        `bson:"studyGroup,omitempty"`
	FeeClass   *string                       `bson:"feeClass,omitempty"`
	Sme        bool                          `bson:"sme"`
}

// ApplicationContact is the person who answers for an application.
type ApplicationContact struct {
	// Email is the address that was verified.
	Email    string  `bson:"email"`
	Name     *string `bson:"name,omitempty"`
	Function *string `bson:"function,omitempty"`
	Phone    *string `bson:"phone,omitempty"`
}

// ApplicationPaper is a document on the web, with the checksum of its content. The program never fetches it.
type ApplicationPaper struct {
	Title  string `bson:"title"`
	URL    string `bson:"url"`
	Sha256 string `bson:"sha256"`
}

// DueDiligenceCheck is one thing that the deciding side checks.
type DueDiligenceCheck struct {
	Item string  `bson:"item"`
	Done bool    `bson:"done"`
	Note *string `bson:"note,omitempty"`
}

// DueDiligence is what the deciding side found out. The applicant never sees it.
type DueDiligence struct {
	Checklist         []DueDiligenceCheck `bson:"checklist" most:"50"`
	ConflictStatement *string             `bson:"conflictStatement,omitempty"`
	Papers            []ApplicationPaper  `bson:"papers" most:"20"`
	RecordedAt        kit.DateTime        `bson:"recordedAt"`
	RecordedBy        kit.ID              `bson:"recordedBy"`
}

// Application is an organisation's request to become a member. Until it is submitted, only its applicant can see
// it. Its methods answer for the reader for whom the service loaded it.
type Application struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Fields that a draft does not have yet are nil or empty.
	Name     *string                        `bson:"name,omitempty"`
	Category *membership.MembershipCategory `bson:"category,omitempty"`
	// CountryID is nil for a regional or international organisation, which sets International.
	CountryID     *kit.ID                `bson:"country,omitempty"`
	International bool                   `bson:"international"`
	Sectors       []membership.Sector    `bson:"sectors" most:"3"`
	StudyGroup    *membership.StudyGroup `bson:"studyGroup,omitempty"`
	FeeClass      *string                `bson:"feeClass,omitempty"`
	Sme           bool                   `bson:"sme"`
	Contact       *ApplicationContact    `bson:"contact,omitempty"`
	// Bound is the address that the secretariat named for the applicant, who has not confirmed it; nil if there is none.
	Bound *string `bson:"bound,omitempty"`
	// BoundAs is who has that address, as whoever named it wrote; nil if nothing was said.
	BoundAs  *NamedContact      `bson:"boundAs,omitempty"`
	Form     *ApplicationPaper  `bson:"form,omitempty"`
	Papers   []ApplicationPaper `bson:"papers" most:"20"`
	Language kit.Locale         `bson:"language"`
	Status   ApplicationStatus  `bson:"status"`
	Events   []ApplicationEvent `bson:"events" most:"200"`
	// SavedAt is when a draft was last changed. It is nil for a draft that was never changed, and for an imported
	// application.
	SavedAt *kit.DateTime `bson:"savedAt,omitempty"`
	// SubmittedOn is the day of the first submission; nil if it was never submitted.
	SubmittedOn *kit.Date `bson:"submittedOn,omitempty"`
	// DayUnknown says that the source of an imported record does not name the day of submission, so that
	// SubmittedOn is another day instead.
	DayUnknown bool `bson:"dayUnknown"`
	// Source is where an imported record comes from; nil for a record that was made here.
	Source *string `bson:"source,omitempty"`
	// NextDueOn is the day of the next reminder or deemed approval; nil if none is due.
	NextDueOn          *kit.Date     `bson:"nextDueOn,omitempty"`
	StoredDueDiligence *DueDiligence `bson:"dueDiligence,omitempty"`
	// MemberID is the member that the organisation became; nil before that.
	MemberID *kit.ID     `bson:"member,omitempty"`
	Dataset  kit.Dataset `bson:"dataset"`

	view applicationView
	// headless says that nobody speaks for the country, so that SECRETARIAT decides. It is read before a change by
	// SECRETARIAT only.
	headless bool
	with     *kit.Together[*Application]
}

// applicationView is what one reader sees of an application on a day.
type applicationView struct {
	country *country.Country
	region  *country.Region
	waiting *ApplicationWaiting
	// applicant says that the reader's token is of this application, so that the reader may change it.
	applicant bool
	// deciding says that the reader may see what only the deciding side knows.
	deciding bool
}

// IsNode marks a type that the queries node and nodes can return.
func (a *Application) IsNode() {}

// Country returns the country of the organisation; nil for a regional or international one.
func (a *Application) Country() *country.Country { return a.view.country }

// Region returns the region of the country, or REGINTORG; nil for a draft that names neither.
func (a *Application) Region() *country.Region { return a.view.region }

// Waiting says who must act, since when, and what comes next; nil if the application is decided or withdrawn.
func (a *Application) Waiting() *ApplicationWaiting { return a.view.waiting }

// DueDiligence returns what the deciding side found out. It is nil if there is nothing yet, and for readers other
// than the deciding side and SECRETARIAT.
func (a *Application) DueDiligence() *DueDiligence {
	if !a.view.deciding {
		return nil
	}
	return a.StoredDueDiligence
}

// History returns what happened, oldest first. Only the deciding side and SECRETARIAT see who did it.
func (a *Application) History() []ApplicationEvent {
	events := slices.Clone(a.Events)
	for i := range events {
		if !a.view.deciding {
			events[i].Actor = nil
		}
	}
	return events
}

// Asks returns the terms of the application. Category is empty if a draft does not name one.
func (a *Application) Asks() *ApplicationTerms {
	return &ApplicationTerms{membership.MembershipCategory(kit.Deref(a.Category)), a.CountryID, a.Sectors, a.StudyGroup, a.FeeClass, a.Sme}
}

// awaits returns the role that must act; empty if the application is decided or withdrawn.
func (a *Application) awaits() kit.Role {
	switch a.Status {
	case ApplicationDraft:
		return kit.RoleApplicant
	case InformationRequested:
		if a.Contact == nil { // nobody else would hear of it
			return kit.RoleSecretariat
		}
		return kit.RoleApplicant
	case ApplicationSubmitted, ApplicationUnderReview:
		if a.CountryID == nil {
			return kit.RoleSecretariat
		}
		return kit.RoleAdministration
	}
	return ""
}

// place returns the country's id, or "-" without one, which is the id of no country.
func (a *Application) place() string {
	if a.CountryID == nil {
		return "-"
	}
	return string(*a.CountryID)
}

// hiddenStage is the stage of applications that were never submitted, which no listing shows.
const hiddenStage = "HIDDEN"

// applicationStages are who must act and the status in one value, so that one key finds either.
var applicationStages = []string{
	hiddenStage, "ADMINISTRATION/SUBMITTED", "SECRETARIAT/SUBMITTED", "ADMINISTRATION/UNDER_REVIEW", "SECRETARIAT/UNDER_REVIEW",
	"APPLICANT/INFORMATION_REQUESTED", "SECRETARIAT/INFORMATION_REQUESTED", "/APPROVED", "/OBJECTED", "/WITHDRAWN",
}

func (a *Application) stage() string {
	if a.SubmittedOn == nil {
		return hiddenStage
	}
	return string(a.awaits()) + "/" + string(a.Status)
}

// ApplicationNoun declares how applications are stored. The listings find, in the order of submission, those in a
// stage, of a country or of a member; those of a verified address, in the order in which they were begun; those that
// are due; and those with names that are alike. The listing
// without keys is for copying and checking the store.
var ApplicationNoun = store.Declare(store.Noun[Application]{
	Name:     "applications",
	Identity: func(a *Application) (string, *int64) { return string(a.ID), &a.Version },
	Keys: []store.Key[Application]{
		store.OneOf("stage", applicationStages, func(a *Application, _ string) string { return a.stage() }),
		store.One("country", func(a *Application, _ string) string { return a.place() }),
		store.One("category", func(a *Application, _ string) string { return kit.Deref(a.Category) }),
		store.One("member", func(a *Application, _ string) string { return kit.Deref(a.MemberID) }),
		store.One("address", func(a *Application, _ string) string { return a.address() }),
		store.One("submittedOn", func(a *Application, _ string) string { return kit.Deref(a.SubmittedOn) }),
		store.One("nextDueOn", func(a *Application, _ string) string { return kit.Deref(a.NextDueOn) }),
		store.Many("likeness", func(a *Application, _ string) []string { return kit.Likeness(kit.Deref(a.Name)) }),
	},
	Listings: []store.Listing{
		{},
		{Equal: []string{"stage"}, Sort: "submittedOn"},
		{Equal: []string{"stage", "category"}, Sort: "submittedOn"},
		{Equal: []string{"country", "stage"}, Sort: "submittedOn"},
		{Equal: []string{"country", "stage", "category"}, Sort: "submittedOn"},
		{Equal: []string{"member"}, Sort: "submittedOn"},
		{Equal: []string{"address"}},
		{Sort: "nextDueOn"},
		{Has: "likeness"},
	},
})

// endedOn returns the day of the last event of an application that is decided or withdrawn; empty for others.
func (a *Application) endedOn() (day kit.Date) {
	switch a.Status {
	case ApplicationApproved, ApplicationObjected, ApplicationWithdrawn:
		for _, e := range a.Events {
			day = max(day, e.On)
		}
	}
	return day
}

// ShownVersion returns the version for the applicant, the deciding side and SECRETARIAT, nil for others. It asks the
// view and not the context, because an applicant whose address was confirmed by the same request is nobody there.
func (a *Application) ShownVersion(context.Context) *int64 {
	return kit.ShownVersion(&a.Version, a.view.deciding || a.view.applicant)
}
