package portal

import (
	"context"
	"fmt"
)

// ContactInput is a contact as it is written.
type ContactInput struct {
	Function    string
	Name        *string
	Email       string
	Phone       *string
	RoleMailbox bool
}

// SocialLinkInput is a social link as it is written.
type SocialLinkInput struct {
	Network SocialNetwork
	URL     string
}

// UpdateMemberProfileInput changes what a member says of itself. A field left out stays, null
// empties it; lists are replaced whole, a description language by language.
type UpdateMemberProfileInput struct {
	ID                ID
	ExpectedVersion   int
	DisplayName       Opt[string]
	Description       Opt[[]TranslationInput]
	Website           Opt[string]
	LogoURL           Opt[string]
	SocialLinks       Opt[[]SocialLinkInput]
	SectorsOfInterest Opt[[]Sector]
	Contacts          Opt[[]ContactInput]
}

// UpdateMemberProfilePayload is the member as it is now, or what is wrong.
type UpdateMemberProfilePayload struct {
	Member     *Member
	UserErrors []UserError
}

// UpdateProfile changes a member's profile. FOCAL_POINT may for its own member, SECRETARIAT for all;
// others get FORBIDDEN for a member that they see and NOT_FOUND for one that they do not.
func (s *MemberService) UpdateProfile(ctx context.Context, in UpdateMemberProfileInput) (*UpdateMemberProfilePayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleSecretariat); err != nil {
		return nil, err
	}
	m, err := s.amend(ctx, amendment{"updateMemberProfile", in.ID, in.ExpectedVersion, nil}, func(m *Member, f *faults) []string {
		in.check(f)
		fields := in.apply(m)
		f.original("input.description", m.Description)
		return fields
	})
	faults, err := refused(err)
	return &UpdateMemberProfilePayload{m, faults}, err
}

// amend changes a member that the caller may change.
func (s *MemberService) amend(ctx context.Context, a amendment, alter func(*Member, *faults) []string) (*Member, error) {
	m, err := amend(ctx, s.core, MemberNoun, a, s.mayChange, alter)
	if m != nil {
		s.show(ctx, m)
	}
	return m, err
}

// check finds all faults of the input.
func (in UpdateMemberProfileInput) check(f *faults) {
	f.line("input.displayName", in.DisplayName.Value, 200, true)
	f.link("input.website", in.Website.Value)
	f.link("input.logoUrl", in.LogoURL.Value)
	f.translations("input.description", in.Description, 4000, f.text)
	links, _ := given(in.SocialLinks)
	for i := range links {
		f.link(fmt.Sprintf("input.socialLinks.%d.url", i), &links[i].URL)
	}
	contacts, _ := given(in.Contacts)
	for i := range contacts {
		contacts[i].check(f, fmt.Sprintf("input.contacts.%d.", i))
	}
}

func (c *ContactInput) check(f *faults, path string) {
	f.line(path+"function", &c.Function, 200, true)
	f.address(path+"email", &c.Email)
	f.line(path+"phone", c.Phone, 50, true)
	if c.RoleMailbox && c.Name != nil {
		f.add(CodeInvalid, path+"name", "invalid.roleMailboxName", nil)
	} else {
		f.line(path+"name", c.Name, 200, true)
	}
}

// apply changes the member and names the fields that are other than before.
func (in UpdateMemberProfileInput) apply(m *Member) []string {
	var fields []string
	applyText(&fields, "displayName", in.DisplayName, &m.Display)
	applyText(&fields, "website", in.Website, &m.Website)
	applyText(&fields, "logoUrl", in.LogoURL, &m.LogoURL)
	applyTranslations(&fields, "description", in.Description, &m.Description)
	applyList(&fields, "socialLinks", in.SocialLinks, &m.SocialLinks, func(l SocialLinkInput) SocialLink { return SocialLink(l) })
	applyList(&fields, "sectorsOfInterest", in.SectorsOfInterest, &m.SectorsOfInterest, func(s Sector) Sector { return s })
	applyList(&fields, "contacts", in.Contacts, &m.AllContacts, func(c ContactInput) Contact { return Contact(c) })
	return fields
}
