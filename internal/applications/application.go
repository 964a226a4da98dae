package applications

import (
	"context"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
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

// ApplicationPaper is a document of an application: a file, or a link with the checksum of what is behind it. The program
// never fetches a link.
type ApplicationPaper struct {
	Title string `bson:"title"`
	// StoredURL is the link; empty for a file.
	StoredURL string `bson:"url"`
	// StoredSha256 is of what is behind the link, or of a file that was erased; empty for a file.
	StoredSha256 string      `bson:"sha256"`
	File         *files.File `bson:"file,omitempty"`
}

// URL returns where the document is: its link, or the path of its file behind the portal's address; empty for a file that
// was erased.
func (p ApplicationPaper) URL() string {
	if p.File != nil {
		return p.File.URL()
	}
	return p.StoredURL
}

// Sha256 returns the checksum of the content.
func (p ApplicationPaper) Sha256() string {
	if p.File != nil {
		return p.File.SHA256
	}
	return p.StoredSha256
}

// eraseFile takes the file from a paper, if it has one. That it was there, and its checksum, stay.
func (p *ApplicationPaper) eraseFile() bool {
	if p == nil || p.File == nil {
		return false
	}
	p.StoredSha256, p.File = p.File.SHA256, nil
	return true
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
	// Exemption is the wish to pay no fees, SmeClaim why the organisation is a small or medium enterprise; nil for none.
	Exemption *ApplicationExemption `bson:"exemption,omitempty"`
	SmeClaim  *SmeClaim             `bson:"smeClaim,omitempty"`
	Status    ApplicationStatus     `bson:"status"`
	Events    []ApplicationEvent    `bson:"events" most:"200"`
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
