package consultations

import (
	"context"
	"fmt"
	"slices"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// DeadlineReminder records the last reminder to an entity that has not replied. A later deadline begins anew.
type DeadlineReminder struct {
	ClosesOn kit.Date `bson:"closesOn"`
	// Before is the day of reminderDays to which it belonged.
	Before int `bson:"before"`
}

// reminderDays are how many days before the last day for replies those who have not replied are reminded.
var reminderDays = []int{1, 3, 14}

// A run of the clock reminds at most remindedAtOnce entities; the next run goes on. Each remindedTogether of them, and
// what is recorded of them, are one transaction.
const remindedAtOnce, remindedTogether = 1000, 50

// remindsBefore is the reminder that is due now: the number of days before the last day; false if none is. One that
// would have come before the consultation was open for a day is not due: whoever is consulted has only just been asked.
func (c *Consultation) remindsBefore(now time.Time) (days int, due bool) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil || c.OpenedAt == nil || c.at(now) != ConsultationOpen {
		return 0, false
	}
	there := kit.Clock{Zone: zone}
	today, opened := there.DateOf(kit.DateTimeOf(now)), there.DateOf(*c.OpenedAt)
	for _, n := range reminderDays {
		if day := c.ClosesOn.AddDays(-n); today >= day {
			return n, opened < day
		}
	}
	return 0, false
}

// mayRemind says whether an entity has not replied and did not get the reminder yet, or a later one.
func (p *Participation) mayRemind(c *Consultation, before int) bool {
	return p.Reply == NoReply && (p.Reminded == nil || p.Reminded.ClosesOn != c.ClosesOn || p.Reminded.Before > before)
}

// Tick reminds those who are consulted and have not replied officially, 14, 3 and 1 day before the last day. Nobody
// gets a reminder twice, and who replied meanwhile gets none. The returned list does not say who has not replied.
func (s *ParticipationService) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	all, left := []kit.Due{}, remindedAtOnce
	now := s.core.Clock.Now()
	err := s.consultations.endingBy(ctx, now.AddDate(0, 0, slices.Max(reminderDays)+2), func(page []*Consultation) error {
		for _, c := range page {
			before, due := c.remindsBefore(now)
			if !due || left <= 0 {
				continue
			}
			n, err := s.remind(ctx, c, before, left, dry)
			if err != nil {
				return fmt.Errorf("%s: %w", c.ID, err)
			}
			if left -= n; n > 0 {
				all = append(all, kit.Due{
					Kind: kit.DueReplyReminder, Target: c.ID, On: c.ClosesOn.AddDays(-before), Recorded: !dry,
					Text: fmt.Sprintf("reminding those who have not replied to %s by %s", c.Code, c.ClosesOn),
				})
			}
		}
		return nil
	})
	return all, err
}

// remind reminds at most some entities, and says how many; in a dry run it says only whether there are any.
func (s *ParticipationService) remind(ctx context.Context, c *Consultation, before, most int, dry bool) (n int, err error) {
	silent := store.Query{Any: []store.Where{{"consultation": {string(c.ID)}, "reply": {string(NoReply)}}}, Sort: "name"}
	err = kit.EachPage(ctx, s.participations, silent, remindedTogether, func(page []*Participation) error {
		ids := kit.Map(slices.DeleteFunc(page, func(p *Participation) bool { return !p.mayRemind(c, before) }), func(p *Participation) kit.ID { return p.ID })
		if ids = ids[:min(len(ids), most-n)]; len(ids) == 0 || dry && n > 0 {
			return nil
		}
		if dry {
			n++
			return nil
		}
		told, err := s.remindTogether(ctx, c.ID, ids, before)
		n += told
		return err
	})
	return n, err
}

// remindTogether reminds entities in one transaction and says how many. It looks again at what may have changed.
func (s *ParticipationService) remindTogether(ctx context.Context, consultation kit.ID, ids []kit.ID, before int) (told int, err error) {
	err = s.core.Write(ctx, "clock", func(ctx context.Context, note func(kit.Change)) error {
		told = 0 // the transaction may run again
		c, err := s.consultations.storedOne(ctx, consultation)
		if err != nil {
			return err
		}
		if now, due := c.remindsBefore(s.core.Clock.Now()); !due || now != before {
			return nil
		}
		found, err := s.participations.Many(store.Looking(ctx), kit.Strings(ids))
		if err != nil {
			return err
		}
		silent := slices.DeleteFunc(found, func(p *Participation) bool { return p == nil || !p.mayRemind(c, before) })
		if told = len(silent); told == 0 {
			return nil
		}
		letter := kit.Letter{Key: "mail.consultation.reminder", Params: map[string]any{"title": c.Title, "date": c.ClosesOn}, About: c.ID}
		if _, err := s.mandates.TellEntities(store.Looking(ctx), kit.Map(silent, func(p *Participation) kit.ID { return p.EntityID }), func(kit.ID) kit.Letter { return letter }); err != nil {
			return err
		}
		for _, p := range silent {
			p.Reminded = &DeadlineReminder{c.ClosesOn, before}
			if err := s.participations.Replace(ctx, p); err != nil {
				return err
			}
		}
		note(kit.Changed(ConsultationNoun, c, kit.Updated, "reminder"))
		return nil
	})
	return told, err
}
