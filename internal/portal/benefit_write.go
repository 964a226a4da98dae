package portal

import "context"

// CreateBenefitInput makes a benefit.
type CreateBenefitInput struct {
	IdempotencyKey *string
	Code           string
	Kind           BenefitKind
	Categories     []MembershipCategory
	Sectors        []Sector
	Title          []TranslationInput
	Description    []TranslationInput
	HowToUse       []TranslationInput
	Source         *string
}

// CreateBenefitPayload is the new benefit, or what is wrong.
type CreateBenefitPayload struct {
	Benefit    *Benefit
	UserErrors []UserError
}

// UpdateBenefitInput changes a benefit; its code never changes. A field left out stays; texts change
// language by language.
type UpdateBenefitInput struct {
	ID              ID
	ExpectedVersion int
	Kind            Opt[BenefitKind]
	Categories      Opt[[]MembershipCategory]
	Sectors         Opt[[]Sector]
	Title           Opt[[]TranslationInput]
	Description     Opt[[]TranslationInput]
	HowToUse        Opt[[]TranslationInput]
	Source          Opt[string]
}

// UpdateBenefitPayload is the benefit as it is now, or what is wrong.
type UpdateBenefitPayload struct {
	Benefit    *Benefit
	UserErrors []UserError
}

// RetireBenefitInput ends a benefit.
type RetireBenefitInput struct {
	ID              ID
	ExpectedVersion int
	EffectiveOn     Date
	Reason          *string
}

// RetireBenefitPayload is the benefit as it is now, or what is wrong.
type RetireBenefitPayload struct {
	Benefit    *Benefit
	UserErrors []UserError
}

// Create makes a benefit. SECRETARIAT only. A code that was ever used is a DUPLICATE.
func (s *BenefitService) Create(ctx context.Context, in CreateBenefitInput) (*CreateBenefitPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.create(ctx, "createBenefit", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		f := newFaults(ctx)
		b := &Benefit{
			ID: s.core.newID(benefitPrefix), Code: in.Code, Kind: in.Kind, Categories: in.Categories, Sectors: in.Sectors, Source: trimmed(in.Source), Dataset: datasetOf(ctx),
			Title: (*LocalizedText)(nil).with(in.Title), Description: (*LocalizedText)(nil).with(in.Description), HowToUse: (*LocalizedText)(nil).with(in.HowToUse),
		}
		f.idempotencyKey(in.IdempotencyKey)
		f.code("input.code", in.Code)
		b.check(f, Some(in.Title), Some(in.Description), Some(in.HowToUse))
		if err := free(ctx, f, s.benefits, "code", "input.code", in.Code); err != nil {
			return "", err
		}
		if err := room(ctx, f, s.benefits, maxBenefits); err != nil {
			return "", err
		}
		if err := f.err(); err != nil {
			return "", err
		}
		if err := s.benefits.Insert(ctx, b); err != nil {
			return "", err
		}
		note(changed(benefitNoun, b, Created, "code", "title"))
		return b.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &CreateBenefitPayload{UserErrors: faults}, err
	}
	b, err := s.Get(ctx, id)
	return &CreateBenefitPayload{Benefit: b}, err
}

// check finds all faults of a benefit and of the texts that were written.
func (b *Benefit) check(f *faults, title, description, howToUse Opt[[]TranslationInput]) {
	f.titled("input.title", title, b.Title, 120, true)
	f.written("input.description", description, b.Description, 2000, true)
	f.written("input.howToUse", howToUse, b.HowToUse, 1000, true)
	f.some("input.categories", len(b.Categories))
	f.some("input.sectors", len(b.Sectors))
	f.line("input.source", b.Source, 200, true)
}

// amend changes a benefit for SECRETARIAT.
func (s *BenefitService) amend(ctx context.Context, a amendment, alter func(*Benefit, *faults) []string) (*Benefit, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	return amend(ctx, s.core, benefitNoun, a, func(context.Context, *Benefit) error { return nil }, alter)
}

// Update changes a benefit. SECRETARIAT only.
func (s *BenefitService) Update(ctx context.Context, in UpdateBenefitInput) (*UpdateBenefitPayload, error) {
	b, err := s.amend(ctx, amendment{"updateBenefit", in.ID, in.ExpectedVersion, nil}, func(b *Benefit, f *faults) []string {
		fields := in.apply(b, f)
		b.check(f, in.Title, in.Description, in.HowToUse)
		return fields
	})
	faults, err := refused(err)
	return &UpdateBenefitPayload{b, faults}, err
}

func (in UpdateBenefitInput) apply(b *Benefit, f *faults) []string {
	var fields []string
	if in.Kind.Set {
		kind, ok := given(in.Kind)
		if !ok {
			f.add(CodeRequired, "input.kind", "required", nil)
		}
		become(&fields, "kind", &b.Kind, kind)
	}
	applyList(&fields, "categories", in.Categories, &b.Categories, func(c MembershipCategory) MembershipCategory { return c })
	applyList(&fields, "sectors", in.Sectors, &b.Sectors, func(s Sector) Sector { return s })
	applyTranslations(&fields, "title", in.Title, &b.Title)
	applyTranslations(&fields, "description", in.Description, &b.Description)
	applyTranslations(&fields, "howToUse", in.HowToUse, &b.HowToUse)
	applyText(&fields, "source", in.Source, &b.Source)
	return fields
}

// Retire ends a benefit from a day on. SECRETARIAT only. A retired benefit stays on record, so that
// its code is never used again.
func (s *BenefitService) Retire(ctx context.Context, in RetireBenefitInput) (*RetireBenefitPayload, error) {
	b, err := s.amend(ctx, amendment{"retireBenefit", in.ID, in.ExpectedVersion, in.Reason}, func(b *Benefit, f *faults) []string {
		f.evidence(in.Reason, nil)
		f.day("input.effectiveOn", in.EffectiveOn, "", s.core.clock.Today())
		if b.RetiredOn != nil {
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.retired", map[string]string{"date": string(*b.RetiredOn)})
		}
		b.RetiredOn = &in.EffectiveOn
		return []string{"retiredOn"}
	})
	faults, err := refused(err)
	return &RetireBenefitPayload{b, faults}, err
}
