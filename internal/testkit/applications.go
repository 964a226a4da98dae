package testkit

import (
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// Applications are one in each state. In Uganda: app_DRAFT, of which only its applicant knows;
// app_SUBMITTED; app_REVIEW, with due diligence and a name nearly that of mem_ACTIVE; app_ASKED;
// app_NAMESAKE, of the name of mem_SUSPENDED; app_INCOMPLETE, imported without a study group;
// app_APPROVED, app_OBJECTED and app_WITHDRAWN. In Kenya app_KENYA, whose first term has passed and whose
// name is nearly that of app_SUBMITTED; in no country app_INTERNATIONAL.
func Applications() []*portal.Application {
	draft := application("DRAFT", "Testbed Draft", "2025-03-20")
	draft.Status, draft.SubmittedOn, draft.NextDueOn = portal.ApplicationDraft, nil, nil
	draft.Form, draft.Contact.Name, draft.Contact.Function = nil, nil, nil

	review := application("REVIEW", "Testbed Active Ltd", "2025-02-01")
	review.Status = portal.ApplicationUnderReview
	review.Events = append(review.Events, happened("REVIEW", portal.ReviewBegun, "2025-02-20", "usr_UGANDA", nil))
	review.Diligence = &portal.DueDiligence{
		Checklist:         []portal.DueDiligenceCheck{{Item: "Entry in the register", Done: true, Note: new("Seen on paper.")}, {Item: "Licence"}},
		ConflictStatement: new("The officer knows nobody there."), Papers: []portal.ApplicationPaper{paper("Extract", "extract")},
		RecordedAt: "2025-02-20T09:00:00.000Z", RecordedBy: "usr_UGANDA",
	}

	asked := application("ASKED", "Testbed Asked", "2025-01-10")
	asked.Status, asked.NextDueOn = portal.InformationRequested, nil
	asked.Events = append(asked.Events, happened("ASKED", portal.InformationWasRequested, "2025-03-01", "usr_UGANDA", new("Which licence do you hold?")))

	incomplete := application("INCOMPLETE", "Testbed Incomplete", "2025-01-20")
	incomplete.Category, incomplete.Contact, incomplete.Form = new(portal.Associate), nil, nil
	incomplete.Source, incomplete.DayUnknown = new("a list of the testbed"), true

	kenya := application("KENYA", "Newcomer Testbed", "2024-10-15")
	kenya.CountryID = new(kit.CountryID("KE"))

	international := application("INTERNATIONAL", "Testbed Union", "2025-02-15")
	international.CountryID, international.International, international.NextDueOn = nil, true, nil

	return []*portal.Application{
		draft, application("SUBMITTED", "Testbed Newcomer Ltd", "2025-02-10"), review, asked, application("NAMESAKE", "Testbed Suspended", "2025-03-01"), incomplete,
		decided("APPROVED", portal.ApplicationApproved, portal.ApplicationWasApproved), decided("OBJECTED", portal.ApplicationObjected, portal.ApplicationWasObjectedTo),
		decided("WITHDRAWN", portal.ApplicationWithdrawn, portal.ApplicationWasWithdrawn), kenya, international,
	}
}

// application was submitted on a day. Its address is id@example.org.
func application(id, name string, on kit.Date) *portal.Application {
	drafted := happened(id, portal.ApplicationWasDrafted, on, kit.ID("usr_app_"+id), nil)
	a := &portal.Application{
		ID: kit.ID("app_" + id), Name: &name, Category: new(portal.SectorMember), CountryID: new(kit.CountryID("UG")), Sectors: []portal.Sector{portal.SectorD},
		Contact: &portal.ApplicationContact{Email: "applicant." + strings.ToLower(id) + "@example.org", Name: new("Esther Nalwanga"), Function: new("Director"), Phone: new("+256 001")},
		Form:    new(paper("Signed form", "form")), Papers: []portal.ApplicationPaper{}, Language: kit.English, Status: portal.ApplicationSubmitted,
		SubmittedOn: &on, NextDueOn: new(on.AddMonths(4)), Events: []portal.ApplicationEvent{drafted}, Dataset: kit.Demonstration,
	}
	if id != "DRAFT" {
		a.Events = append(a.Events, happened(id, portal.ApplicationWasSubmitted, on, kit.ID("usr_app_"+id), nil))
	}
	return a
}

func decided(id string, status portal.ApplicationStatus, kind portal.ApplicationEventKind) *portal.Application {
	a := application(id, "Testbed "+id, "2024-12-01")
	a.Status, a.NextDueOn = status, nil
	a.Events = append(a.Events, happened(id, kind, "2025-01-07", "usr_UGANDA", new("For the testbed.")))
	return a
}

func happened(id string, kind portal.ApplicationEventKind, on kit.Date, actor kit.ID, reason *string) portal.ApplicationEvent {
	return portal.ApplicationEvent{
		ID: kit.ID("aev_" + id + "_" + string(kind)), Kind: kind, On: on, At: kit.DateTime(on + "T09:00:00.000Z"), Actor: &actor, Reason: reason,
	}
}

func paper(title, name string) portal.ApplicationPaper {
	return portal.ApplicationPaper{Title: title, URL: "https://papers.example/" + name, Sha256: strings.Repeat("0a", 32)}
}
