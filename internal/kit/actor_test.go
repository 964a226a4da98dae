package kit

import (
	"errors"
	"testing"
)

func TestAScopedRoleNeedsItsClaim(t *testing.T) {
	for name, c := range map[string]struct {
		actor Actor
		role  Role
		want  bool
	}{
		"nobody holds no role, whatever the list says":   {Actor{Roles: Roles}, RoleSecretariat, false},
		"a role that is not in the list is not held":     {Actor{Subject: "usr_1", Roles: []Role{RoleOperator}}, RoleSecretariat, false},
		"the secretariat needs no claim":                 {Actor{Subject: "usr_1", Roles: []Role{RoleSecretariat}}, RoleSecretariat, true},
		"a focal point of no member may do nothing":      {Actor{Subject: "usr_1", Roles: []Role{RoleFocalPoint}, Mandates: []Acting{{"cty_UG", RoleFocalPoint}}, Groups: []string{"TDAG"}}, RoleFocalPoint, false},
		"a focal point of a member may act":              {ActingFor("usr_1", RoleFocalPoint, "mem_1"), RoleFocalPoint, true},
		"a delegate of no member may do nothing":         {Actor{Subject: "usr_1", Roles: []Role{RoleDelegate}}, RoleDelegate, false},
		"an administration of no country may do nothing": {ActingFor("usr_1", RoleAdministration, "mem_1"), RoleAdministration, false},
		"an administration of a country may act":         {ActingFor("usr_1", RoleAdministration, "cty_UG"), RoleAdministration, true},
		"a reviewer of no group may do nothing":          {Actor{Subject: "usr_1", Roles: []Role{RoleReviewer}}, RoleReviewer, false},
		"a reviewer of a group may act":                  {Actor{Subject: "usr_1", Roles: []Role{RoleReviewer}, Groups: []string{"TDAG"}}, RoleReviewer, true},
		"an applicant of no application may do nothing":  {ActingFor("usr_1", RoleApplicant, "mem_1"), RoleApplicant, false},
		"an applicant of an application may act":         {Actor{Subject: "usr_1", Roles: []Role{RoleApplicant}, Application: "app_1"}, RoleApplicant, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.actor.Has(c.role); got != c.want {
				t.Errorf("got %v", got)
			}
			err := c.actor.Require(c.role)
			refusal, _ := errors.AsType[*Refusal](err)
			switch {
			case c.want && err != nil:
				t.Errorf("refused: %v", err)
			case !c.want && c.actor.Anonymous() && (refusal == nil || refusal.Code != Unauthenticated):
				t.Errorf("a visitor got %v", err)
			case !c.want && !c.actor.Anonymous() && (refusal == nil || refusal.Code != Forbidden):
				t.Errorf("a person got %v", err)
			}
		})
	}
}

func TestAnActorActsForItsOwnMemberAndCountryOnly(t *testing.T) {
	focal := ActingFor("usr_1", RoleFocalPoint, "mem_1")
	delegate := ActingFor("usr_1", RoleDelegate, "mem_1")
	administration := ActingFor("usr_1", RoleAdministration, "cty_UG")
	for name, c := range map[string]struct{ got, want bool }{
		"a focal point acts for its member":                       {focal.Of("mem_1"), true},
		"a focal point does not act for another":                  {focal.Of("mem_2"), false},
		"a claim without the role is nothing":                     {ActingFor("usr_1", RoleReviewer, "mem_1").Of("mem_1"), false},
		"an administration governs its country":                   {administration.Governs("cty_UG"), true},
		"an administration does not govern another":               {administration.Governs("cty_KE"), false},
		"nobody governs an organisation in no country":            {administration.Governs(""), false},
		"an administration without a country governs nothing":     {Actor{Subject: "usr_1", Roles: []Role{RoleAdministration}}.Governs("cty_"), false},
		"the secretariat is no administration":                    {ActingFor("usr_1", RoleSecretariat, "cty_UG").Governs("cty_UG"), false},
		"a visitor whose token was never checked governs nothing": {ActingFor("", RoleAdministration, "cty_UG").Governs("cty_UG"), false},
		"a focal point speaks for its member":                     {focal.SpeaksFor("mem_1") && focal.ActsFor("mem_1"), true},
		"a focal point speaks for no other":                       {focal.SpeaksFor("mem_2") || focal.ActsFor("mem_2"), false},
		"a delegate acts for its member":                          {delegate.ActsFor("mem_1"), true},
		"a delegate speaks for nobody":                            {delegate.SpeaksFor("mem_1"), false},
		"an administration speaks for its country":                {administration.SpeaksFor("cty_UG") && administration.ActsFor("cty_UG"), true},
		"an administration speaks for no other":                   {administration.SpeaksFor("cty_KE") || administration.ActsFor("cty_KE"), false},
		"nobody acts for nothing":                                 {Actor{Subject: "usr_1", Roles: Roles}.ActsFor(""), false},
		"one of several roles is enough":                          {focal.HasAny(RoleSecretariat, RoleFocalPoint), true},
		"none of several roles is not":                            {focal.HasAny(RoleSecretariat, RoleOperator), false},
		"no roles asked for are none held":                        {focal.HasAny(), false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %v", c.got)
			}
		})
	}
}
