package benefits

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// CreateBenefitInput describes a new benefit.
type CreateBenefitInput struct {
	IdempotencyKey *string
	Code           string
	Kind           BenefitKind
	Categories     []membership.MembershipCategory
	Sectors        []membership.Sector
	Title          []kit.TranslationInput
	Description    []kit.TranslationInput
	HowToUse       []kit.TranslationInput
	Actions        []BenefitActionInput
	Source         *string
}

// CreateBenefitPayload has the result: Benefit is nil if UserErrors is not empty.
type CreateBenefitPayload struct {
	Benefit    *Benefit
	UserErrors []kit.UserError
}

// UpdateBenefitInput changes a benefit, but never its code. A field that is left out stays as it is. A text in one
// language changes without the others.
type UpdateBenefitInput struct {
	ID              kit.ID
	ExpectedVersion int
	Kind            kit.Opt[BenefitKind]
	Categories      kit.Opt[[]membership.MembershipCategory]
	Sectors         kit.Opt[[]membership.Sector]
	Title           kit.Opt[[]kit.TranslationInput]
	Description     kit.Opt[[]kit.TranslationInput]
	HowToUse        kit.Opt[[]kit.TranslationInput]
	// Actions replace all that there are.
	Actions kit.Opt[[]BenefitActionInput]
	Source  kit.Opt[string]
}

// UpdateBenefitPayload has the record after the change: Benefit is nil if UserErrors is not empty.
type UpdateBenefitPayload struct {
	Benefit    *Benefit
	UserErrors []kit.UserError
}

// RetireBenefitInput says from which day on nobody has a benefit any more.
type RetireBenefitInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Reason          *string
}

// RetireBenefitPayload has the record after the change: Benefit is nil if UserErrors is not empty.
type RetireBenefitPayload struct {
	Benefit    *Benefit
	UserErrors []kit.UserError
}

// Create makes a benefit. SECRETARIAT only. A code that was used before, also by a retired benefit, is a DUPLICATE.
func (s *BenefitService) Create(ctx context.Context, in CreateBenefitInput) (*CreateBenefitPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "createBenefit", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		b := &Benefit{
			ID: s.core.NewID(benefitPrefix), Code: in.Code, Kind: in.Kind, Categories: in.Categories, Sectors: in.Sectors, Source: kit.Trimmed(in.Source), StoredActions: stored(in.Actions), Dataset: kit.DatasetOf(ctx),
			Title: (*kit.LocalizedText)(nil).With(in.Title), Description: (*kit.LocalizedText)(nil).With(in.Description), HowToUse: (*kit.LocalizedText)(nil).With(in.HowToUse),
		}
		series, err := s.seriesOf(ctx, b.StoredActions)
		if err != nil {
			return "", err
		}
		f.IdempotencyKey(in.IdempotencyKey)
		f.Code("input.code", in.Code)
		b.check(f, kit.Some(in.Title), kit.Some(in.Description), kit.Some(in.HowToUse))
		checkActions(f, in.Actions, series)
		if err := kit.CheckFree(ctx, f, s.benefits, "code", "input.code", in.Code); err != nil {
			return "", err
		}
		if err := kit.CheckRoom(ctx, f, s.benefits, maxBenefits); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := s.benefits.Insert(ctx, b); err != nil {
			return "", err
		}
		note(kit.Changed(BenefitNoun, b, kit.Created, "code", "title"))
		return b.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateBenefitPayload{UserErrors: faults}, err
	}
	b, err := s.Get(ctx, id)
	return &CreateBenefitPayload{Benefit: b}, err
}

// check adds to f all faults of a benefit and of the texts in the input.
func (b *Benefit) check(f *kit.Faults, title, description, howToUse kit.Opt[[]kit.TranslationInput]) {
	f.Titled("input.title", title, b.Title, 120, true)
	f.Written("input.description", description, b.Description, 2000, true)
	f.Written("input.howToUse", howToUse, b.HowToUse, 1000, true)
	f.Some("input.categories", len(b.Categories))
	f.Some("input.sectors", len(b.Sectors))
	f.Line("input.source", b.Source, 200, true)
}

// amend changes a benefit. SECRETARIAT only.
func (s *BenefitService) amend(ctx context.Context, a kit.Amendment, alter func(*Benefit, *kit.Faults) []string) (*Benefit, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	b, err := kit.Amend(ctx, s.core, BenefitNoun, a, func(context.Context, *Benefit) error { return nil }, alter)
	shown(b)
	return b, err
}

// Update changes a benefit. SECRETARIAT only.
func (s *BenefitService) Update(ctx context.Context, in UpdateBenefitInput) (*UpdateBenefitPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	actions, _ := kit.Given(in.Actions)
	series, err := s.seriesOf(ctx, stored(actions)) // no series goes, so that no transaction is needed
	if err != nil {
		return nil, err
	}
	b, err := s.amend(ctx, kit.Amendment{Operation: "updateBenefit", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(b *Benefit, f *kit.Faults) []string {
		fields := in.apply(b, f)
		b.check(f, in.Title, in.Description, in.HowToUse)
		checkActions(f, actions, series)
		return fields
	})
	faults, err := kit.UserErrorsOf(err)
	return &UpdateBenefitPayload{b, faults}, err
}

func (in UpdateBenefitInput) apply(b *Benefit, f *kit.Faults) []string {
	var fields []string
	if in.Kind.Set {
		kind, ok := kit.Given(in.Kind)
		if !ok {
			f.Add(kit.CodeRequired, "input.kind", "required", nil)
		}
		kit.Become(&fields, "kind", &b.Kind, kind)
	}
	kit.ApplyList(&fields, "categories", in.Categories, &b.Categories, func(c membership.MembershipCategory) membership.MembershipCategory { return c })
	kit.ApplyList(&fields, "sectors", in.Sectors, &b.Sectors, func(s membership.Sector) membership.Sector { return s })
	kit.ApplyTranslations(&fields, "title", in.Title, &b.Title)
	kit.ApplyTranslations(&fields, "description", in.Description, &b.Description)
	kit.ApplyTranslations(&fields, "howToUse", in.HowToUse, &b.HowToUse)
	if in.Actions.Set {
		actions, _ := kit.Given(in.Actions)
		kit.Become(&fields, "actions", &b.StoredActions, stored(actions))
	}
	kit.ApplyText(&fields, "source", in.Source, &b.Source)
	return fields
}

// Retire ends a benefit from a day on. SECRETARIAT only. A retired benefit stays on record, so that
// its code is never used again.
func (s *BenefitService) Retire(ctx context.Context, in RetireBenefitInput) (*RetireBenefitPayload, error) {
	b, err := s.amend(ctx, kit.Amendment{Operation: "retireBenefit", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, func(b *Benefit, f *kit.Faults) []string {
		f.Evidence(in.Reason, nil)
		f.Day("input.effectiveOn", in.EffectiveOn, "", s.core.Clock.Today())
		if b.RetiredOn != nil {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.retired", map[string]string{"date": string(*b.RetiredOn)})
		}
		b.RetiredOn = &in.EffectiveOn
		return []string{"retiredOn"}
	})
	faults, err := kit.UserErrorsOf(err)
	return &RetireBenefitPayload{b, faults}, err
}
