package membership

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// ContactInput is a contact from the caller.
type ContactInput struct {
	Function    string
	Name        *string
	Email       string
	Phone       *string
	RoleMailbox bool
}

// SocialLinkInput is a social link from the caller.
type SocialLinkInput struct {
	Network SocialNetwork
	URL     string
}

// UpdateMemberProfileInput changes a member's profile. A field that is left out stays as it is; null empties it. A
// list is replaced as a whole. A description in one language changes without the others.
type UpdateMemberProfileInput struct {
	ID                kit.ID
	ExpectedVersion   int
	DisplayName       kit.Opt[string]
	Description       kit.Opt[[]kit.TranslationInput]
	Website           kit.Opt[string]
	Logo              kit.Opt[files.DocumentSourceInput]
	SocialLinks       kit.Opt[[]SocialLinkInput]
	SectorsOfInterest kit.Opt[[]Sector]
	Contacts          kit.Opt[[]ContactInput]
}

// UpdateMemberProfilePayload has the record after the change: Member is nil if UserErrors is not empty.
type UpdateMemberProfilePayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// UpdateProfile changes a member's profile. FOCAL_POINT may for its own member, SECRETARIAT for all. Others get
// FORBIDDEN for a member that they may see, and NOT_FOUND otherwise.
func (s *MemberService) UpdateProfile(ctx context.Context, in UpdateMemberProfileInput) (*UpdateMemberProfilePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	var m *Member
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		offers, err := s.files.Offered(ctx, in.ID, in.logo()...)
		if err != nil {
			return err
		}
		var former *files.File // that another one replaces
		m, err = s.amend(ctx, kit.Amendment{Operation: "updateMemberProfile", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(m *Member, f *kit.Faults) []string {
			former = m.Logo
			in.check(f)
			fields := in.apply(m)
			if former == m.Logo {
				former = nil
			}
			if in.Logo.Value != nil && in.Logo.Value.File != nil {
				_, file := offers.Take(f, "input.logo", *in.Logo.Value, files.Public, files.Images()...)
				if m.Logo != nil && m.Logo.ID != file.ID {
					former = m.Logo
				}
				fields = append(fields, in.applyLogo(m, file)...)
			}
			f.Original("input.description", m.Description)
			return fields
		})
		if err != nil {
			return err
		}
		return errors.Join(offers.Keep(ctx), s.files.Release(ctx, former))
	})
	if err != nil {
		m = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &UpdateMemberProfilePayload{m, faults}, err
}

// logo is the source of the logo, if the input has one.
func (in UpdateMemberProfileInput) logo() []files.DocumentSourceInput {
	if in.Logo.Value == nil {
		return nil
	}
	return []files.DocumentSourceInput{*in.Logo.Value}
}

// applyLogo gives the member the logo of the input, none for null, and returns the fields that changed. file is that of the
// input; nil if it has a link.
func (in UpdateMemberProfileInput) applyLogo(m *Member, file *files.File) (fields []string) {
	var link *string
	if in.Logo.Value != nil {
		link = in.Logo.Value.Link
	}
	kit.Become(&fields, "logo", &m.StoredLogoURL, link)
	kit.Become(&fields, "logo", &m.Logo, file)
	return slices.Compact(fields)
}

// fileOwner says which files members name: their logos, which everybody may read who sees the member.
func (s *MemberService) fileOwner() files.Owner {
	of := func(m *Member) []*files.File {
		if m.Logo == nil {
			return nil
		}
		return []*files.File{m.Logo}
	}
	return files.OwnerOf(files.OwnerNoun[Member]{
		Seen: s.ByIDs, Shows: func(_ context.Context, m *Member) ([]*files.File, error) { return of(m), nil },
		Stored: s.members.Many, Every: func(ctx context.Context, take func([]*Member) error) error {
			return kit.EachPage(ctx, s.members, store.Query{Sort: "name"}, kit.MaxPage, take)
		},
		Names: func(m *Member) (kit.ID, []*files.File) { return m.ID, of(m) },
	})
}

// amend changes a member if the caller may change it.
func (s *MemberService) amend(ctx context.Context, a kit.Amendment, alter func(*Member, *kit.Faults) []string) (*Member, error) {
	m, err := kit.Amend(ctx, s.core, MemberNoun, a, s.mayChange, alter)
	if m != nil {
		s.show(ctx, m)
	}
	return m, err
}

// check adds all faults of the input to f.
func (in UpdateMemberProfileInput) check(f *kit.Faults) {
	f.Line("input.displayName", in.DisplayName.Value, 200, true)
	f.Link("input.website", in.Website.Value)
	if in.Logo.Value != nil {
		f.Link("input.logo.link", in.Logo.Value.Link)
	}
	f.Translations("input.description", in.Description, 4000, f.Text)
	links, _ := kit.Given(in.SocialLinks)
	for i := range links {
		f.Link(fmt.Sprintf("input.socialLinks.%d.url", i), &links[i].URL)
	}
	contacts, _ := kit.Given(in.Contacts)
	for i := range contacts {
		contacts[i].check(f, fmt.Sprintf("input.contacts.%d.", i))
	}
}

func (c *ContactInput) check(f *kit.Faults, path string) {
	f.Line(path+"function", &c.Function, 200, true)
	f.Address(path+"email", &c.Email)
	f.Line(path+"phone", c.Phone, 50, true)
	if c.RoleMailbox && c.Name != nil {
		f.Add(kit.CodeInvalid, path+"name", "invalid.roleMailboxName", nil)
	} else {
		f.Line(path+"name", c.Name, 200, true)
	}
}

// apply changes the member and returns the fields that changed.
func (in UpdateMemberProfileInput) apply(m *Member) []string {
	var fields []string
	kit.ApplyText(&fields, "displayName", in.DisplayName, &m.StoredDisplayName)
	kit.ApplyText(&fields, "website", in.Website, &m.Website)
	if in.Logo.Set && (in.Logo.Value == nil || in.Logo.Value.File == nil) {
		fields = append(fields, in.applyLogo(m, nil)...)
	}
	kit.ApplyTranslations(&fields, "description", in.Description, &m.Description)
	kit.ApplyList(&fields, "socialLinks", in.SocialLinks, &m.SocialLinks, func(l SocialLinkInput) SocialLink { return SocialLink(l) })
	kit.ApplyList(&fields, "sectorsOfInterest", in.SectorsOfInterest, &m.SectorsOfInterest, func(s Sector) Sector { return s })
	kit.ApplyList(&fields, "contacts", in.Contacts, &m.StoredContacts, func(c ContactInput) Contact { return Contact(c) })
	return fields
}
