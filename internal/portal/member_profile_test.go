package portal_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// update changes mem_ACTIVE by an input that says what to change.
func (s stage) update(a kit.Actor, change func(in *membership.UpdateMemberProfileInput)) (*membership.UpdateMemberProfilePayload, error) {
	s.Helper()
	in := membership.UpdateMemberProfileInput{ID: "mem_ACTIVE", ExpectedVersion: int(s.stored("mem_ACTIVE").Version)}
	change(&in)
	return s.portal.Members.UpdateProfile(by(a), in)
}

type profileInput = membership.UpdateMemberProfileInput

// profileCases change one field of mem_ACTIVE each; want does the same to the stored member.
var profileCases = map[string]struct {
	field  string
	change func(in *profileInput)
	want   func(m *membership.Member)
}{
	"a name to be shown, without the space around it": {"displayName",
		func(in *profileInput) { in.DisplayName = kit.Some("  New ") }, func(m *membership.Member) { m.Display = new("New") }},
	"no name to be shown": {"displayName",
		func(in *profileInput) { in.DisplayName = kit.Null[string]() }, func(m *membership.Member) { m.Display = nil }},
	"a web site": {"website",
		func(in *profileInput) { in.Website = kit.Some("https://new.example") }, func(m *membership.Member) { m.Website = new("https://new.example") }},
	"no web site": {"website",
		func(in *profileInput) { in.Website = kit.Null[string]() }, func(m *membership.Member) { m.Website = nil }},
	"a logo": {"logoUrl",
		func(in *profileInput) { in.LogoURL = kit.Some("https://new.example/l.png") }, func(m *membership.Member) { m.LogoURL = new("https://new.example/l.png") }},
	"one language of the description": {"description",
		func(in *profileInput) {
			in.Description = kit.Some([]kit.TranslationInput{{Locale: kit.French, Text: nil}, {Locale: kit.Russian, Text: new("Текст")}})
		},
		func(m *membership.Member) {
			m.Description.Translations = []kit.Translation{m.Description.Translations[0], {Locale: kit.Russian, Text: "Текст", Provenance: kit.Human}}
		}},
	"no description": {"description",
		func(in *profileInput) { in.Description = kit.Null[[]kit.TranslationInput]() }, func(m *membership.Member) { m.Description = nil }},
	"other social links": {"socialLinks",
		func(in *profileInput) {
			in.SocialLinks = kit.Some([]membership.SocialLinkInput{{Network: "X", URL: "https://x.example"}})
		},
		func(m *membership.Member) {
			m.SocialLinks = []membership.SocialLink{{Network: "X", URL: "https://x.example"}}
		}},
	"no social links": {"socialLinks",
		func(in *profileInput) { in.SocialLinks = kit.Null[[]membership.SocialLinkInput]() }, func(m *membership.Member) { m.SocialLinks = []membership.SocialLink{} }},
	"other Sectors of interest": {"sectorsOfInterest",
		func(in *profileInput) {
			in.SectorsOfInterest = kit.Some([]membership.Sector{membership.SectorD, membership.SectorR})
		},
		func(m *membership.Member) {
			m.SectorsOfInterest = []membership.Sector{membership.SectorD, membership.SectorR}
		}},
	"an empty list of Sectors of interest": {"sectorsOfInterest",
		func(in *profileInput) { in.SectorsOfInterest = kit.Some([]membership.Sector{}) }, func(m *membership.Member) { m.SectorsOfInterest = []membership.Sector{} }},
	"other contacts": {"contacts",
		func(in *profileInput) {
			in.Contacts = kit.Some([]membership.ContactInput{{Function: "Press", Name: new("B Person"), Email: "b@active.example"}})
		},
		func(m *membership.Member) {
			m.AllContacts = []membership.Contact{{Function: "Press", Name: new("B Person"), Email: "b@active.example"}}
		}},
	"no contacts": {"contacts",
		func(in *profileInput) { in.Contacts = kit.Null[[]membership.ContactInput]() }, func(m *membership.Member) { m.AllContacts = []membership.Contact{} }},
}

func TestAProfileFieldIsChangedAloneAndRecorded(t *testing.T) {
	onEngines(t, func(s stage) {
		for name, c := range profileCases {
			if s.slow() && c.field != "description" && c.field != "contacts" {
				continue
			}
			s.run(name, func(s stage) {
				want, before := s.stored("mem_ACTIVE"), s.records()
				restore := s.stored("mem_ACTIVE")
				payload, err := s.update(focalPoint("mem_ACTIVE"), c.change)
				s.must(err)
				if len(payload.UserErrors) > 0 {
					s.Fatalf("faults: %v", payload.UserErrors)
				}
				c.want(want)
				want.Version++
				got := s.stored("mem_ACTIVE")
				if !reflect.DeepEqual(got, want) {
					s.Errorf("stored %s, want %s", inJSON(got), inJSON(want))
				}
				if payload.Member.Version != want.Version || payload.Member.History() == nil {
					s.Errorf("answered version %d", payload.Member.Version)
				}
				s.recordedUpdate(before, "updateMemberProfile", want.Version, []string{c.field}, "usr_focal")
				restore.Version = got.Version
				s.must(membership.MemberNoun.In(s.store).Replace(by(nobody), restore))
			})
		}
	})
}

// recordedUpdate holds what one update of mem_ACTIVE left.
func (s stage) recordedUpdate(before records, operation string, version int64, fields []string, actor kit.ID) {
	s.Helper()
	audit, notices := s.records().since(before)
	if len(audit) != 1 || len(notices) != 1 {
		s.Fatalf("%d audit entries and %d notices", len(audit), len(notices))
	}
	e, n := audit[0], notices[0]
	if e.Operation != operation || e.TargetID != "mem_ACTIVE" || e.TargetVersion != version || !slices.Equal(e.Fields, fields) ||
		e.Actor != actor || e.Request != "request-1" || e.At != "2025-03-31T12:00:00.000Z" || e.Version != 1 || len(e.Roles) != 1 {
		s.Errorf("audit entry %+v", e)
	}
	if n.Noun != "members" || n.Target != "mem_ACTIVE" || n.TargetVersion != version || n.Kind != kit.Updated {
		s.Errorf("notice %+v", n)
	}
}

func TestSeveralProfileFieldsAreOneRecord(t *testing.T) {
	s := embedded(t)
	before := s.records()
	payload, err := s.update(secretariat, func(in *profileInput) {
		for _, name := range []string{"a web site", "other contacts", "no description"} {
			profileCases[name].change(in)
		}
	})
	s.must(err)
	s.recordedUpdate(before, "updateMemberProfile", payload.Member.Version, []string{"contacts", "description", "website"}, "usr_secretariat")
}

func TestAnUpdateThatChangesNothingRaisesNoVersion(t *testing.T) {
	s := embedded(t)
	for name, change := range map[string]func(in *profileInput){
		"no field is given":              func(*profileInput) {},
		"a field is given as it is":      func(in *profileInput) { in.DisplayName = kit.Some("Active") },
		"null is given where nothing is": func(in *profileInput) { in.LogoURL = kit.Null[string]() },
		"a list is given as it is":       func(in *profileInput) { in.SectorsOfInterest = kit.Some([]membership.Sector{membership.SectorT}) },
	} {
		s.run(name, func(s stage) {
			s.unchanged("mem_ACTIVE", func() {
				payload, err := s.update(secretariat, change)
				if err != nil || len(payload.UserErrors) > 0 || payload.Member == nil || payload.Member.Version != 1 {
					s.Errorf("got %+v, %v", payload, err)
				}
			})
		})
	}
}

func TestTheAuditLogNamesOnlyFieldsThatChanged(t *testing.T) {
	s := embedded(t)
	before := s.records()
	payload, err := s.update(secretariat, func(in *profileInput) {
		in.DisplayName, in.Website = kit.Some("Active"), kit.Some("https://new.example")
	})
	s.must(err)
	s.recordedUpdate(before, "updateMemberProfile", payload.Member.Version, []string{"website"}, "usr_secretariat")
}

func TestAllFaultsOfAProfileComeAtOnce(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	onEngines(t, func(s stage) {
		s.unchanged("mem_ACTIVE", func() {
			payload, err := s.update(focalPoint("mem_ACTIVE"), func(in *profileInput) {
				in.ExpectedVersion = 99
				in.DisplayName = kit.Some(long(201))
				in.Website = kit.Some("javascript:alert(1)")
				in.LogoURL = kit.Some("")
				in.Description = kit.Some([]kit.TranslationInput{
					{Locale: kit.English, Text: new(long(4001))}, {Locale: kit.French, Text: new(" ")}, {Locale: kit.English, Text: new("a\x00")}, {Locale: kit.Russian},
				})
				in.SocialLinks = kit.Some(append(slices.Repeat([]membership.SocialLinkInput{{Network: "X", URL: "https://x.example"}}, 20), membership.SocialLinkInput{Network: "X", URL: "x"}))
				in.Contacts = kit.Some(append(slices.Repeat([]membership.ContactInput{{Function: "F", Email: "a@b.example"}}, 49),
					membership.ContactInput{Function: "", Email: "a@b@c", Name: new("A Person"), RoleMailbox: true},
					membership.ContactInput{Function: "a\nb", Email: "a b@c.example", Name: new(long(201)), Phone: new(long(51))}))
			})
			s.must(err)
			want := []string{
				"CONFLICT input.expectedVersion", "DUPLICATE input.description.2.locale", "INVALID input.contacts.49.email", "INVALID input.contacts.49.name", "INVALID input.contacts.50.email",
				"INVALID input.contacts.50.function", "INVALID input.description.2.text", "INVALID input.socialLinks.20.url", "INVALID input.website",
				"REQUIRED input.contacts.49.function", "REQUIRED input.description.1.text", "REQUIRED input.logoUrl", "TOO_LONG input.contacts.50.name",
				"TOO_LONG input.contacts.50.phone", "TOO_LONG input.description.0.text", "TOO_LONG input.displayName",
			}
			if got := faultsOf(payload.UserErrors); !slices.Equal(got, want) || payload.Member != nil {
				s.Errorf("got %q, want %q; member %v", got, want, payload.Member)
			}
		})
	})
}

func TestAStaleVersionIsAConflict(t *testing.T) {
	onEngines(t, func(s stage) {
		_, err := s.update(secretariat, profileCases["a logo"].change)
		s.must(err)
		s.unchanged("mem_ACTIVE", func() {
			payload, err := s.update(secretariat, func(in *profileInput) {
				in.ExpectedVersion, in.Website = 1, kit.Some("https://other.example")
			})
			s.must(err)
			if len(payload.UserErrors) != 1 || payload.Member != nil {
				s.Fatalf("got %+v", payload)
			}
			if e := payload.UserErrors[0]; e.Code != kit.CodeConflict || e.CurrentVersion == nil || *e.CurrentVersion != 2 {
				s.Errorf("got %+v", e)
			}
		})
	})
}

func TestWhoMayNotChangeAProfileIsToldNoMoreThanItMayKnow(t *testing.T) {
	cases := map[string]struct {
		actor  kit.Actor
		member kit.ID
		want   kit.Code
	}{
		"a visitor":                                     {nobody, "mem_ACTIVE", kit.Unauthenticated},
		"a visitor, of a member that is not":            {nobody, "mem_NOBODY", kit.Unauthenticated},
		"a delegate of the member":                      {delegate("mem_ACTIVE"), "mem_ACTIVE", kit.Forbidden},
		"the member's administration":                   {uganda, "mem_ACTIVE", kit.Forbidden},
		"an operator":                                   {operator, "mem_ACTIVE", kit.Forbidden},
		"a focal point of no member":                    {focalPoint(""), "mem_ACTIVE", kit.Forbidden},
		"a focal point of another member":               {focalPoint("mem_INTERNATIONAL"), "mem_ACTIVE", kit.Forbidden},
		"a focal point, of a suspended member":          {focalPoint("mem_ACTIVE"), "mem_SUSPENDED", kit.Forbidden},
		"a focal point, of a member that it cannot see": {focalPoint("mem_ACTIVE"), "mem_PENDING", kit.NotFound},
		"a focal point, of a member that left":          {focalPoint("mem_ACTIVE"), "mem_WITHDRAWN", kit.NotFound},
		"a focal point, of a member that is not":        {focalPoint("mem_ACTIVE"), "mem_NOBODY", kit.NotFound},
		"a focal point, of something that is no member": {focalPoint("mem_ACTIVE"), "cty_UG", kit.NotFound},
		"the secretariat, of a member that is not":      {secretariat, "mem_NOBODY", kit.NotFound},
		"a focal point that is its administration too": {
			kit.Actor{Subject: "usr_1", Roles: []kit.Role{kit.RoleFocalPoint, kit.RoleAdministration}, Member: "mem_ACTIVE", Country: "UG"}, "mem_PENDING", kit.Forbidden,
		},
		"a delegate of the member with a role for no member": {
			kit.Actor{Subject: "usr_1", Roles: []kit.Role{kit.RoleDelegate, kit.RoleReviewer}, Member: "mem_ACTIVE", Groups: []string{"TDAG"}}, "mem_ACTIVE", kit.Forbidden,
		},
	}
	onEngines(t, func(s stage) {
		for name, c := range cases {
			if s.slow() && c.member == "mem_ACTIVE" && c.want == kit.Forbidden {
				continue
			}
			s.run(name, func(s stage) {
				s.unchanged("mem_ACTIVE", func() {
					payload, err := s.update(c.actor, func(in *profileInput) {
						in.ID, in.DisplayName, in.Website = c.member, kit.Some("Mine"), kit.Some("no link")
					})
					s.refused(err, c.want)
					if payload != nil && (payload.Member != nil || len(payload.UserErrors) > 0) {
						s.Errorf("told %+v", payload)
					}
				})
			})
		}
	})
}
