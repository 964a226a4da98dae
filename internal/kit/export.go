package kit

import "context"

// ExportKind is a table that the secretariat can take out.
type ExportKind string

// The tables.
const (
	ExportMembers       ExportKind = "MEMBERS"
	ExportRegistrations ExportKind = "REGISTRATIONS"
	ExportAttendance    ExportKind = "ATTENDANCE"
	ExportReplies       ExportKind = "REPLIES"
	ExportInvoices      ExportKind = "INVOICES"
)

// ExportKinds lists every kind; Valid accepts no other.
var ExportKinds = []ExportKind{ExportMembers, ExportRegistrations, ExportAttendance, ExportReplies, ExportInvoices}

// Valid refuses a value that is not in ExportKinds.
func (v ExportKind) Valid() error { return CheckOneOf(v, ExportKinds, "export kind") }

// ExportScope says of which records a table is. A field is nil where the kind does not take it, or takes all.
type ExportScope struct {
	EventID        *ID  `bson:"event,omitempty"`
	ConsultationID *ID  `bson:"consultation,omitempty"`
	Year           *int `bson:"year,omitempty"`
}

// Export is how a room writes a table.
type Export struct {
	Kind ExportKind
	// Area is the part of the secretariat that may take the table out.
	Area StaffArea
	// OfEvent and OfConsultation say that a record must be named; ByYear, that a year may be.
	OfEvent, OfConsultation, ByYear bool
	// There says whether the event or consultation of a scope exists; nil if the kind takes neither.
	There func(ctx context.Context, scope ExportScope) (bool, error)
	// Write writes the table. It checks that the caller has the area.
	Write func(ctx context.Context, scope ExportScope, to Rows) error
}

// May says whether the actor may take the table out now.
func (e Export) May(a Actor) bool { return a.Has(e.Area.secretariat()) }

// Require returns nil if the caller may take the table out, UNAUTHENTICATED for a visitor and FORBIDDEN for anybody
// else.
func (e Export) Require(ctx context.Context) error { return Require(ctx, e.Area.secretariat()) }

// Actor is who a job acts for that writes the table: the person who asked for it, with this one area.
func (e Export) Actor(person ID) Actor {
	return Actor{Subject: person, Roles: []Role{RoleSecretariat}, Areas: []StaffArea{e.Area}}
}

// Check adds the faults of a scope: REQUIRED for a record that must be named, INVALID for one that the kind does not
// take, UNKNOWN_REFERENCE for one that does not exist.
func (e Export) Check(ctx context.Context, f *Faults, s ExportScope) error {
	e.takes(f, "input.event", s.EventID != nil, e.OfEvent, e.OfEvent)
	e.takes(f, "input.consultation", s.ConsultationID != nil, e.OfConsultation, e.OfConsultation)
	e.takes(f, "input.year", s.Year != nil, e.ByYear, false)
	if s.Year != nil {
		f.Between("input.year", *s.Year, 1, 9999)
	}
	if len(f.List) > 0 || e.There == nil {
		return nil
	}
	there, err := e.There(ctx, s)
	if err != nil || there {
		return err
	}
	path := "input.event"
	if e.OfConsultation {
		path = "input.consultation"
	}
	f.Add(CodeUnknownReference, path, "unknownReference", nil)
	return nil
}

func (e Export) takes(f *Faults, path string, given, may, must bool) {
	switch {
	case given && !may:
		f.Add(CodeInvalid, path, "invalid.exportScope", map[string]string{"kind": string(e.Kind)})
	case !given && must:
		f.Add(CodeRequired, path, "required", nil)
	}
}
