package seed

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"memberportal/internal/benefits"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
)

//go:embed benefits.json
var benefitsJSON []byte

// benefit is one entry of benefits.json: texts by language, English being the original and the others
// translations that no person has checked.
type benefit struct {
	Code, Kind, Source           string
	Categories                   []membership.MembershipCategory
	Sectors                      []membership.Sector
	Title, Description, HowToUse texts
	// Actions are the acts that the texts name, with the codes of series.
	Actions []struct {
		Act    benefits.BenefitAct
		Series string
	}
}

// actions returns the actions as an input takes them.
func (b benefit) actions(ctx context.Context, p *portal.Portal) (all []benefits.BenefitActionInput, err error) {
	for _, a := range b.Actions {
		in := benefits.BenefitActionInput{Act: a.Act}
		if a.Series != "" {
			of, err := p.EventSeries.ByCode(ctx, a.Series)
			if err != nil || of == nil {
				return nil, fmt.Errorf("the series %s: %w", a.Series, err)
			}
			in.Series = &of.ID
		}
		all = append(all, in)
	}
	return all, nil
}

// recordedBenefits are those that come with the program.
func recordedBenefits() (all []benefit, err error) {
	return all, json.Unmarshal(benefitsJSON, &all)
}

// lacksActions says whether a benefit that is there has no actions though it comes with some: an earlier release made it.
func lacksActions(there *benefits.Benefit, b benefit) bool {
	return there.RetiredOn == nil && len(there.Actions()) == 0 && len(b.Actions) > 0
}

// existing are the benefits that are there by their codes, retired ones too.
func existing(ctx context.Context, p *portal.Portal) (map[string]*benefits.Benefit, error) {
	byCode := map[string]*benefits.Benefit{}
	return byCode, kit.EveryPage(func(args kit.PageArgs) (*benefits.BenefitConnection, error) {
		return p.Benefits.List(ctx, &benefits.BenefitFilter{Retired: new(true)}, args)
	}, func(page []*benefits.Benefit) {
		for _, b := range page {
			byCode[b.Code] = b
		}
	})
}

// wantsActions says whether a benefit lacks the actions with which it comes.
func wantsActions(ctx context.Context, p *portal.Portal) (bool, error) {
	all, err := recordedBenefits()
	if err != nil {
		return false, err
	}
	there, err := existing(ctx, p)
	return slices.ContainsFunc(all, func(b benefit) bool {
		old := there[b.Code]
		return old != nil && lacksActions(old, b)
	}), err
}

// benefits makes those whose code is not there, and adds the actions to those that an earlier release made without. Actions
// that somebody recorded stay as they are.
func (o Options) benefits(ctx context.Context) error {
	all, err := recordedBenefits()
	if err != nil {
		return err
	}
	var there map[string]*benefits.Benefit
	if err := o.Store.Tx(ctx, func(ctx context.Context) error {
		p, _, err := o.portal("benefits")
		if err != nil {
			return err
		}
		if there, err = existing(ctx, p); err != nil {
			return err
		}
		for _, b := range all {
			if there[b.Code] != nil {
				continue
			}
			if err := b.load(ctx, p); err != nil {
				return fmt.Errorf("%s: %w", b.Code, err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, b := range all {
		if old := there[b.Code]; old != nil && lacksActions(old, b) {
			if err := o.addActions(ctx, b, old); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b benefit) load(ctx context.Context, p *portal.Portal) error {
	actions, err := b.actions(ctx, p)
	if err != nil {
		return err
	}
	made, err := p.Benefits.Create(ctx, benefits.CreateBenefitInput{
		Code: b.Code, Kind: benefits.BenefitKind(b.Kind), Categories: b.Categories, Sectors: b.Sectors, Source: &b.Source,
		Title: translations(b.Title), Description: translations(b.Description), HowToUse: translations(b.HowToUse), Actions: actions,
	})
	if err != nil || len(made.UserErrors) > 0 {
		return fmt.Errorf("creating: %w %v", err, made)
	}
	return nil
}

// addActions adds the actions to a benefit that is there. Its version is in the name of what makes the ids, so that the ids
// of the audit log are others each time.
func (o Options) addActions(ctx context.Context, b benefit, old *benefits.Benefit) error {
	return o.once(ctx, fmt.Sprint("actions of ", b.Code, " at version ", old.Version), func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = recorded
		actions, err := b.actions(ctx, p)
		if err != nil {
			return err
		}
		added, err := p.Benefits.Update(ctx, benefits.UpdateBenefitInput{ID: old.ID, ExpectedVersion: int(old.Version), Actions: kit.Some(actions)})
		if err != nil || len(added.UserErrors) > 0 {
			return fmt.Errorf("updating: %w %v", err, added)
		}
		return nil
	})
}
