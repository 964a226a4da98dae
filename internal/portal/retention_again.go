package portal

import (
	"context"
	"errors"
	"maps"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// Erasures is what a store knows of what was erased in it, so that a backup of before does not bring it back.
type Erasures struct {
	// Persons are those whose own record is erased, by id.
	Persons []kit.ID
	// Records are the erased fields of each record, by the audit log. Drafts and messages are in no audit log.
	Records map[kit.ID][]string
}

// ErasedAgain says what EraseAgain did.
type ErasedAgain struct {
	Erased
	// Classes is how many records of each of ErasureClasses were erased.
	Classes map[string]int `json:"classes"`
	// PersonsAgain is how many persons were erased because they had been before.
	PersonsAgain int `json:"personsAgain"`
	// InOffice are those of them with a mandate of today, which ended after the backup and has to end again.
	InOffice []kit.ID `json:"inOffice"`
	// Left are records of which more had been erased than was now: what made it due, or what was erased, came after
	// the backup. In the first case it is there again.
	Left []kit.ID `json:"left"`
}

// InClasses is how many records of all classes were erased.
func (e ErasedAgain) InClasses() (n int) {
	for _, of := range e.Classes {
		n += of
	}
	return n
}

// Some says whether anything was erased.
func (e ErasedAgain) Some() bool {
	return e.PersonsAgain+e.Events+e.Registrations+e.Persons+e.InClasses() > 0
}

// Erasures reads what was erased. SECRETARIAT or OPERATOR.
func (p *Portal) Erasures(ctx context.Context) (e Erasures, err error) {
	if e.Persons, err = p.Persons.Erased(ctx); err != nil {
		return e, err
	}
	e.Records, err = p.Audit.Erasures(ctx)
	return e, err
}

// EraseAgain erases in a store that a backup brought back what had been erased in the store of before: each of its
// persons, also one whose mandate ended after the backup, and then all that is due by its date, as Erase and
// EraseClasses do; a negative personsAfter leaves that to them. It removes all sessions, because those that ended since
// would go on, and all jobs with their files, because a file may name who was erased. What it cannot erase again is in
// Left. SECRETARIAT or OPERATOR.
func (p *Portal) EraseAgain(ctx context.Context, before Erasures, personsAfter int) (done ErasedAgain, err error) {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
		return done, err
	}
	done.InOffice, done.Left = []kit.ID{}, []kit.ID{}
	if err := errors.Join(p.Sessions.Forget(ctx), p.Jobs.Forget(ctx)); err != nil {
		return done, err
	}
	for _, id := range before.Persons {
		if err := p.erasePersonAgain(ctx, id, &done); err != nil {
			return done, err
		}
	}
	if done.Classes = map[string]int{}; personsAfter >= 0 {
		if done.Erased, err = p.Erase(ctx, personsAfter, false); err != nil {
			return done, err
		}
		if done.Classes, err = p.EraseClasses(ctx, false); err != nil {
			return done, err
		}
	}
	now, err := p.Audit.Erasures(ctx)
	if err != nil {
		return done, err
	}
	var short []kit.ID
	for _, id := range slices.Sorted(maps.Keys(before.Records)) {
		if slices.ContainsFunc(before.Records[id], func(field string) bool { return !slices.Contains(now[id], field) }) {
			short = append(short, id)
		}
	}
	for some := range slices.Chunk(short, kit.MaxPage) {
		found, err := p.Nodes.ByIDs(ctx, some)
		if err != nil {
			return done, err
		}
		for i, id := range some {
			if found[i] != nil {
				done.Left = append(done.Left, id)
			}
		}
	}
	return done, nil
}

// erasePersonAgain erases a person, unless the backup does not have it or has it erased.
func (p *Portal) erasePersonAgain(ctx context.Context, id kit.ID, done *ErasedAgain) error {
	person, err := p.Persons.Named(ctx, id)
	if refusal, ok := errors.AsType[*kit.Refusal](err); ok && refusal.Code == kit.NotFound {
		return nil
	}
	if err != nil || person.ErasedOn != nil {
		return err
	}
	last, err := p.Mandates.LastDays(store.Deciding(ctx), []*people.Person{person})
	if err != nil {
		return err
	}
	if last[id] > p.core.Clock.Today() {
		done.InOffice = append(done.InOffice, id)
	}
	done.PersonsAgain++
	return p.erasePerson(ctx, person)
}
