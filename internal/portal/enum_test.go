package portal

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"go/ast"
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/benefits"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/figures"
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/reference"
	"memberportal/internal/statistics"
	"memberportal/internal/store"
)

// enums are the package's closed sets, and openTexts its named strings that are none; a guard
// compares both with the source.
var (
	enums = map[string][]string{
		"FeeStatus": kit.Strings(statistics.FeeStatuses), "ForecastKind": kit.Strings(statistics.ForecastKinds), "RevenueCause": kit.Strings(statistics.RevenueCauses),
		"BenefitAct": kit.Strings(benefits.BenefitActs), "BenefitKind": kit.Strings(benefits.BenefitKinds), "ChangeKind": kit.Strings(kit.ChangeKinds), "CountryKind": kit.Strings(country.CountryKinds), "Dataset": kit.Strings(kit.Datasets),
		"DevelopmentClass": kit.Strings(country.DevelopmentClasses), "LifecycleKind": kit.Strings(membership.LifecycleKinds), "Locale": kit.Strings(kit.Locales),
		"AttendanceMode": kit.Strings(events.AttendanceModes), "ContributionDecision": kit.Strings(events.ContributionDecisions), "ContributionStatus": kit.Strings(events.ContributionStatuses),
		"EventDocumentKind": kit.Strings(events.EventDocumentKinds), "EventFormat": kit.Strings(events.EventFormats), "EventKind": kit.Strings(events.EventKinds),
		"EventOrderField": kit.Strings(events.EventOrderFields), "EventPrecision": kit.Strings(events.EventPrecisions), "EventReaders": kit.Strings(events.EventReaderKinds),
		"EventRoleKind": kit.Strings(events.EventRoleKinds), "EventStatus": kit.Strings(events.EventStatuses), "EventVisibility": kit.Strings(events.EventVisibilities),
		"NameVisibility": kit.Strings(events.NameVisibilities), "RegistrantKind": kit.Strings(events.RegistrantKinds), "RegistrationStatus": kit.Strings(events.RegistrationStatuses),
		"ActionBody": kit.Strings(consultations.ActionBodies), "AddresseeRole": kit.Strings(consultations.AddresseeRoles), "ConsultationStatus": kit.Strings(consultations.ConsultationStatuses),
		"FeedbackCapacity": kit.Strings(consultations.FeedbackCapacities), "FeedbackStatus": kit.Strings(consultations.FeedbackStatuses), "ParagraphKind": kit.Strings(consultations.ParagraphKinds),
		"Position": kit.Strings(consultations.Positions), "Publication": kit.Strings(consultations.Publications), "QuestionKind": kit.Strings(consultations.QuestionKinds), "ReplyState": kit.Strings(consultations.ReplyStates),
		"Timeliness":   kit.Strings(consultations.Timelinesses),
		"ArrearsStage": kit.Strings(membership.ArrearsStages), "ArrearsStep": kit.Strings(membership.ArrearsSteps),
		"ChangeRequestState": kit.Strings(membership.ChangeRequestStates), "DepartureReason": kit.Strings(membership.DepartureReasons),
		"RenameReason": kit.Strings(membership.RenameReasons), "ExemptionCriterion": kit.Strings(membership.ExemptionCriteria),
		"ExemptionState": kit.Strings(membership.ExemptionStates), "CountryStatus": kit.Strings(membership.CountryStatuses), "InvoiceKind": kit.Strings(membership.InvoiceKinds),
		"InvoiceLeftOut": kit.Strings(membership.InvoicesLeftOut), "InvoiceState": kit.Strings(membership.InvoiceStates), "TariffKind": kit.Strings(membership.TariffKinds), "RuleUnit": kit.Strings(membership.RuleUnitKinds), "ReferenceKind": kit.Strings(reference.ReferenceKinds),
		"ApplicationDecision": kit.Strings(applications.ApplicationDecisions), "ApplicationEventKind": kit.Strings(applications.ApplicationEventKinds),
		"ApplicationFlag": kit.Strings(applications.ApplicationFlags), "ApplicationField": kit.Strings(applications.ApplicationFields),
		"ApplicationNextStepKind": kit.Strings(applications.ApplicationNextStepKinds), "FeeUnknown": kit.Strings(applications.FeeUnknowns),
		"ApplicationStatus": kit.Strings(applications.ApplicationStatuses), "ApplicationStepKind": kit.Strings(applications.ApplicationStepKinds), "DueKind": kit.Strings(kit.DueKinds), "NameLikeness": kit.Strings(applications.NameLikenesses),
		"InvoiceReminder": kit.Strings(membership.InvoiceReminders), "NotificationKind": kit.Strings(kit.NotificationKinds), "NotificationDelivery": kit.Strings(people.NotificationDeliveries),
		"MandateRole": kit.Strings(people.MandateRoles), "MandateState": kit.Strings(people.MandateStates), "RespondentKind": kit.Strings(membership.RespondentKinds),
		"ExportFormat": kit.Strings(jobs.ExportFormats), "ExportKind": kit.Strings(kit.ExportKinds), "JobFaultCode": kit.Strings(jobs.JobFaultCodes), "JobState": kit.Strings(jobs.JobStates), "JobStep": kit.Strings(jobs.JobSteps),
		"FigureUnit": kit.Strings(figures.FigureUnits), "FigureVerdict": kit.Strings(figures.FigureVerdicts), "ObservationCode": kit.Strings(figures.ObservationCodes),
		"MailFault": kit.Strings(kit.MailFaults), "MailLane": kit.Strings(kit.Lanes), "MailState": kit.Strings(kit.MailStates),
		"MandateEventKind": kit.Strings(people.MandateEventKinds), "PersonInvitationState": kit.Strings(people.PersonInvitationStates), "UnreachableReason": kit.Strings(people.UnreachableReasons),
		"MemberOrderField": kit.Strings(membership.MemberOrderFields), "MembershipCategory": kit.Strings(membership.MembershipCategories), "MembershipStatus": kit.Strings(membership.MembershipStatuses),
		"OrderDirection": kit.Strings(kit.OrderDirections), "Provenance": kit.Strings(kit.Provenances), "Region": kit.Strings(country.Regions), "Role": kit.Strings(kit.Roles), "StaffArea": kit.Strings(kit.StaffAreas),
		"SearchType": kit.Strings(kit.SearchTypes), "Sector": kit.Strings(membership.Sectors), "ServiceArea": kit.Strings(consultations.ServiceAreas), "SocialNetwork": kit.Strings(membership.SocialNetworks), "StudyGroup": kit.Strings(membership.StudyGroups), "UserErrorCode": kit.Strings(kit.UserErrorCodes),
	}
	openTexts = []string{"ID", "Label", "Date", "DateTime", "LocalDateTime", "Currency", "Code"}
)

func TestEveryNamedStringIsAnEnumOrIsNot(t *testing.T) {
	found := 0
	for name, typ := range declaredTypes(t) {
		if id, ok := typ.(*ast.Ident); !ok || id.Name != "string" {
			continue
		}
		found++
		if _, enum := enums[name]; enum == slices.Contains(openTexts, name) {
			t.Errorf("%s is to stand either in enums or in openTexts", name)
		}
	}
	if want := len(enums) + len(openTexts); found != want {
		t.Errorf("%d named strings in the source, %d in the test", found, want)
	}
}

func TestEveryEnumListsEachOfItsValuesOnce(t *testing.T) {
	s := schema(t)
	for name, values := range enums {
		t.Run(name, func(t *testing.T) {
			for i, v := range values {
				if v == "" || slices.Contains(values[:i], v) {
					t.Errorf("%q is empty or stands twice", v)
				}
			}
			declared := s.Types[name]
			if declared == nil {
				return // not in the graph
			}
			var inSchema []string
			for _, v := range declared.EnumValues {
				inSchema = append(inSchema, v.Name)
			}
			slices.Sort(inSchema)
			if !slices.Equal(inSchema, slices.Sorted(slices.Values(values))) {
				t.Errorf("Go has %v, the schema %v", values, inSchema)
			}
		})
	}
}

// fill gives every stored field below a value one that is valid: its own name for a text, the least
// value of an enum, lists of one.
func fill(v reflect.Value, name string) {
	switch {
	case v.Type() == reflect.TypeFor[kit.Date]():
		v.SetString("2025-03-31")
	case v.Type() == reflect.TypeFor[kit.DateTime]():
		v.SetString("2025-03-31T12:00:00.007Z")
	case v.Type() == reflect.TypeFor[kit.StoredSecret]():
		v.Set(reflect.ValueOf(kit.StoredSecret{ID: "secret", Version: 7, Value: base64.RawURLEncoding.EncodeToString(make([]byte, kit.SecretSize))}))
	case v.Type() == reflect.TypeFor[kit.ID]():
		v.SetString("mem_" + cmp.Or(name, "X"))
	case v.Type() == reflect.TypeFor[events.LocalDateTime]():
		v.SetString("2025-03-31T12:00")
	case v.Type() == reflect.TypeFor[kit.Currency]():
		v.SetString("CHF")
	case v.Kind() == reflect.String && enums[v.Type().Name()] != nil:
		v.SetString(slices.Min(enums[v.Type().Name()]))
	case v.Kind() == reflect.String:
		v.SetString(name)
	case v.Kind() == reflect.Int64 || v.Kind() == reflect.Int:
		v.SetInt(7)
	case v.Kind() == reflect.Uint8:
		v.SetUint(7)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case v.Kind() == reflect.Struct:
		for f, field := range v.Fields() {
			if f.Tag.Get("bson") != "" {
				fill(field, f.Name)
			}
		}
	default:
		panic(fmt.Sprintf("%s is a %s", name, v.Type()))
	}
}

// checkedText is whether values of a type are texts that check themselves.
func checkedText(typ reflect.Type) bool {
	return typ.Kind() == reflect.String && reflect.PointerTo(typ).Implements(reflect.TypeFor[store.Checked]())
}

// visit calls f for every text below a value that checks itself, with its path and whether it may be empty.
func visit(v reflect.Value, path string, mayBeEmpty bool, f func(path string, v reflect.Value, mayBeEmpty bool)) {
	switch v.Kind() {
	case reflect.String:
		if checkedText(v.Type()) {
			f(path, v, mayBeEmpty)
		}
	case reflect.Pointer:
		visit(v.Elem(), path, mayBeEmpty, f)
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), false, f)
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			if field.Tag.Get("bson") != "" {
				visit(value, path+"."+field.Name, field.Tag.Get("valid") == "empty", f)
			}
		}
	}
}

// wrong are values that a place for a type must not hold.
func wrong(v reflect.Value) []string {
	switch v.Interface().(type) {
	case kit.ID:
		return []string{"", "BOGUS", "mem_", "_1", "MEM_1", "mem_a b", "mem_a\n", "mem_é", "mem_" + strings.Repeat("x", kit.MaxID)}
	case kit.Date:
		return []string{"", "2025-02-30", "2025-3-1", "31.03.2025", "2025-03-31T12:00:00.007Z", "2025-03-31 ", "today"}
	case kit.DateTime:
		return []string{"", "2025-03-31", "2025-03-31T12:00:00Z", "2025-03-31T12:00:00,007Z", "2025-03-31T25:00:00.007Z", "2025-03-31T12:00:00.007+01:00", "now"}
	case events.LocalDateTime:
		return []string{"", "2025-03-31", "2025-03-31T24:30", "2025-03-31T9:30", "2025-03-31T09:30:00"}
	case kit.Currency:
		return []string{"", "chf", "CH", "CHFR"}
	}
	return []string{"BOGUS", "", " " + v.String(), v.String() + " ", strings.ToLower(v.String())}
}

// TestAValueThatReadingCannotRelyOnReachesNobody tries bad values in every place of every stored type that
// holds an enum, an id, a date or a time.
func TestAValueThatReadingCannotRelyOnReachesNobody(t *testing.T) {
	places := map[string]int{}
	for _, kind := range Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			doc := kind.Blank()
			fill(reflect.ValueOf(doc).Elem(), "")
			if err := kind.Accept(doc); err != nil {
				t.Fatalf("a valid document is refused: %v", err)
			}
			visit(reflect.ValueOf(doc).Elem(), kind.Name, false, func(path string, v reflect.Value, mayBeEmpty bool) {
				what := v.Type().Name()
				if enums[what] != nil {
					what = "enum"
				}
				places[what]++
				good := v.String()
				for _, bad := range wrong(v) {
					v.SetString(bad)
					err := kind.Accept(doc)
					if d, ok := errors.AsType[*store.Damaged](err); ok == (bad == "" && mayBeEmpty) || ok && d.Noun != kind.Name {
						t.Errorf("%s as %q: %v", path, bad, err)
					}
				}
				v.SetString(good)
			})
		})
	}
	t.Logf("%v", places)
	if places["enum"] < 150 || places["ID"] < 90 || places["Date"] < 35 || places["DateTime"] < 45 {
		t.Errorf("there are places that the test does not see: %v", places)
	}
}

// TestEveryStoredNamedTextChecksItself finds a named text that somebody stores and forgot to check.
func TestEveryStoredNamedTextChecksItself(t *testing.T) {
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(typ.Elem(), path)
		case reflect.Struct:
			for i := range typ.NumField() {
				if f := typ.Field(i); f.Tag.Get("bson") != "" {
					walk(f.Type, path+"."+f.Name)
				}
			}
		case reflect.String:
			if typ != reflect.TypeFor[string]() && !checkedText(typ) {
				t.Errorf("%s: %s has no Valid", path, typ)
			}
		}
	}
	for _, kind := range Kinds() {
		walk(reflect.TypeOf(kind.Blank()).Elem(), kind.Name)
	}
}

func TestAMemberWhoseEventsDoNotSayWhatItIsReachesNobody(t *testing.T) {
	complete := func() *membership.Member {
		return &membership.Member{ID: "mem_1", Dataset: kit.Recorded, Events: []membership.LifecycleEvent{
			{ID: "evn_1", Kind: membership.Admitted, EffectiveOn: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", Actor: "usr_test", Category: new(membership.SectorMember), Sectors: []membership.Sector{membership.SectorD}, Region: new(country.RegionAFR)},
		}}
	}
	if err := membership.MemberNoun.Kind.Accept(complete()); err != nil {
		t.Fatalf("a valid member is refused: %v", err)
	}
	for name, spoil := range map[string]func(m *membership.Member){
		"no event":                         func(m *membership.Member) { m.Events = nil },
		"a first event without a category": func(m *membership.Member) { m.Events[0].Category = nil },
		"a first event without a region":   func(m *membership.Member) { m.Events[0].Region = nil },
		"only an event that is superseded": func(m *membership.Member) { m.Events[0].Supersedes = new(kit.ID("evn_1")) },
		"a description in no language":     func(m *membership.Member) { m.Description = &kit.LocalizedText{} },
	} {
		t.Run(name, func(t *testing.T) {
			m := complete()
			if spoil(m); !errors.Is(membership.MemberNoun.Kind.Accept(m), store.ErrCorrupt) {
				s := m.On("2025-03-31")
				t.Errorf("is accepted as status %q, category %q, region %q", s.Status, s.Category, s.Region)
			}
		})
	}
}
