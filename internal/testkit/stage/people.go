package stage

import (
	"context"

	"memberportal/internal/kit"
)

// Who asks in tests.
var (
	Nobody      = kit.Actor{}
	Secretariat = Person("secretariat", kit.RoleSecretariat)
	Operator    = Person("operator", kit.RoleOperator)
	Reviewer    = kit.Actor{Subject: "usr_reviewer", Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"TDAG"}}
	Applicant   = Applies("app_SUBMITTED")
	Uganda      = Administration("UG")
	Kenya       = Administration("KE")
	// DelegateOfActive is usr_DELEGATE, who is a delegate of mem_ACTIVE.
	DelegateOfActive = kit.ActingFor("usr_DELEGATE", kit.RoleDelegate, "mem_ACTIVE")
)

// Person is somebody with a name and a role.
func Person(name string, role kit.Role) kit.Actor {
	return kit.Actor{Subject: kit.ID("usr_" + name), Roles: []kit.Role{role}}
}

// Applies is who has the token for an application.
func Applies(application kit.ID) kit.Actor {
	return kit.Actor{Subject: "usr_" + application, Roles: []kit.Role{kit.RoleApplicant}, Application: application}
}

// FocalPoint is a focal point of a member.
func FocalPoint(member kit.ID) kit.Actor {
	return kit.ActingFor("usr_focal", kit.RoleFocalPoint, member)
}

// Delegate is a delegate of a member.
func Delegate(member kit.ID) kit.Actor {
	return kit.ActingFor("usr_delegate", kit.RoleDelegate, member)
}

// Administration speaks for a Member State.
func Administration(country string) kit.Actor {
	return kit.ActingFor("usr_administration", kit.RoleAdministration, kit.CountryID(country))
}

// By is a request of somebody.
func By(a kit.Actor) context.Context {
	return kit.WithRequest(kit.WithActor(context.Background(), a), "request-1")
}
