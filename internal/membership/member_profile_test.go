package membership_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

type profileInput = membership.UpdateMemberProfileInput

// profileCases change one field of mem_ACTIVE each; want does the same to the stored member.
var profileCases = map[string]struct {
	field  string
	change func(in *profileInput)
	want   func(m *membership.Member)
}{
	"a name to be shown, without the space around it": {"displayName",
		func(in *profileInput) { in.DisplayName = kit.Some("  New ") }, func(m *membership.Member) { m.StoredDisplayName = new("New") }},
	"no name to be shown": {"displayName",
		func(in *profileInput) { in.DisplayName = kit.Null[string]() }, func(m *membership.Member) { m.StoredDisplayName = nil }},
	"a web site": {"website",
		func(in *profileInput) { in.Website = kit.Some("https://new.example") }, func(m *membership.Member) { m.Website = new("https://new.example") }},
	"no web site": {"website",
		func(in *profileInput) { in.Website = kit.Null[string]() }, func(m *membership.Member) { m.Website = nil }},
	"a logo": {"logo",
		func(in *profileInput) {
			in.Logo = kit.Some(files.DocumentSourceInput{Link: new("https://new.example/l.png")})
		}, func(m *membership.Member) { m.StoredLogoURL = new("https://new.example/l.png") }},
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
			m.StoredContacts = []membership.Contact{{Function: "Press", Name: new("B Person"), Email: "b@active.example"}}
		}},
	"no contacts": {"contacts",
		func(in *profileInput) { in.Contacts = kit.Null[[]membership.ContactInput]() }, func(m *membership.Member) { m.StoredContacts = []membership.Contact{} }},
}

func TestAProfileFieldIsChangedAloneAndRecorded(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		for name, c := range profileCases {
			if s.Slow() && c.field != "description" && c.field != "contacts" {
				continue
			}
			stage.Run(s, name, func(s scene) {
				want, before := s.StoredMember("mem_ACTIVE"), s.Records()
				restore := s.StoredMember("mem_ACTIVE")
				payload, err := s.UpdateProfile(stage.FocalPoint("mem_ACTIVE"), c.change)
				s.Must(err)
				if len(payload.UserErrors) > 0 {
					s.Fatalf("faults: %v", payload.UserErrors)
				}
				c.want(want)
				want.Version++
				got := s.StoredMember("mem_ACTIVE")
				if !reflect.DeepEqual(got, want) {
					s.Errorf("stored %s, want %s", stage.InJSON(got), stage.InJSON(want))
				}
				if payload.Member.Version != want.Version || payload.Member.History() == nil {
					s.Errorf("answered version %d", payload.Member.Version)
				}
				s.recordedUpdate(before, "updateMemberProfile", want.Version, []string{c.field}, "usr_focal")
				restore.Version = got.Version
				s.Must(membership.MemberNoun.In(s.Store).Replace(stage.By(stage.Nobody), restore))
			})
		}
	})
}

// recordedUpdate holds what one update of mem_ACTIVE left.
func (s scene) recordedUpdate(before stage.Records, operation string, version int64, fields []string, actor kit.ID) {
	s.Helper()
	audit, notices := s.Records().Since(before)
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
	s := scene{stage.Embedded(t)}
	before := s.Records()
	payload, err := s.UpdateProfile(stage.Secretariat, func(in *profileInput) {
		for _, name := range []string{"a web site", "other contacts", "no description"} {
			profileCases[name].change(in)
		}
	})
	s.Must(err)
	s.recordedUpdate(before, "updateMemberProfile", payload.Member.Version, []string{"contacts", "description", "website"}, "usr_secretariat")
}

func TestAnUpdateThatChangesNothingRaisesNoVersion(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, change := range map[string]func(in *profileInput){
		"no field is given":              func(*profileInput) {},
		"a field is given as it is":      func(in *profileInput) { in.DisplayName = kit.Some("Active") },
		"null is given where nothing is": func(in *profileInput) { in.Logo = kit.Null[files.DocumentSourceInput]() },
		"a list is given as it is":       func(in *profileInput) { in.SectorsOfInterest = kit.Some([]membership.Sector{membership.SectorT}) },
	} {
		stage.Run(s, name, func(s scene) {
			s.Unchanged("mem_ACTIVE", func() {
				payload, err := s.UpdateProfile(stage.Secretariat, change)
				if err != nil || len(payload.UserErrors) > 0 || payload.Member == nil || payload.Member.Version != 1 {
					s.Errorf("got %+v, %v", payload, err)
				}
			})
		})
	}
}

func TestTheAuditLogNamesOnlyFieldsThatChanged(t *testing.T) {
	s := scene{stage.Embedded(t)}
	before := s.Records()
	payload, err := s.UpdateProfile(stage.Secretariat, func(in *profileInput) {
		in.DisplayName, in.Website = kit.Some("Active"), kit.Some("https://new.example")
	})
	s.Must(err)
	s.recordedUpdate(before, "updateMemberProfile", payload.Member.Version, []string{"website"}, "usr_secretariat")
}

func TestAllFaultsOfAProfileComeAtOnce(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	stage.OnEngines(t, func(s scene) {
		s.Unchanged("mem_ACTIVE", func() {
			payload, err := s.UpdateProfile(stage.FocalPoint("mem_ACTIVE"), func(in *profileInput) {
				in.ExpectedVersion = 99
				in.DisplayName = kit.Some(long(201))
				in.Website = kit.Some("javascript:alert(1)")
				in.Logo = kit.Some(files.DocumentSourceInput{Link: new("")})
				in.Description = kit.Some([]kit.TranslationInput{
					{Locale: kit.English, Text: new(long(4001))}, {Locale: kit.French, Text: new(" ")}, {Locale: kit.English, Text: new("a\x00")}, {Locale: kit.Russian},
				})
				in.SocialLinks = kit.Some(append(slices.Repeat([]membership.SocialLinkInput{{Network: "X", URL: "https://x.example"}}, 20), membership.SocialLinkInput{Network: "X", URL: "x"}))
				in.Contacts = kit.Some(append(slices.Repeat([]membership.ContactInput{{Function: "F", Email: "a@b.example"}}, 49),
					membership.ContactInput{Function: "", Email: "a@b@c", Name: new("A Person"), RoleMailbox: true},
					membership.ContactInput{Function: "a\nb", Email: "a b@c.example", Name: new(long(201)), Phone: new(long(51))}))
			})
			s.Must(err)
			want := []string{
				"CONFLICT input.expectedVersion", "DUPLICATE input.description.2.locale", "INVALID input.contacts.49.email", "INVALID input.contacts.49.name", "INVALID input.contacts.50.email",
				"INVALID input.contacts.50.function", "INVALID input.description.2.text", "INVALID input.socialLinks.20.url", "INVALID input.website",
				"REQUIRED input.contacts.49.function", "REQUIRED input.description.1.text", "REQUIRED input.logo.link", "TOO_LONG input.contacts.50.name",
				"TOO_LONG input.contacts.50.phone", "TOO_LONG input.description.0.text", "TOO_LONG input.displayName",
			}
			if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, want) || payload.Member != nil {
				s.Errorf("got %q, want %q; member %v", got, want, payload.Member)
			}
		})
	})
}

func TestAStaleVersionIsAConflict(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		_, err := s.UpdateProfile(stage.Secretariat, profileCases["a logo"].change)
		s.Must(err)
		s.Unchanged("mem_ACTIVE", func() {
			payload, err := s.UpdateProfile(stage.Secretariat, func(in *profileInput) {
				in.ExpectedVersion, in.Website = 1, kit.Some("https://other.example")
			})
			s.Must(err)
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
		"a visitor":                                     {stage.Nobody, "mem_ACTIVE", kit.Unauthenticated},
		"a visitor, of a member that is not":            {stage.Nobody, "mem_NOBODY", kit.Unauthenticated},
		"a delegate of the member":                      {stage.Delegate("mem_ACTIVE"), "mem_ACTIVE", kit.Forbidden},
		"the member's administration":                   {stage.Uganda, "mem_ACTIVE", kit.Forbidden},
		"an operator":                                   {stage.Operator, "mem_ACTIVE", kit.Forbidden},
		"a focal point of no member":                    {stage.FocalPoint(""), "mem_ACTIVE", kit.Forbidden},
		"a focal point of another member":               {stage.FocalPoint("mem_INTERNATIONAL"), "mem_ACTIVE", kit.Forbidden},
		"a focal point, of a suspended member":          {stage.FocalPoint("mem_ACTIVE"), "mem_SUSPENDED", kit.Forbidden},
		"a focal point, of a member that it cannot see": {stage.FocalPoint("mem_ACTIVE"), "mem_PENDING", kit.NotFound},
		"a focal point, of a member that left":          {stage.FocalPoint("mem_ACTIVE"), "mem_WITHDRAWN", kit.NotFound},
		"a focal point, of a member that is not":        {stage.FocalPoint("mem_ACTIVE"), "mem_NOBODY", kit.NotFound},
		"a focal point, of something that is no member": {stage.FocalPoint("mem_ACTIVE"), "cty_UG", kit.NotFound},
		"the secretariat, of a member that is not":      {stage.Secretariat, "mem_NOBODY", kit.NotFound},
		"a focal point that is its administration too": {
			kit.Actor{Subject: "usr_1", Roles: []kit.Role{kit.RoleFocalPoint, kit.RoleAdministration}, Mandates: []kit.Acting{{Entity: "mem_ACTIVE", Role: kit.RoleFocalPoint}, {Entity: "cty_UG", Role: kit.RoleAdministration}}}, "mem_PENDING", kit.Forbidden,
		},
		"a delegate of the member with a role for no member": {
			kit.Actor{Subject: "usr_1", Roles: []kit.Role{kit.RoleDelegate, kit.RoleReviewer}, Mandates: []kit.Acting{{Entity: "mem_ACTIVE", Role: kit.RoleDelegate}}, Groups: []string{"TDAG"}}, "mem_ACTIVE", kit.Forbidden,
		},
	}
	stage.OnEngines(t, func(s scene) {
		for name, c := range cases {
			if s.Slow() && c.member == "mem_ACTIVE" && c.want == kit.Forbidden {
				continue
			}
			stage.Run(s, name, func(s scene) {
				s.Unchanged("mem_ACTIVE", func() {
					payload, err := s.UpdateProfile(c.actor, func(in *profileInput) {
						in.ID, in.DisplayName, in.Website = c.member, kit.Some("Mine"), kit.Some("no link")
					})
					s.Refused(err, c.want)
					if payload != nil && (payload.Member != nil || len(payload.UserErrors) > 0) {
						s.Errorf("told %+v", payload)
					}
				})
			})
		}
	})
}
