package events_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// onTheList is what an export of an event's registrations prints.
func (s scene) onTheList(event string) string {
	s.Helper()
	out, err := stage.CSV(func(to kit.Rows) error { return s.Portal.Registrations.Export(stage.By(stage.Operator), event, to) })
	s.Must(err)
	return out
}

func (s scene) marks(event, file string, dryRun bool) *kit.ImportResult {
	s.Helper()
	result, err := s.Portal.Registrations.ImportAttendance(stage.By(stage.Secretariat), event, strings.NewReader(file), dryRun, stage.Quiet)
	s.Must(err)
	return result
}

// marked fills a cell of the rows of a list.
func marked(t *testing.T, list, column string, mark func(row int) string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(list)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], column)
	for i, row := range rows[1:] {
		row[at] = mark(i)
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// came fills evt_PAST, of which nobody's attendance is recorded yet.
func (s scene) came(n int) {
	s.Helper()
	s.FillPastEvent(n)
	for _, r := range s.Queue("evt_PAST") {
		if r.Attendance != nil {
			r.Attendance = nil
			s.Must(events.RegistrationNoun.In(s.Store).Replace(context.Background(), r))
		}
	}
}

func TestAListThatIsMarkedBecomesStatistics(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		n := 119
		if s.Slow() {
			n = 59
		}
		s.came(n)
		list := s.onTheList("TESTBED_PAST")
		if first, _, _ := strings.Cut(list, "\n"); first != "registration,name,organisation,kind,country,mode,status,attended" {
			s.Errorf("columns %s", first)
		}
		if want := "reg_PAST,Peter Okot,Testbed Active,SECTOR_MEMBER,UG,REMOTE,CONFIRMED,\n"; !strings.Contains(list, want) {
			s.Errorf("no row %s in\n%s", want, list)
		}
		file := marked(s.T, list, "attended", func(row int) string { return []string{"Y", "N", ""}[row%3] })
		before := s.Records()
		if r := s.marks("TESTBED_PAST", file, true); r.Rows != n+1 || r.Made != 0 || r.There != (n+1)/3 || len(r.Faults) != 0 {
			s.Fatalf("a dry run: %+v", r)
		}
		if !reflect.DeepEqual(s.Records(), before) {
			s.Error("the dry run wrote")
		}
		if r := s.marks("TESTBED_PAST", file, false); r.Made != (n+1)*2/3 || r.There != (n+1)/3 || len(r.Faults) != 0 {
			s.Fatalf("got %+v", r)
		}
		if got := s.EventStatistics("evt_PAST"); !strings.Contains(got, `"Attended":{"Total":`+strconv.Itoa((n+1)/3)+`,`) {
			s.Errorf("counted %s", got)
		}
		audit, notices := s.Records().Since(before)
		if len(audit) != (n+1)*2/3 || len(notices) != len(audit) || audit[0].Operation != "importAttendance" || !slices.Equal(audit[0].Fields, []string{"attendance"}) {
			s.Errorf("%d audit entries, %d notices, %s", len(audit), len(notices), stage.InJSON(audit[0]))
		}
		if again := s.onTheList("TESTBED_PAST"); again != file {
			s.Errorf("exported again:\n%s", stage.FirstDifference(file, again))
		}
		if r := s.marks("TESTBED_PAST", file, false); r.Made != 0 || r.There != n+1 {
			s.Errorf("again: %+v", r)
		}
		// Who was there may be corrected.
		if r := s.marks("TESTBED_PAST", "attended,mode,registration\nN,,reg_PAST\n", false); r.Made != 1 {
			s.Errorf("corrected: %+v", r)
		}
	})
}

func TestAFaultOfAttendanceIsNamedByItsRowAndColumn(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.FillPastEvent(1)
	ctx := context.Background()
	c := events.RegistrationNoun.In(s.Store)
	waits, err := c.Get(ctx, "reg_PAST000")
	s.Must(err)
	waits.ID, waits.Status = "reg_WAITS", events.RegistrationWaiting
	s.Must(c.Insert(ctx, waits))
	const head = "registration,attended,mode\n"
	for name, c := range map[string]struct {
		event, file string
		want        []string
	}{
		"nothing is wrong":              {"PAST", head + "reg_PAST000,Y,REMOTE\n", nil},
		"an empty file":                 {"PAST", "", []string{"1  INVALID"}},
		"no column attended":            {"PAST", "registration,mode\nreg_PAST,REMOTE\n", []string{"1  INVALID"}},
		"a column that nobody knows":    {"PAST", "registration,attended,mode,colour\n", []string{"1  INVALID"}},
		"a column twice":                {"PAST", "registration,attended,mode,mode\n", []string{"1  INVALID"}},
		"the members' columns":          {"PAST", stage.MemberColumns + "\n", []string{"1  INVALID"}},
		"a byte order mark":             {"PAST", "\ufeff" + head, nil},
		"CSV that ends in a quote":      {"PAST", head + "reg_PAST000,Y,\n\"reg_", []string{"3  INVALID"}},
		"a row that is short":           {"PAST", head + "reg_PAST000,Y\n", []string{"2  INVALID"}},
		"a registration that is none":   {"PAST", head + "reg_NONE,Y,\n", []string{"2 registration UNKNOWN_REFERENCE"}},
		"no registration":               {"PAST", head + ",Y,\n", []string{"2 registration UNKNOWN_REFERENCE"}},
		"an id of something else":       {"PAST", head + "evt_PAST,Y,\n", []string{"2 registration UNKNOWN_REFERENCE"}},
		"an id that is no text":         {"PAST", head + "reg_\xff,Y,\n", []string{"2 registration INVALID"}},
		"a registration elsewhere":      {"PAST", head + "reg_FOCAL,Y,\n", []string{"2 registration INVALID"}},
		"a row again":                   {"PAST", head + "reg_PAST000,Y,\nreg_PAST,Y,\nreg_PAST000,Y,\n", []string{"4 registration DUPLICATE"}},
		"one who waits":                 {"PAST", head + "reg_WAITS,Y,\n", []string{"2 registration NOT_ALLOWED_IN_STATE"}},
		"one who waits, left out":       {"PAST", head + "reg_WAITS,,REMOTE\n", nil},
		"an event that is to come":      {"FULL", head + "reg_UGANDA,Y,\n", []string{"2 registration NOT_ALLOWED_IN_STATE"}},
		"a mark that is none":           {"PAST", head + "reg_PAST000,yes,\n", []string{"2 attended INVALID"}},
		"a mode that is none":           {"PAST", head + "reg_PAST000,Y,ZOOM\n", []string{"2 mode INVALID"}},
		"a mode that the event has not": {"PAST", head + "reg_PAST000,Y,IN_PERSON\n", []string{"2 mode INVALID"}},
		"several in one row":            {"PAST", head + "reg_PAST000,y,zoom\nreg_NONE,Y,\nreg_WAITS,?,\n", []string{"2 attended INVALID", "2 mode INVALID", "3 registration UNKNOWN_REFERENCE", "4 attended INVALID"}},
	} {
		stage.Run(s, name, func(s scene) {
			before := s.Records()
			r := s.marks("TESTBED_"+c.event, c.file, true)
			if got := stage.FaultList(r.Faults); !slices.Equal(got, append([]string{}, c.want...)) {
				s.Errorf("got %q, want %q", got, c.want)
			}
			if len(c.want) == 0 {
				return
			}
			// A good row beside the faulty ones is not written either.
			if r := s.marks("TESTBED_"+c.event, c.file, false); r.Made != 0 || !slices.Equal(stage.FaultList(r.Faults), c.want) || !reflect.DeepEqual(s.Records(), before) {
				s.Errorf("without the dry run: %+v", r)
			}
		})
	}
	if _, err := s.Portal.Registrations.ImportAttendance(stage.By(stage.Secretariat), "NONE", strings.NewReader(head), false, stage.Quiet); err == nil {
		t.Error("an event that is none")
	}
}

func TestAListOfRegistrationsIsForOperatorsAndNoted(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for _, a := range []kit.Actor{stage.Secretariat, stage.FocalPoint("mem_ACTIVE"), stage.Delegate("mem_ACTIVE"), stage.Uganda, stage.Reviewer} {
		s.Unchanged("mem_ACTIVE", func() {
			var out bytes.Buffer
			s.Refused(s.Portal.Registrations.Export(stage.By(a), "TESTBED_OPEN", kit.NewCSV(&out)), kit.Forbidden)
			if out.Len() > 0 {
				t.Errorf("wrote %s", out.String())
			}
		})
		if a.Subject == "usr_secretariat" {
			continue
		}
		_, err := s.Portal.Registrations.ImportAttendance(stage.By(a), "TESTBED_PAST", strings.NewReader(""), true, stage.Quiet)
		s.Refused(err, kit.Forbidden)
	}
	before := s.Records()
	list := s.onTheList("TESTBED_OPEN")
	audit, _ := s.Records().Since(before)
	if len(audit) != 1 || audit[0].Operation != "exportRegistrations" || audit[0].TargetID != "evt_OPEN" || audit[0].Actor != "usr_operator" {
		t.Errorf("noted %s", stage.InJSON(audit))
	}
	if !strings.Contains(list, "Grace Akello") || stage.ContainsAny(list, []string{"@example.org", "A ramp"}) {
		t.Errorf("exported\n%s", list)
	}
	t.Run("names are no formulas", func(t *testing.T) {
		c := events.RegistrationNoun.In(s.Store)
		for i, text := range stage.Hostile {
			r := *s.Queue("evt_OPEN")[0]
			r.ID, r.PersonID, r.EntityID, r.Order = kit.ID("reg_H"+strconv.Itoa(i)), nil, nil, int64(i+10)
			r.Guest = &events.Guest{Name: text, Email: "a@example.org", Organisation: text}
			s.Must(c.Insert(context.Background(), &r))
		}
		rows, err := csv.NewReader(strings.NewReader(s.onTheList("TESTBED_OPEN"))).ReadAll()
		s.Must(err)
		if len(rows) != 1+2+len(stage.Hostile) {
			t.Errorf("%d rows", len(rows))
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("a formula to a spreadsheet: %q", cell)
				}
			}
		}
	})
	t.Run("and of the erased nothing is left but that they were there", func(t *testing.T) {
		s.Erase(10_000, false)
		if got, want := s.onTheList("TESTBED_PAST"), "reg_PAST,,Testbed Active,SECTOR_MEMBER,UG,REMOTE,CONFIRMED,Y\n"; !strings.HasSuffix(got, want) {
			t.Errorf("exported\n%s, want %s", got, want)
		}
	})
}
