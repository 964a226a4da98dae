package people_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// several has a mandate of each kind, and grants.
func several() *people.Person {
	held := func(id string, entity kit.ID, role people.MandateRole, from kit.Date, until ...kit.Date) people.HeldMandate {
		h := people.HeldMandate{ID: kit.ID("man_" + id), Entity: entity, Role: role, From: from}
		if len(until) > 0 {
			h.Until = &until[0]
		}
		return h
	}
	grant := func(id string, role kit.Role, change func(*people.Grant)) people.Grant {
		g := people.Grant{ID: kit.ID("grt_" + id), Role: role, From: "2020-01-01", GrantedBy: "usr_test", GrantedAt: "2020-01-01T09:00:00.000Z"}
		change(&g)
		return g
	}
	return &people.Person{
		ID: "usr_SEVERAL", Name: new("Nina Weber"), Email: new("nina@example.org"), Dataset: kit.Demonstration,
		Entities: []kit.ID{"mem_A", "mem_B", "mem_C", "mem_D", "cty_UG", "cty_KE"},
		Mandates: []people.HeldMandate{
			held("A", "mem_A", people.MandateFocalPoint, "2020-01-01"), held("B", "mem_B", people.MandateDelegate, "2020-01-01"),
			held("C", "mem_C", people.MandateFocalPoint, testkit.Today.AddDays(1)), held("D", "mem_D", people.MandateFocalPoint, "2020-01-01", testkit.Today),
			held("U", "cty_UG", people.MandateFocalPoint, "2020-01-01"), held("K", "cty_KE", people.MandateDelegate, testkit.Today, testkit.Today.AddDays(1)),
		},
		Grants: []people.Grant{
			grant("R", kit.RoleReviewer, func(g *people.Grant) { g.Groups = []string{"TDAG", "RAG"} }),
			grant("S", kit.RoleSecretariat, func(g *people.Grant) { g.Areas = []kit.StaffArea{kit.AreaEvents} }),
			grant("O", kit.RoleOperator, func(g *people.Grant) { g.Until = new(testkit.Today) }),
		},
	}
}

func TestAuthorityIsWhatTheRecordsGiveAndTheTokenLeaves(t *testing.T) {
	type want struct {
		roles    []kit.Role
		entities []kit.ID
		groups   []string
	}
	all := want{[]kit.Role{kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleReviewer, kit.RoleSecretariat}, []kit.ID{"cty_KE", "cty_UG", "mem_A", "mem_B"}, []string{"RAG", "TDAG"}}
	nothing := want{}
	for name, c := range map[string]struct {
		proof kit.Proof
		want  want
	}{
		"a token that names nothing asks for all":       {kit.Proof{}, all},
		"roles leave the others out":                    {kit.Proof{Roles: []kit.Role{kit.RoleFocalPoint, kit.RoleOperator}}, want{[]kit.Role{kit.RoleFocalPoint}, []kit.ID{"mem_A"}, []string{"RAG", "TDAG"}}},
		"an entity leaves the others out":               {kit.Proof{Roles: []kit.Role{kit.RoleDelegate}, Entities: []kit.ID{"cty_KE"}}, want{[]kit.Role{kit.RoleDelegate}, []kit.ID{"cty_KE"}, []string{"RAG", "TDAG"}}},
		"an entity of nobody leaves nothing":            {kit.Proof{Roles: []kit.Role{kit.RoleFocalPoint}, Entities: []kit.ID{"mem_X"}}, want{groups: []string{"RAG", "TDAG"}}},
		"a mandate that is to come gives nothing":       {kit.Proof{Entities: []kit.ID{"mem_C"}, Roles: []kit.Role{kit.RoleFocalPoint}}, want{groups: []string{"RAG", "TDAG"}}},
		"a mandate that ended today gives nothing":      {kit.Proof{Entities: []kit.ID{"mem_D"}, Roles: []kit.Role{kit.RoleFocalPoint}}, want{groups: []string{"RAG", "TDAG"}}},
		"a group leaves the others out":                 {kit.Proof{Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"RAG", "SG1"}}, want{[]kit.Role{kit.RoleReviewer}, nil, []string{"RAG"}}},
		"a role without its scope is not held":          {kit.Proof{Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"SG1"}}, nothing},
		"a grant that ended today gives nothing":        {kit.Proof{Roles: []kit.Role{kit.RoleOperator}}, want{groups: []string{"RAG", "TDAG"}}},
		"an application is no role of a person":         {kit.Proof{Roles: []kit.Role{kit.RoleApplicant}}, want{groups: []string{"RAG", "TDAG"}}},
		"a person that is not recorded has no role":     {kit.Proof{Subject: "usr_NOBODY", Roles: []kit.Role{kit.RoleSecretariat}}, nothing},
		"an identity that nobody has gives no role":     {kit.Proof{Issuer: "https://id.example", IssuerSubject: "1", Roles: []kit.Role{kit.RoleSecretariat}}, nothing},
		"what an operator maps is given without record": {kit.Proof{Issuer: "https://id.example", IssuerSubject: "1", Roles: []kit.Role{kit.RoleSecretariat}, Staff: []kit.Role{kit.RoleSecretariat}}, want{roles: []kit.Role{kit.RoleSecretariat}}},
	} {
		t.Run(name, func(t *testing.T) {
			stage.OnEngines(t, func(s scene) {
				s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), several()))
				if c.proof.Subject == "" && c.proof.Issuer == "" {
					c.proof.Subject = "usr_SEVERAL"
				}
				a, err := s.Portal.Persons.Authority(context.Background(), c.proof)
				s.Must(err)
				if !slices.Equal(a.Roles, c.want.roles) || !slices.Equal(a.Entities(), c.want.entities) || !slices.Equal(a.Groups, c.want.groups) || a.Anonymous() {
					s.Errorf("got %+v, want %+v", a, c.want)
				}
			})
		})
	}
}

func TestASecretaryOfAnAreaIsNoneElsewhere(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), several()))
	a, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: "usr_SEVERAL"})
	if s.Must(err); !a.Has(kit.RoleSecretariat) || !a.Has(kit.EventsSecretariat) || a.Has(kit.FinanceSecretariat) || a.Has(kit.WholeSecretariat) {
		t.Errorf("got %+v", a)
	}
}

// TestAMappedSecretaryHasTheAreasOfTheMapAndOfTheRecords: what the operator maps adds to what is recorded.
func TestAMappedSecretaryHasTheAreasOfTheMapAndOfTheRecords(t *testing.T) {
	for name, c := range map[string]struct {
		subject kit.ID
		areas   []kit.StaffArea
		want    []kit.StaffArea
	}{
		"a machine account of an area":        {"usr_NOBODY", []kit.StaffArea{kit.AreaFinance}, []kit.StaffArea{kit.AreaFinance}},
		"a machine account of no area":        {"usr_NOBODY", nil, nil},
		"a secretary of an area, and another": {"usr_SEVERAL", []kit.StaffArea{kit.AreaFinance}, []kit.StaffArea{kit.AreaEvents, kit.AreaFinance}},
		"a secretary of an area, and all":     {"usr_SEVERAL", nil, nil},
		"a secretary of all, and an area":     {"usr_WHOLE", []kit.StaffArea{kit.AreaFinance}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, whole := scene{stage.Embedded(t)}, several()
			whole.ID, whole.Email, whole.Grants[1].Areas = "usr_WHOLE", new("whole@example.org"), nil
			for _, p := range []*people.Person{several(), whole} {
				s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), p))
			}
			a, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: c.subject, Staff: []kit.Role{kit.RoleSecretariat}, StaffAreas: c.areas})
			if s.Must(err); !a.Has(kit.RoleSecretariat) || !slices.Equal(a.Areas, c.want) {
				t.Errorf("got %+v, want the areas %v", a, c.want)
			}
		})
	}
}

func TestWhoeverIsShutOutIsRefused(t *testing.T) {
	issued := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change  func(*people.Person)
		refused bool
	}{
		"a person who may sign in":                    {func(*people.Person) {}, false},
		"a person who is disabled":                    {func(p *people.Person) { p.DisabledAt = new(kit.DateTime("2025-03-30T12:00:00.000Z")) }, true},
		"a person who is erased":                      {func(p *people.Person) { p.ErasedOn = new(kit.Date("2025-03-30")) }, true},
		"a token from before what is void":            {func(p *people.Person) { p.VoidBefore = new(kit.DateTime("2025-03-01T12:00:01.000Z")) }, true},
		"a token from the instant of what is void on": {func(p *people.Person) { p.VoidBefore = new(kit.DateTime("2025-03-01T12:00:00.000Z")) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := scene{stage.Embedded(t)}, several()
			c.change(p)
			s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), p))
			_, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: p.ID, IssuedAt: issued})
			if !c.refused {
				s.Must(err)
				return
			}
			s.Refused(err, kit.Unauthenticated)
		})
	}
}

func TestAMandateCountsFromTheNextRequestOn(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		leads := func(person kit.ID) bool {
			a, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: person})
			s.Must(err)
			return a.Leads("mem_ACTIVE")
		}
		made := s.AppointFocalPoint(testkit.Today)
		if !leads(made.Person) || !leads("usr_FOCAL") {
			s.Error("a focal point has no authority")
		}
		if faults := s.EndMandate(stage.Secretariat, made.ID, 1, testkit.Today); len(faults) > 0 {
			s.Fatal(faults)
		}
		if leads(made.Person) {
			s.Error("a mandate that ended gives authority")
		}
	})
}

func TestAPersonWhoseRecordIsDamagedHasNoAuthorityAndIsNotRefused(t *testing.T) {
	s := scene{stage.Embedded(t)}
	testkit.Spoil(t, s.Store, people.PersonNoun.Kind, "usr_FOCAL", func(bson.D) bson.D {
		return bson.D{{Key: "_id", Value: "usr_FOCAL"}, {Key: "version", Value: "seven"}}
	}, 0)
	a, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: "usr_FOCAL"})
	if _, refused := err.(*kit.Refusal); err == nil || refused || len(a.Roles) > 0 {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestAStoreOfBeforeRepeatsMandates(t *testing.T) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			ctx, s := context.Background(), e.Fresh(t)
			persons := people.PersonNoun.In(s)
			for _, id := range []string{"usr_FOCAL", "usr_FORMER", "usr_UGANDA"} { // as they were stored before
				p, err := persons.Get(ctx, id)
				if err != nil {
					t.Fatal(err)
				}
				p.Mandates = nil
				if err := persons.Replace(ctx, p); err != nil {
					t.Fatal(err)
				}
			}
			i := slices.IndexFunc(portal.Migrations(), func(m store.Migration) bool { return m.Number == 4 })
			for range 2 { // it may be interrupted and run again
				if err := portal.Migrations()[i].Run(ctx, s); err != nil {
					t.Fatal(err)
				}
			}
			for id, want := range map[kit.ID]bool{"usr_FOCAL": true, "usr_UGANDA": true, "usr_FORMER": false} {
				a, err := testkit.Portal(t, s).Persons.Authority(ctx, kit.Proof{Subject: id})
				if err != nil || len(a.Entities()) > 0 != want {
					t.Errorf("%s: %v, %v", id, a.Entities(), err)
				}
			}
			if p, err := persons.Get(ctx, "usr_FOCAL"); err != nil || p.Version != 3 || p.Mandates[0].ID != "man_FOCAL" {
				t.Errorf("got %+v, %v", p, err)
			}
		})
	}
}
