package testkit

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// Members are members in every state, with what later mutations would record. Their ids are readable:
// mem_ACTIVE, mem_PENDING, mem_SUSPENDED, mem_LEAVING, mem_WITHDRAWN, mem_EXCLUDED and mem_UNPAID in Uganda,
// mem_INTERNATIONAL and the pending mem_EXEMPT in no country.
func Members() []*membership.Member {
	active := member("ACTIVE", "Testbed Active", event(membership.Activated, "2020-02-01"))
	active.StoredDisplayName = new("Active")
	active.Website = new("https://active.example")
	active.Description = &kit.LocalizedText{Translations: []kit.Translation{
		{Locale: kit.English, Text: "A member for tests.", Provenance: kit.Original},
		{Locale: kit.French, Text: "Un membre pour les essais.", Provenance: kit.Human},
	}}
	active.StoredContacts = []membership.Contact{
		{Function: "Regulatory affairs", Name: new("A Person"), Email: "person@active.example", Phone: new("+256 000"), RoleMailbox: false},
		{Function: "Secretariat", Email: "office@active.example", RoleMailbox: true},
	}
	active.SocialLinks = []membership.SocialLink{{Network: "LINKEDIN", URL: "https://linkedin.example/active"}}
	active.SectorsOfInterest = []membership.Sector{membership.SectorT}

	notice := event(membership.WithdrawalNotified, "2025-06-15")
	notice.NoticeOn = new(kit.Date("2024-12-15"))
	notice.Reason = new("strategy review")

	international := member("INTERNATIONAL", "Testbed International", event(membership.Activated, "2021-05-01"))
	international.Events[0].Country, international.Events[0].Region = nil, new(country.RegionREGINTORG)

	exempt := member("EXEMPT", "Testbed Exempt", event(membership.ExemptionGranted, "2024-06-14"))
	exempt.Events[0].Country, exempt.Events[0].Region = nil, new(country.RegionREGINTORG)
	exempt.Events[1].Until = new(kit.Date("2026-11-09"))
	return []*membership.Member{
		active,
		member("PENDING", "Testbed Pending"),
		member("SUSPENDED", "Testbed Suspended", event(membership.Activated, "2019-03-01"), event(membership.EventSuspended, "2024-09-27")),
		member("LEAVING", "Testbed Leaving", event(membership.Activated, "2018-01-01"), notice),
		member("WITHDRAWN", "Testbed Withdrawn", event(membership.Activated, "2017-01-01"), event(membership.EventWithdrawn, "2023-01-01")),
		member("EXCLUDED", "Testbed Excluded", event(membership.Activated, "2016-01-01"), event(membership.EventSuspended, "2021-09-28"), event(membership.EventExcluded, "2022-01-01")),
		international,
		exempt,
		member("UNPAID", "Testbed Unpaid"),
	}
}

func member(id, name string, events ...membership.LifecycleEvent) *membership.Member {
	admitted := event(membership.Admitted, "2015-01-01")
	admitted.Category, admitted.Sectors = new(membership.SectorMember), []membership.Sector{membership.SectorD}
	admitted.Country, admitted.Region = new(kit.CountryID("UG")), new(country.RegionAFR)
	m := &membership.Member{
		ID: kit.ID("mem_" + id), Name: name, Dataset: kit.Demonstration, SocialLinks: []membership.SocialLink{},
		SectorsOfInterest: []membership.Sector{}, StoredContacts: []membership.Contact{},
	}
	for i, e := range append([]membership.LifecycleEvent{admitted}, events...) {
		e.ID = kit.ID("evn_" + id + string(rune('1'+i)))
		m.Events = append(m.Events, e)
	}
	return m
}

func event(kind membership.LifecycleKind, on kit.Date) membership.LifecycleEvent {
	return membership.LifecycleEvent{Kind: kind, EffectiveOn: on, RecordedAt: kit.DateTime(on + "T09:00:00.000Z"), Actor: "usr_test"}
}

// Persons are those of Mandates, each with the like id.
func Persons() []*people.Person {
	colleague := somebody("COLLEAGUE", "Anne Roy", "mem_ACTIVE")
	linked := sha256.Sum256([]byte(Issuer + "\x00colleague"))
	colleague.StoredIdentities = []people.Identity{{Key: hex.EncodeToString(linked[:]), Issuer: Issuer, LinkedAt: "2025-01-01T09:00:00.000Z", LastSeenAt: "2025-03-31T09:00:00.000Z"}}
	return []*people.Person{
		somebody("FOCAL", "Grace Akello", "mem_ACTIVE"),
		somebody("DELEGATE", "Peter Okot", "mem_ACTIVE"),
		colleague,
		somebody("FORMER", "Ruth Namara", "mem_ACTIVE"),
		somebody("UGANDA", "David Mugisha", "cty_UG"),
		somebody("MINISTER", "Florence Atim", "cty_UG"),
		somebody("KENYA", "John Kamau", "cty_KE"),
		somebody("INTERNATIONAL", "Maria Costa", "mem_INTERNATIONAL"),
		somebody("ABROAD", "Jean Martin", "mem_INTERNATIONAL"),
		somebody("SUSPENDED", "Paul Ssali", "mem_SUSPENDED"),
		somebody("LEAVING", "Alice Kato", "mem_LEAVING"),
	}
}

// Staff are persons with grants: usr_secretariat, usr_operator, usr_reviewer for the groups TDAG, RAG and CWG-TEST, and
// of the secretariat for one area each usr_consultations, usr_events, usr_finance and usr_membership.
func Staff() []*people.Person {
	granted := func(id, name string, role kit.Role, groups ...string) *people.Person {
		p := somebody(id, name)
		p.Grants = []people.Grant{{ID: kit.ID("grt_" + id), Role: role, Groups: groups, From: "1990-01-01", GrantedBy: "usr_test", GrantedAt: "1990-01-01T09:00:00.000Z"}}
		return p
	}
	limited := func(area kit.StaffArea, name string) *people.Person {
		p := granted(strings.ToLower(string(area)), name, kit.RoleSecretariat)
		p.Grants[0].Areas = []kit.StaffArea{area}
		return p
	}
	return []*people.Person{
		limited(kit.AreaConsultations, "Clara Dubois"), limited(kit.AreaEvents, "Emil Novak"), limited(kit.AreaFinance, "Farah Aziz"), limited(kit.AreaMembership, "Mateo Rojas"),
		granted("secretariat", "Sofia Lindgren", kit.RoleSecretariat),
		granted("operator", "Omar Haddad", kit.RoleOperator),
		granted("reviewer", "Rosa Benitez", kit.RoleReviewer, "TDAG", "RAG", "CWG-TEST"),
	}
}

func somebody(id, name string, entities ...kit.ID) *people.Person {
	return &people.Person{
		ID: kit.ID("usr_" + id), Name: &name, Email: new(strings.ToLower(id) + "@example.org"), Locale: new(kit.English),
		Entities: append([]kit.ID{}, entities...), Dataset: kit.Demonstration,
	}
}

// Holding gives persons the mandates that are theirs and have not ended, as the service would.
func Holding(mandates []*people.Mandate, persons ...*people.Person) []*people.Person {
	for _, p := range persons {
		for _, m := range mandates {
			if m.Person == p.ID && (m.Until == nil || *m.Until > Today) {
				p.Mandates = append(p.Mandates, people.HeldMandate{ID: m.ID, Entity: m.Entity, Role: m.Role, From: m.From, Until: m.Until})
			}
		}
	}
	return persons
}

// Mandates are, each of the person with the like id: of mem_ACTIVE the focal point man_FOCAL and the delegates
// man_DELEGATE, man_COLLEAGUE and man_FORMER, which ended; man_MINISTER, the focal point of Uganda, and man_UGANDA, a delegate of it;
// man_KENYA, the focal point of Kenya; man_INTERNATIONAL, the focal point of mem_INTERNATIONAL, and man_ABROAD, a
// delegate of it; and the focal points man_SUSPENDED and man_LEAVING of the members of that name.
func Mandates() []*people.Mandate {
	former := mandate("FORMER", "mem_ACTIVE", people.MandateDelegate, "2018-01-01")
	former.Until, former.Reason = new(kit.Date("2023-07-01")), new("left the organisation")
	return []*people.Mandate{
		mandate("FOCAL", "mem_ACTIVE", people.MandateFocalPoint, "2020-01-01"),
		mandate("DELEGATE", "mem_ACTIVE", people.MandateDelegate, "2022-05-01"),
		mandate("COLLEAGUE", "mem_ACTIVE", people.MandateDelegate, "2022-06-01"),
		former,
		mandate("UGANDA", "cty_UG", people.MandateDelegate, "2021-03-01"),
		mandate("MINISTER", "cty_UG", people.MandateFocalPoint, "2021-02-01"),
		mandate("KENYA", "cty_KE", people.MandateFocalPoint, "2021-02-01"),
		mandate("INTERNATIONAL", "mem_INTERNATIONAL", people.MandateFocalPoint, "2021-05-01"),
		mandate("ABROAD", "mem_INTERNATIONAL", people.MandateDelegate, "2022-05-01"),
		mandate("SUSPENDED", "mem_SUSPENDED", people.MandateFocalPoint, "2020-01-01"),
		mandate("LEAVING", "mem_LEAVING", people.MandateFocalPoint, "2020-01-01"),
	}
}

func mandate(id string, entity kit.ID, role people.MandateRole, from kit.Date) *people.Mandate {
	return &people.Mandate{
		ID: kit.ID("man_" + id), Entity: entity, Person: kit.ID("usr_" + id), Role: role, From: from,
		RecordedAt: kit.DateTime(from + "T09:00:00.000Z"), RecordedBy: "usr_test", Dataset: kit.Demonstration,
	}
}
