package portal_test

import (
	"slices"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// TestADraftAgesFromItsLastChange begins drafts long ago, one of which was changed lately.
func TestADraftAgesFromItsLastChange(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := stage.By(stage.Operator)
		drafts := applications.ApplicationNoun.In(s.Store)
		for id, saved := range map[kit.ID]*kit.DateTime{
			"app_UNTOUCHED": nil, "app_OLD": new(kit.DateTime("2024-03-29T23:59:59.999Z")), "app_LATELY": new(kit.DateTime("2024-03-30T00:00:00.000Z")),
		} {
			found, err := drafts.Get(ctx, "app_DRAFT")
			s.Must(err)
			found.ID, found.SavedAt = id, saved
			found.Events[0].ID, found.Events[0].On, found.Events[0].At = "aev_"+id, "2020-01-01", "2020-01-01T09:00:00.000Z"
			s.Must(drafts.Insert(ctx, found))
		}
		done, err := s.Portal.EraseClasses(ctx, false)
		s.Must(err)
		left, err := drafts.Many(ctx, []string{"app_UNTOUCHED", "app_OLD", "app_LATELY", "app_DRAFT"})
		s.Must(err)
		if done["applicationDrafts"] != 2 || left[0] != nil || left[1] != nil || left[2] == nil || left[3] == nil {
			s.Errorf("erased %d, there are %s", done["applicationDrafts"], stage.InJSON(left))
		}
	})
}

// TestSavingADraftIsAChangeOfIt, so that it is kept for a whole period more.
func TestSavingADraftIsAChangeOfIt(t *testing.T) {
	s := scene{stage.Embedded(t)}
	before, err := applications.ApplicationNoun.In(s.Store).Get(t.Context(), "app_DRAFT")
	s.Must(err)
	payload, err := s.Portal.Applications.Save(stage.By(stage.Applies("app_DRAFT")), applications.SaveApplicationInput{ID: before.ID, ExpectedVersion: int(before.Version), Name: kit.Some("Another name")})
	s.Must(err)
	after, err := applications.ApplicationNoun.In(s.Store).Get(t.Context(), "app_DRAFT")
	s.Must(err)
	if want := kit.DateTimeOf(testkit.Now); after.SavedAt == nil || *after.SavedAt != want {
		t.Errorf("saved at %v, want %s: %v", after.SavedAt, want, payload.UserErrors)
	}
}

// TestDraftsOfBeforeCountAsChangedWhenTheyAreMigrated, once, and nothing else of them changes.
func TestDraftsOfBeforeCountAsChangedWhenTheyAreMigrated(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		migrations := portal.Migrations()
		timed := migrations[slices.IndexFunc(migrations, func(m store.Migration) bool { return m.Number == 3 })]
		ids := []string{"app_DRAFT", "app_SUBMITTED"}
		read := func() []*applications.Application {
			found, err := applications.ApplicationNoun.In(s.Store).Many(t.Context(), ids)
			s.Must(err)
			return found
		}
		before := read()
		s.Must(timed.Run(t.Context(), s.Store))
		once := read()
		s.Must(timed.Run(t.Context(), s.Store))
		if twice := read(); stage.InJSON(twice) != stage.InJSON(once) {
			s.Errorf("a second run made of %s\n%s", stage.InJSON(once), stage.InJSON(twice))
		}
		if once[0].SavedAt == nil || stage.InJSON(once[1]) != stage.InJSON(before[1]) {
			s.Errorf("migrated: %s", stage.InJSON(once))
		}
		once[0].SavedAt, once[0].Version = nil, before[0].Version
		if stage.InJSON(once[0]) != stage.InJSON(before[0]) {
			s.Errorf("of %s it made\n%s", stage.InJSON(before[0]), stage.InJSON(once[0]))
		}
	})
}
