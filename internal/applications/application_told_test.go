package applications_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

func TestAnApplicationArrivesAtWhoeverCanDecideIt(t *testing.T) {
	paper := applications.ApplicationPaperInput{Title: "Form", URL: "https://papers.example/form", Sha256: strings.Repeat("0", 64)}
	for name, c := range map[string]struct {
		country       kit.Opt[kit.ID]
		international bool
		want          []string
	}{
		"a focal point, and the delegates of its country": {kit.Some(kit.CountryID("UG")), false, []string{"minister@example.org", "person1@administration.ug.example", "person2@administration.ug.example", "uganda@example.org"}},
		"the secretariat of the area for no country":      {kit.Opt[kit.ID]{Set: true}, true, []string{"membership@example.org", "person2@bureau.example", "secretariat@example.org"}},
		"and for a country of which nobody is known":      {kit.Some(kit.CountryID("TZ")), false, []string{"membership@example.org", "person2@bureau.example", "secretariat@example.org"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Issuing(t)}
			p, err := s.Portal.Applications.Submit(stage.By(stage.Applies("app_DRAFT")), applications.SubmitApplicationInput{
				ID: "app_DRAFT", ExpectedVersion: 1, Form: kit.Some(paper), Country: c.country, International: kit.Some(c.international),
				Contact: kit.Some(applications.ApplicationContactInput{Name: new("A Person"), Function: new("Director")}),
			})
			s.Must(err)
			if len(p.UserErrors) > 0 {
				t.Fatal(p.UserErrors)
			}
			var told []string
			s.Must(kit.EachPage(s.Context(), people.PersonNoun.In(s.Store), store.Query{}, 100, func(page []*people.Person) error {
				for _, p := range page {
					if p.Email == nil {
						continue
					}
					if keys, _ := s.MailsTo(*p.Email); slices.Contains(keys, "mail.applicationArrived") {
						told = append(told, *p.Email)
					}
				}
				return nil
			}))
			if slices.Sort(told); !slices.Equal(told, c.want) {
				t.Errorf("told %v, want %v", told, c.want)
			}
		})
	}
}
