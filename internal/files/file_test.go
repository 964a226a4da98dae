package files_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

const content = "%PDF-1.7\n%%EOF\n"

// upload sends a PDF of some bytes.
func (s scene) upload(a kit.Actor, size int) (*files.File, error) {
	body := content + strings.Repeat("x", max(0, size-len(content)))
	return s.Portal.Files.Receive(stage.By(a), files.Upload{Name: "a.pdf", Type: "application/pdf", Size: int64(len(body)), Body: strings.NewReader(body)})
}

// files are all that are stored beside those of the fixture, and the number of their pieces.
func (s scene) files() ([]*files.StoredFile, int) {
	fixture := map[kit.ID]bool{}
	for _, f := range testkit.Files() {
		fixture[f.ID] = true
	}
	stored := slices.DeleteFunc(stage.All(s, files.FileNoun.In(s.Store), "waitsSince"), func(f *files.StoredFile) bool {
		fixture[f.ID] = fixture[f.ID] || f.UploadedByID == seed.Actor.Subject
		return fixture[f.ID]
	})
	pieces := slices.DeleteFunc(stage.All(s, files.PieceNoun.In(s.Store), "at"), func(p *kit.Piece) bool { return fixture[p.Of()] })
	return stored, len(pieces)
}

// faults are those of an error.
func (s scene) faults(err error) []string {
	s.Helper()
	faults, err := kit.UserErrorsOf(err)
	s.Must(err)
	return stage.FaultsOf(faults)
}

func TestAFileOfSeveralPiecesIsReadAsItWasSent(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		const size = 3*kit.PieceSize + 5
		f, err := s.upload(stage.Secretariat, size)
		s.Must(err)
		d, err := s.Portal.Files.Open(stage.By(stage.Secretariat), f.ID)
		s.Must(err)
		var got strings.Builder
		s.Must(d.WriteTo(context.Background(), &got, func() {}))
		if kit.Hash(got.String()) != f.SHA256 || f.Size != size || got.Len() != size {
			s.Errorf("%d bytes, %+v", got.Len(), f)
		}
		if stored, pieces := s.files(); len(stored) != 1 || pieces != 4 {
			s.Errorf("%d files, %d pieces", len(stored), pieces)
		}
	})
}

func TestAPersonSendsOnlySoMuchInADayAndTheStoreHoldsOnlySoMuch(t *testing.T) {
	for name, c := range map[string]struct {
		limits files.Limits
		sizes  []int
	}{
		"too many files":    {files.Limits{PerDay: 4}, []int{20, 20, 20}},
		"too many bytes":    {files.Limits{BytesPerDay: 150}, []int{60, 30, 20}},
		"the store is full": {files.Limits{Total: int64(len(testkit.Files())+6)*kit.PieceSize + 10}, []int{20, 20, 20}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t).With(func(o *portal.Options) { o.Files = c.limits })}
			for i, size := range c.sizes {
				_, err := s.upload(stage.Secretariat, size)
				var want []string
				if i == len(c.sizes)-1 {
					want = []string{"FULL content"}
				}
				if got := s.faults(err); !slices.Equal(got, want) {
					t.Errorf("file %d: %v", i, got)
				}
			}
			if stored, _ := s.files(); len(stored) != len(c.sizes)-1 {
				t.Errorf("%d files", len(stored))
			}
			if _, err := s.upload(stage.FocalPoint("mem_ACTIVE"), 20); name != "the store is full" && err != nil {
				t.Errorf("another person: %v", err)
			}
		})
	}
}

func TestNobodyReadsWhatWasNotScanned(t *testing.T) {
	for name, c := range map[string]struct {
		scan files.Scan
		want string
	}{
		"it is infected":     {func(context.Context, io.Reader) (bool, error) { return false, nil }, "INVALID content"},
		"the scanner is off": {func(context.Context, io.Reader) (bool, error) { return false, errors.New("no socket") }, "UNAVAILABLE"},
		"it is clean": {func(_ context.Context, r io.Reader) (bool, error) {
			all, err := io.ReadAll(r)
			return string(all) == content, err
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t).With(func(o *portal.Options) { o.Scan = c.scan })}
			_, err := s.upload(stage.Secretariat, 0)
			got := ""
			if faults, other := kit.UserErrorsOf(err); other != nil {
				got = string(kit.Classify(other).Code)
			} else {
				got = strings.Join(stage.FaultsOf(faults), " ")
			}
			stored, pieces := s.files()
			if got != c.want || (len(stored) == 0 && pieces == 0) != (c.want != "") {
				t.Errorf("%q, %d files, %d pieces", got, len(stored), pieces)
			}
		})
	}
}

// later is the portal some time after the fixture's.
func (s scene) later(by time.Duration) scene {
	return scene{s.With(func(o *portal.Options) {
		o.Wall = func() time.Time { return testkit.Now.Add(by) }
		o.Clock = kit.NewClock(o.Wall, time.UTC)
	})}
}

func TestAFileThatNoRecordTakesGoesAfterADay(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		_, err := s.upload(stage.Secretariat, 0)
		s.Must(err)
		s.Must(files.FileNoun.In(s.Store).Insert(context.Background(), &files.StoredFile{ID: "fil_CUT", Name: "a.pdf", Type: "application/pdf", UploadedByID: "usr_x", UploadedAt: kit.DateTimeOf(testkit.Now)}))
		s.Must(s.later(23 * time.Hour).Portal.Tidy(context.Background()))
		if stored, _ := s.files(); len(stored) != 2 {
			s.Errorf("%d files before a day is over", len(stored))
		}
		s.Must(s.later(25 * time.Hour).Portal.Tidy(context.Background()))
		if stored, pieces := s.files(); len(stored) != 0 || pieces != 0 {
			s.Errorf("%d files and %d pieces after a day", len(stored), pieces)
		}
	})
}

// publish makes a file a document of an event.
func (s scene) publish(f *files.File, readers events.EventReaders) {
	s.Helper()
	e, err := s.Portal.Events.Get(stage.By(stage.Secretariat), "evt_OPEN")
	s.Must(err)
	p, err := s.Portal.Events.PublishDocument(stage.By(stage.Secretariat), events.PublishEventDocumentInput{
		EventID: e.ID, ExpectedVersion: int(e.Version), Kind: "OTHER", Title: stage.English("Paper"), Source: files.DocumentSourceInput{File: &f.ID}, Language: kit.English,
		Date: testkit.Today, Readers: readers,
	})
	s.Must(err)
	if p.Document == nil {
		s.Fatal(stage.FaultsOf(p.UserErrors))
	}
}

func TestAFileGoesWithWhatNamesItAndStaysWhileThatIsDamaged(t *testing.T) {
	s := scene{stage.Embedded(t)}
	f, err := s.upload(stage.Secretariat, 0)
	s.Must(err)
	s.publish(f, events.ReadersParticipants)
	week := s.later(7 * 24 * time.Hour)
	swept := func(want int) {
		t.Helper()
		n, err := week.Portal.Files.SweepUnnamed(stage.By(stage.Secretariat), "2025-04-06", false)
		if err != nil || n != want {
			t.Errorf("%d were erased, %v", n, err)
		}
	}
	swept(0)
	lost := func(want ...string) {
		t.Helper()
		found, err := week.Portal.Files.Lost(context.Background())
		s.Must(err)
		got := kit.Map(found, func(l files.Lost) string { return string(l.ID) + " " + l.Text })
		if !slices.EqualFunc(got, want, func(got, want string) bool { return strings.Contains(got, want) }) {
			t.Errorf("lost: %q", got)
		}
	}
	fixture := slices.Repeat([]string{"fil_"}, len(testkit.Files()))
	lost(fixture...)
	e, err := events.EventNoun.In(s.Store).Get(context.Background(), "evt_OPEN")
	s.Must(err)
	e.StoredDocuments = e.StoredDocuments[:1]
	s.Must(events.EventNoun.In(s.Store).Replace(context.Background(), e))
	lost(append(fixture, string(f.ID)+" evt_OPEN took the file and does not name it")...)
	swept(1)
	if stored, pieces := s.files(); len(stored) != 0 || pieces != 0 {
		t.Errorf("%d files and %d pieces are left", len(stored), pieces)
	}
	swept(0)
}

func TestTheCheckFindsWhatIsLostAndRemovesWhatNobodyNeeds(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := context.Background()
		f, err := s.upload(stage.Secretariat, 0)
		s.Must(err)
		s.publish(f, events.ReadersPublic)
		s.Must(files.PieceNoun.In(s.Store).Insert(ctx, &kit.Piece{ID: "fil_GONE/1/0000", At: kit.DateTimeOf(testkit.Now), Bytes: []byte("x")}))
		s.Must(files.FileNoun.In(s.Store).Insert(ctx, &files.StoredFile{ID: "fil_OLD", Name: "a.pdf", Type: "application/pdf", UploadedByID: "usr_x", UploadedAt: "2025-03-01T00:00:00.000Z"}))
		stored, err := files.FileNoun.In(s.Store).Get(ctx, string(f.ID))
		s.Must(err)
		s.Must(files.PieceNoun.In(s.Store).Delete(ctx, kit.PieceID(f.ID, stored.Attempt, 0), 1))
		found, err := s.Portal.Files.Lost(ctx)
		s.Must(err)
		if len(found) != 3 {
			s.Errorf("found %+v", found)
		}
		removed, err := s.Portal.Files.RemoveLost(stage.By(stage.Secretariat))
		s.Must(err)
		if got := kit.Map(removed, func(l files.Lost) string { return string(l.ID) }); !slices.Equal(got, []string{"fil_OLD", "fil_GONE"}) {
			s.Errorf("removed %v", got)
		}
		s.Must(files.FileNoun.In(s.Store).Delete(ctx, string(f.ID), stored.Version))
		found, err = s.Portal.Files.Lost(ctx)
		s.Must(err)
		if len(found) != 1 || found[0].ID != "evt_OPEN" || found[0].Removable {
			s.Errorf("found %+v", found)
		}
	})
}

// TestTheFilesOfAnApplicationAreForItsReadersAndGoWithIt walks from the draft to the erasure.
func TestTheFilesOfAnApplicationAreForItsReadersAndGoWithIt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		applicant := stage.Applies("app_DRAFT")
		f, err := s.upload(applicant, 0)
		s.Must(err)
		p, err := s.Portal.Applications.Save(stage.By(applicant), applications.SaveApplicationInput{
			ID: "app_DRAFT", ExpectedVersion: 1, Form: kit.Some(applications.ApplicationPaperInput{Title: "Form", Source: files.DocumentSourceInput{File: &f.ID}}),
		})
		s.Must(err)
		if p.Application == nil || p.Application.Form.Sha256() != f.SHA256 || p.Application.Form.URL() != "/files/"+string(f.ID) {
			s.Fatalf("%v", stage.FaultsOf(p.UserErrors))
		}
		for _, c := range []struct {
			actor kit.Actor
			sees  bool
		}{{applicant, true}, {stage.Applies("app_SUBMITTED"), false}, {stage.Nobody, false}, {stage.Secretariat, false}, {stage.Administration("UG"), false}} {
			if d, err := s.Portal.Files.Open(stage.By(c.actor), f.ID); err != nil || (d != nil) != c.sees {
				s.Errorf("%v: %v, %v", c.actor.Roles, d != nil, err)
			}
		}
		a, err := applications.ApplicationNoun.In(s.Store).Get(context.Background(), "app_DRAFT")
		s.Must(err)
		s.Must(applications.ApplicationNoun.In(s.Store).Delete(context.Background(), "app_DRAFT", a.Version))
		week := s.later(7 * 24 * time.Hour)
		done, err := week.Portal.EraseClasses(stage.By(stage.Secretariat), false)
		s.Must(err)
		if stored, pieces := s.files(); len(stored) != 0 || pieces != 0 || done["files"] != 1 {
			s.Errorf("%d files and %d pieces are left; %v", len(stored), pieces, done)
		}
	})
}

// TestAnAddressByContentEndsWhenTheEventIsNotForEverybodyAnyMore keeps the file for those who still see the event.
func TestAnAddressByContentEndsWhenTheEventIsNotForEverybodyAnyMore(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		f, err := s.upload(stage.Secretariat, 0)
		s.Must(err)
		s.publish(f, events.ReadersPublic)
		public := func(want bool) {
			s.Helper()
			if d, err := s.Portal.Files.OpenPublic(stage.By(stage.Nobody), f.SHA256); err != nil || (d != nil) != want {
				s.Errorf("by its content: %v, %v", d != nil, err)
			}
		}
		public(true)
		p, err := s.Portal.Events.Update(stage.By(stage.Secretariat), events.UpdateEventInput{ID: "evt_OPEN", ExpectedVersion: 2, Visibility: kit.Some(events.VisibleAudience)})
		s.Must(err)
		if p.Event == nil {
			s.Fatal(stage.FaultsOf(p.UserErrors))
		}
		public(false)
		for actor, want := range map[*kit.Actor]bool{new(stage.Nobody): false, new(stage.FocalPoint("mem_ACTIVE")): true} {
			if d, err := s.Portal.Files.Open(stage.By(*actor), f.ID); err != nil || (d != nil) != want {
				s.Errorf("%v by its id: %v, %v", actor.Roles, d != nil, err)
			}
		}
	})
}

func TestWhoIsErasedTakesTheFilesAlongThatNoRecordTook(t *testing.T) {
	s := scene{stage.Embedded(t)}
	taken, err := s.upload(stage.Secretariat, 0)
	s.Must(err)
	s.publish(taken, events.ReadersPublic)
	_, err = s.upload(stage.Secretariat, 0)
	s.Must(err)
	s.Must(s.Portal.Files.EraseOf(stage.By(stage.Operator), stage.Secretariat.Subject))
	if stored, pieces := s.files(); len(stored) != 1 || pieces != 1 || stored[0].ID != taken.ID {
		t.Errorf("%d files and %d pieces are left", len(stored), pieces)
	}
}
