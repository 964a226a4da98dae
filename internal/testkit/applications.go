package testkit

import (
	"strings"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Applications are one in each state. In Uganda: app_DRAFT, of which only its applicant knows;
// app_SUBMITTED; app_REVIEW, with due diligence and a name nearly that of mem_ACTIVE; app_ASKED;
// app_NAMESAKE, of the name of mem_SUSPENDED; app_INCOMPLETE, imported without a study group;
// app_APPROVED, app_OBJECTED and app_WITHDRAWN. In Kenya app_KENYA, whose first term has passed and whose
// name is nearly that of app_SUBMITTED; in no country app_INTERNATIONAL.
func Applications() []*applications.Application {
	draft := application("DRAFT", "Testbed Draft", "2025-03-20")
	draft.Status, draft.SubmittedOn, draft.NextDueOn = applications.ApplicationDraft, nil, nil
	draft.Form, draft.Contact.Name, draft.Contact.Function = nil, nil, nil

	review := application("REVIEW", "Testbed Active Ltd", "2025-02-01")
	review.Status = applications.ApplicationUnderReview
	review.Events = append(review.Events, happened("REVIEW", applications.ReviewBegun, "2025-02-20", "usr_UGANDA", nil))
	review.StoredDueDiligence = &applications.DueDiligence{
		Checklist:         []applications.DueDiligenceCheck{{Item: "Entry in the register", Done: true, Note: new("Seen on paper.")}, {Item: "Licence"}},
		ConflictStatement: new("The officer knows nobody there."), Papers: []applications.ApplicationPaper{paper("Extract", "extract")},
		RecordedAt: "2025-02-20T09:00:00.000Z", RecordedBy: "usr_UGANDA",
	}

	asked := application("ASKED", "Testbed Asked", "2025-01-10")
	asked.Status, asked.NextDueOn = applications.InformationRequested, nil
	asked.Events = append(asked.Events, happened("ASKED", applications.InformationWasRequested, "2025-03-01", "usr_UGANDA", new("Which licence do you hold?")))

	incomplete := application("INCOMPLETE", "Testbed Incomplete", "2025-01-20")
	incomplete.Category, incomplete.Contact, incomplete.Form = new(membership.Associate), nil, nil
	incomplete.Source, incomplete.DayUnknown = new("a list of the testbed"), true

	kenya := application("KENYA", "Newcomer Testbed", "2024-10-15")
	kenya.CountryID = new(kit.CountryID("KE"))

	international := application("INTERNATIONAL", "Testbed Union", "2025-02-15")
	international.CountryID, international.International, international.NextDueOn = nil, true, nil

	return []*applications.Application{
		draft, application("SUBMITTED", "Testbed Newcomer Ltd", "2025-02-10"), review, asked, application("NAMESAKE", "Testbed Suspended", "2025-03-01"), incomplete,
		decided("APPROVED", applications.ApplicationApproved, applications.ApplicationWasApproved), decided("OBJECTED", applications.ApplicationObjected, applications.ApplicationWasObjectedTo),
		decided("WITHDRAWN", applications.ApplicationWithdrawn, applications.ApplicationWasWithdrawn), kenya, international,
	}
}

// application was submitted on a day. Its address is id@example.org.
func application(id, name string, on kit.Date) *applications.Application {
	drafted := happened(id, applications.ApplicationWasDrafted, on, kit.ID("usr_app_"+id), nil)
	a := &applications.Application{
		ID: kit.ID("app_" + id), Name: &name, Category: new(membership.SectorMember), CountryID: new(kit.CountryID("UG")), Sectors: []membership.Sector{membership.SectorD},
		Contact: &applications.ApplicationContact{Email: "applicant." + strings.ToLower(id) + "@example.org", Name: new("Esther Nalwanga"), Function: new("Director"), Phone: new("+256 001")},
		Form:    new(paper("Signed form", "form")), Papers: []applications.ApplicationPaper{}, Language: kit.English, Status: applications.ApplicationSubmitted,
		SubmittedOn: &on, NextDueOn: new(on.AddMonths(4)), Events: []applications.ApplicationEvent{drafted}, Dataset: kit.Demonstration,
	}
	if id != "DRAFT" {
		a.Events = append(a.Events, happened(id, applications.ApplicationWasSubmitted, on, kit.ID("usr_app_"+id), nil))
	}
	return a
}

func decided(id string, status applications.ApplicationStatus, kind applications.ApplicationEventKind) *applications.Application {
	a := application(id, "Testbed "+id, "2024-12-01")
	a.Status, a.NextDueOn = status, nil
	a.Events = append(a.Events, happened(id, kind, "2025-01-07", "usr_UGANDA", new("For the testbed.")))
	return a
}

func happened(id string, kind applications.ApplicationEventKind, on kit.Date, actor kit.ID, reason *string) applications.ApplicationEvent {
	return applications.ApplicationEvent{
		ID: kit.ID("aev_" + id + "_" + string(kind)), Kind: kind, On: on, At: kit.DateTime(on + "T09:00:00.000Z"), Actor: &actor, Reason: reason,
	}
}

func paper(title, name string) applications.ApplicationPaper {
	return applications.ApplicationPaper{Title: title, StoredURL: "https://papers.example/" + name, StoredSha256: strings.Repeat("0a", 32)}
}
