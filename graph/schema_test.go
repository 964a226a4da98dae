package graph_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/benefits"

	"github.com/vektah/gqlparser/v2"
	gql "github.com/vektah/gqlparser/v2/ast"
	queryparser "github.com/vektah/gqlparser/v2/parser"

	"memberportal/graph"
	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/reference"
	"memberportal/internal/statistics"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

func schema(t *testing.T) *gql.Schema {
	t.Helper()
	return gqlparser.MustLoadSchema(&gql.Source{Name: "schema.graphql", Input: graph.SchemaText()})
}

// ours are the types that the project defines, not GraphQL's own.
func ours(t *testing.T) []*gql.Definition {
	var types []*gql.Definition
	for _, d := range schema(t).Types {
		if !d.BuiltIn {
			types = append(types, d)
		}
	}
	return types
}

func TestEverySchemaElementIsDescribed(t *testing.T) {
	bare := func(description string) bool { return len(strings.TrimSpace(description)) < 3 }
	for _, d := range ours(t) {
		if bare(d.Description) {
			t.Errorf("%s has no description", d.Name)
		}
		for _, f := range d.Fields {
			if bare(f.Description) && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has no description", d.Name, f.Name)
			}
			for _, a := range f.Arguments {
				if bare(a.Description) && !strings.HasPrefix(f.Name, "__") {
					t.Errorf("%s.%s(%s:) has no description", d.Name, f.Name, a.Name)
				}
			}
		}
		for _, v := range d.EnumValues {
			if bare(v.Description) {
				t.Errorf("%s.%s has no description", d.Name, v.Name)
			}
		}
	}
}

// TestEveryRootFieldIsOpenedOrGated fails on a field of Query or Mutation that says neither @hasRole
// nor @public, and on one that is not nullable, so that its refusal would hide the others.
func TestEveryRootFieldIsOpenedOrGated(t *testing.T) {
	for _, f := range rootFields(t) {
		if (f.Directives.ForName("hasRole") == nil) == (f.Directives.ForName("public") == nil) {
			t.Errorf("%s carries neither @hasRole nor @public, or both", f.Name)
		}
		if f.Type.NonNull {
			t.Errorf("%s is not nullable", f.Name)
		}
	}
}

func rootFields(t *testing.T) []*gql.FieldDefinition {
	s := schema(t)
	var fields []*gql.FieldDefinition
	for _, f := range append(slices.Clone(s.Query.Fields), s.Mutation.Fields...) {
		if !strings.HasPrefix(f.Name, "__") {
			fields = append(fields, f)
		}
	}
	return fields
}

// answered is what golden documents show of a root field: that somebody gets an answer, and with
// which codes others are refused.
type answered struct {
	ok, nobody bool
	codes      []string
}

func goldenAnswers(t *testing.T) map[string]*answered {
	fields := map[string]*answered{}
	for _, g := range golden.Documents(t, "testdata") {
		var answer struct {
			Data   map[string]any
			Errors []struct {
				Path       []any
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal([]byte(g.Part("want")), &answer); err != nil {
			t.Fatalf("%s: %v", g.Path, err)
		}
		doc, err := queryparser.ParseQuery(&gql.Source{Input: g.Part("query")})
		if err != nil {
			t.Fatalf("%s: %v", g.Path, err)
		}
		for _, selection := range doc.Operations[0].SelectionSet {
			f := selection.(*gql.Field)
			a := fields[f.Name]
			if a == nil {
				a = &answered{}
				fields[f.Name] = a
			}
			if answer.Data[f.Alias] != nil {
				a.ok = true
				a.nobody = a.nobody || g.Part("as") == "nobody"
			}
			for _, e := range answer.Errors {
				if len(e.Path) > 0 && e.Path[0] == f.Alias {
					a.codes = append(a.codes, e.Extensions.Code)
				}
			}
		}
	}
	return fields
}

// TestEveryRootFieldHasGoldenAndRoleCases wants, for each field, a document that answers it, and for
// a gated one documents that are refused as UNAUTHENTICATED and as FORBIDDEN.
func TestEveryRootFieldHasGoldenAndRoleCases(t *testing.T) {
	answers := goldenAnswers(t)
	for _, f := range rootFields(t) {
		a := answers[f.Name]
		switch {
		case a == nil || !a.ok:
			t.Errorf("%s has no golden document that answers it", f.Name)
		case f.Directives.ForName("public") != nil && !a.nobody && f.Name != "viewer":
			t.Errorf("%s is @public, and no golden document asks it as nobody", f.Name)
		case f.Directives.ForName("hasRole") != nil:
			for _, code := range []string{"UNAUTHENTICATED", "FORBIDDEN"} {
				if !slices.Contains(a.codes, code) {
					t.Errorf("%s has no golden document that is refused as %s", f.Name, code)
				}
			}
		}
	}
}

// TestOneRefusalAtTheGateIsEnough fails for a document that is refused by @hasRole alone where others show that each
// of its fields is refused so: the role matrix asks as everybody.
func TestOneRefusalAtTheGateIsEnough(t *testing.T) {
	roots, shown, refusals := rootFields(t), map[string]int{}, map[string][]string{}
	for _, g := range golden.Documents(t, "testdata") {
		fields := refusedAtTheGate(g, roots)
		for _, f := range fields {
			shown[f]++
		}
		refusals[g.Name()] = fields
	}
	for name, fields := range refusals {
		if len(fields) > 0 && !slices.ContainsFunc(fields, func(f string) bool { return shown[f] == 1 }) {
			t.Errorf("%s shows refusals that others show: %v", name, fields)
		}
	}
}

// refusedAtTheGate are the fields of a document and how they are refused, if each is because of who asks and
// nothing else is to be seen: no bad token, and no message in another language.
func refusedAtTheGate(g golden.Document, roots []*gql.FieldDefinition) (fields []string) {
	role, _, _ := strings.Cut(g.Part("as"), " ")
	if role == "bad" || g.Part("locale") != "" || g.Part("calls") != "0" {
		return nil
	}
	doc, err := queryparser.ParseQuery(&gql.Source{Input: g.Part("query")})
	if err != nil {
		return nil // it shows what is said of it
	}
	for _, selection := range doc.Operations[0].SelectionSet {
		f, ok := selection.(*gql.Field)
		if !ok {
			return nil
		}
		root := slices.IndexFunc(roots, func(d *gql.FieldDefinition) bool { return d.Name == f.Name })
		if root < 0 {
			return nil
		}
		gate := roots[root].Directives.ForName("hasRole")
		if gate == nil || slices.ContainsFunc(gate.Arguments.ForName("any").Value.Children, func(c *gql.ChildValue) bool { return c.Value.Raw == role }) {
			return nil
		}
		code := " FORBIDDEN"
		if role == "nobody" {
			code = " UNAUTHENTICATED"
		}
		if !slices.Contains(fields, f.Name+code) {
			fields = append(fields, f.Name+code)
		}
	}
	return fields
}

// TestEveryConnectionIsCountedInCalls wants, for each connection of the roots, a golden document
// with a variable first, which TestStoreCallsDoNotGrow asks for 2 and for 40 rows.
func TestEveryConnectionIsCountedInCalls(t *testing.T) {
	paged := map[string]bool{}
	for _, g := range golden.Documents(t, "testdata") {
		if strings.Contains(g.Part("variables"), `"first"`) {
			doc, err := queryparser.ParseQuery(&gql.Source{Input: g.Part("query")})
			if err != nil {
				t.Fatal(err)
			}
			for _, selection := range doc.Operations[0].SelectionSet {
				paged[selection.(*gql.Field).Name] = true
			}
		}
	}
	for _, f := range rootFields(t) {
		if strings.HasSuffix(f.Type.Name(), "Connection") && !paged[f.Name] {
			t.Errorf("%s has no golden document with a variable first", f.Name)
		}
	}
}

// enums are the Go lists of the schema's enums.
var enums = map[string]any{
	"FeeStatus": statistics.FeeStatuses, "ForecastKind": statistics.ForecastKinds, "RevenueCause": statistics.RevenueCauses,
	"ArrearsStage": membership.ArrearsStages, "ArrearsStep": membership.ArrearsSteps, "RenameReason": membership.RenameReasons, "ChangeRequestState": membership.ChangeRequestStates, "DepartureReason": membership.DepartureReasons, "ExemptionCriterion": membership.ExemptionCriteria, "ExemptionState": membership.ExemptionStates,
	"BenefitAct": benefits.BenefitActs, "BenefitKind": benefits.BenefitKinds, "SearchType": kit.SearchTypes, "ChangeKind": kit.ChangeKinds, "CountryKind": country.CountryKinds, "Dataset": kit.Datasets,
	"DevelopmentClass": country.DevelopmentClasses, "LifecycleKind": membership.LifecycleKinds, "Locale": kit.Locales,
	"AttendanceMode": events.AttendanceModes, "ContributionDecision": events.ContributionDecisions, "ContributionStatus": events.ContributionStatuses,
	"EventDocumentKind": events.EventDocumentKinds, "EventFormat": events.EventFormats, "EventKind": events.EventKinds,
	"EventOrderField": events.EventOrderFields, "EventPrecision": events.EventPrecisions, "EventReaders": events.EventReaderKinds,
	"EventRoleKind": events.EventRoleKinds, "EventStatus": events.EventStatuses, "EventVisibility": events.EventVisibilities,
	"NameVisibility": events.NameVisibilities, "RegistrantKind": events.RegistrantKinds, "RegistrationStatus": events.RegistrationStatuses,
	"ActionBody": consultations.ActionBodies, "AddresseeRole": consultations.AddresseeRoles, "ConsultationStatus": consultations.ConsultationStatuses,
	"FeedbackCapacity": consultations.FeedbackCapacities, "FeedbackStatus": consultations.FeedbackStatuses, "ParagraphKind": consultations.ParagraphKinds,
	"Position": consultations.Positions, "Publication": consultations.Publications, "QuestionKind": consultations.QuestionKinds, "ReplyState": consultations.ReplyStates,
	"Timeliness":          consultations.Timelinesses,
	"ApplicationDecision": applications.ApplicationDecisions, "ApplicationEventKind": applications.ApplicationEventKinds, "ApplicationField": applications.ApplicationFields, "ApplicationFlag": applications.ApplicationFlags, "ApplicationNextStepKind": applications.ApplicationNextStepKinds, "FeeUnknown": applications.FeeUnknowns,
	"NotificationKind": kit.NotificationKinds, "NotificationDelivery": people.NotificationDeliveries,
	"ApplicationStatus": applications.ApplicationStatuses, "ApplicationStepKind": applications.ApplicationStepKinds, "NameLikeness": applications.NameLikenesses,
	"RespondentKind": membership.RespondentKinds, "ServiceArea": consultations.ServiceAreas,
	"CountryStatus": membership.CountryStatuses, "InvoiceKind": membership.InvoiceKinds, "InvoiceLeftOut": membership.InvoicesLeftOut, "InvoiceState": membership.InvoiceStates, "TariffKind": membership.TariffKinds, "RuleUnit": membership.RuleUnitKinds, "ReferenceKind": reference.ReferenceKinds,
	"MandateRole": people.MandateRoles, "MandateState": people.MandateStates, "MemberOrderField": membership.MemberOrderFields, "MembershipCategory": membership.MembershipCategories,
	"MandateEventKind": people.MandateEventKinds, "PersonInvitationState": people.PersonInvitationStates, "UnreachableReason": people.UnreachableReasons,
	"MembershipStatus": membership.MembershipStatuses, "OrderDirection": kit.OrderDirections, "Provenance": kit.Provenances,
	"Region": country.Regions, "Role": kit.Roles, "StaffArea": kit.StaffAreas, "Sector": membership.Sectors, "SocialNetwork": membership.SocialNetworks,
	"MailFault": kit.MailFaults, "MailLane": kit.Lanes, "MailState": kit.MailStates,
	"ExportFormat": jobs.ExportFormats, "ExportKind": kit.ExportKinds, "JobFaultCode": jobs.JobFaultCodes, "JobState": jobs.JobStates, "JobStep": jobs.JobSteps,
	"StudyGroup": membership.StudyGroups, "UserErrorCode": kit.UserErrorCodes,
}

// TestEnumsEqualTheirConstants holds each enum of the schema against the Go list of the same name,
// and that list against the constants of its type.
func TestEnumsEqualTheirConstants(t *testing.T) {
	lists := map[string][]string{}
	for name, list := range enums {
		v := reflect.ValueOf(list)
		for i := range v.Len() {
			lists[name] = append(lists[name], v.Index(i).String())
		}
		slices.Sort(lists[name])
		if of := v.Type().Elem().Name(); of != name {
			t.Errorf("the list of %s is of type %s", name, of)
		}
	}
	for _, d := range ours(t) {
		if d.Kind != gql.Enum {
			continue
		}
		var values []string
		for _, v := range d.EnumValues {
			values = append(values, v.Name)
		}
		slices.Sort(values)
		if !slices.Equal(values, lists[d.Name]) {
			t.Errorf("enum %s is %v in the schema and %v in Go", d.Name, values, lists[d.Name])
		}
	}
	found := 0
	for _, room := range rooms {
		for name, constants := range constantsOf(t, strings.Replace(room, "memberportal", "..", 1)) {
			slices.Sort(constants)
			list, known := lists[name]
			if known && !slices.Equal(constants, list) {
				t.Errorf("%s has the constants %v and the list %v", name, constants, list)
			}
			if known {
				found++
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d enums have constants", found)
	}
}

// constantsOf are a package's string constants by their type.
func constantsOf(t *testing.T, folder string) map[string][]string {
	constants := map[string][]string{}
	paths, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || strings.HasSuffix(path, "_test.go") {
				return true
			}
			of, named := spec.Type.(*ast.Ident)
			for _, v := range spec.Values {
				if literal, text := v.(*ast.BasicLit); named && text && literal.Kind == token.STRING {
					value, _ := strconv.Unquote(literal.Value)
					constants[of.Name] = append(constants[of.Name], value)
				}
			}
			return true
		})
	}
	return constants
}

// nodePrefixes are the id prefixes of the types that are nodes.
var nodePrefixes = map[string]string{
	"Application": "app", "AuditEntry": "aud", "Benefit": "ben", "CalendarLink": "cal", "Consultation": "con", "Contribution": "ctr",
	"Country": "cty", "Event": "evt", "EventInvitation": "inv", "EventSeries": "ser", "FeeExemption": "exm", "Feedback": "fbk",
	"FeedbackDraft": "drf", "Invoice": "ivc", "Job": "job", "LiaisonStatement": "lia", "MailRecord": "out", "Mandate": "man", "Member": "mem", "MembershipChangeRequest": "mcr", "Notification": "ntf", "Participation": "per", "ReferenceEntry": "ref", "PersonInvitation": "pin",
	"Person": "usr", "Registration": "reg", "ServiceFeedback": "sfb", "Synthesis": "syn",
}

func TestEveryNodeTypeHasAReader(t *testing.T) {
	s := schema(t)
	readers := testkit.Portal(t, testkit.Engines()[0].Shared(t)).Nodes.Prefixes()
	types := s.GetPossibleTypes(s.Types["Node"])
	for _, d := range types {
		if prefix := nodePrefixes[d.Name]; prefix == "" || !slices.Contains(readers, prefix) {
			t.Errorf("%s is a Node with the prefix %q and no reader", d.Name, prefix)
		}
	}
	if len(readers) != len(types) {
		t.Errorf("readers for %v, and %d types that are nodes", readers, len(types))
	}
}
