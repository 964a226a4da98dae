package applications

import (
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

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
