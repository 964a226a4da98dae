package portal_test

import (
	"slices"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// TestADraftAgesFromItsLastChange begins drafts long ago, one of which was changed lately.
func TestADraftAgesFromItsLastChange(t *testing.T) {
	onEngines(t, func(s stage) {
		ctx := by(operator)
		drafts := applications.ApplicationNoun.In(s.store)
		for id, saved := range map[kit.ID]*kit.DateTime{
			"app_UNTOUCHED": nil, "app_OLD": new(kit.DateTime("2024-03-29T23:59:59.999Z")), "app_LATELY": new(kit.DateTime("2024-03-30T00:00:00.000Z")),
		} {
			found, err := drafts.Get(ctx, "app_DRAFT")
			s.must(err)
			found.ID, found.SavedAt = id, saved
			found.Events[0].ID, found.Events[0].On, found.Events[0].At = kit.ID("aev_"+id), "2020-01-01", "2020-01-01T09:00:00.000Z"
			s.must(drafts.Insert(ctx, found))
		}
		done, err := s.portal.EraseClasses(ctx, false)
		s.must(err)
		left, err := drafts.Many(ctx, []string{"app_UNTOUCHED", "app_OLD", "app_LATELY", "app_DRAFT"})
		s.must(err)
		if done["applicationDrafts"] != 2 || left[0] != nil || left[1] != nil || left[2] == nil || left[3] == nil {
			s.Errorf("erased %d, there are %s", done["applicationDrafts"], inJSON(left))
		}
	})
}

// TestSavingADraftIsAChangeOfIt, so that it is kept for a whole period more.
func TestSavingADraftIsAChangeOfIt(t *testing.T) {
	s := embedded(t)
	before, err := applications.ApplicationNoun.In(s.store).Get(t.Context(), "app_DRAFT")
	s.must(err)
	payload, err := s.portal.Applications.Save(by(applies("app_DRAFT")), applications.SaveApplicationInput{ID: before.ID, ExpectedVersion: int(before.Version), Name: kit.Some("Another name")})
	s.must(err)
	after, err := applications.ApplicationNoun.In(s.store).Get(t.Context(), "app_DRAFT")
	s.must(err)
	if want := kit.DateTimeOf(testkit.Now); after.SavedAt == nil || *after.SavedAt != want {
		t.Errorf("saved at %v, want %s: %v", after.SavedAt, want, payload.UserErrors)
	}
}

// TestDraftsOfBeforeCountAsChangedWhenTheyAreMigrated, once, and nothing else of them changes.
func TestDraftsOfBeforeCountAsChangedWhenTheyAreMigrated(t *testing.T) {
	onEngines(t, func(s stage) {
		migrations := portal.Migrations()
		timed := migrations[slices.IndexFunc(migrations, func(m store.Migration) bool { return m.Number == 3 })]
		ids := []string{"app_DRAFT", "app_SUBMITTED"}
		read := func() []*applications.Application {
			found, err := applications.ApplicationNoun.In(s.store).Many(t.Context(), ids)
			s.must(err)
			return found
		}
		before := read()
		s.must(timed.Run(t.Context(), s.store))
		once := read()
		s.must(timed.Run(t.Context(), s.store))
		if twice := read(); inJSON(twice) != inJSON(once) {
			s.Errorf("a second run made of %s\n%s", inJSON(once), inJSON(twice))
		}
		if once[0].SavedAt == nil || inJSON(once[1]) != inJSON(before[1]) {
			s.Errorf("migrated: %s", inJSON(once))
		}
		once[0].SavedAt, once[0].Version = nil, before[0].Version
		if inJSON(once[0]) != inJSON(before[0]) {
			s.Errorf("of %s it made\n%s", inJSON(before[0]), inJSON(once[0]))
		}
	})
}
