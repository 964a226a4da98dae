package applications

import (
	"context"
	"slices"
	"strings"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// ApplicationService takes applications and decisions about them. An APPLICANT sees the applications of its verified
// address, and so does a person with that address; an ADMINISTRATION sees those of its country, and SECRETARIAT all. A
// draft is visible to its applicant only.
type ApplicationService struct {
	core          *kit.Core
	countries     *country.CountryService
	applications  store.Collection[Application]
	codes         *kit.Codes
	members       *membership.MemberService
	mandates      *people.MandateService
	persons       *people.PersonService
	invoices      *membership.InvoiceService
	notifications *people.NotificationService
	files         *files.FileService
	tariffs       *membership.TariffService
	exemptions    *membership.FeeExemptionService
	invitations   *people.PersonInvitationService
	terms         Terms
	// issue makes the token of an applicant; nil if no tokens can be made.
	issue func(kit.Proof, time.Duration) (string, error)
	// direct are the countries that let organisations apply to the Union directly.
	direct map[kit.ID]bool
}

// FileOwners says what applications show and name of files, by the prefix of their ids.
func (s *ApplicationService) FileOwners() map[string]files.Owner {
	return map[string]files.Owner{ApplicationPrefix: files.OwnerOf(files.OwnerNoun[Application]{
		Seen: s.ByIDs, Shows: func(_ context.Context, a *Application) ([]*files.File, error) { return a.files(a.DueDiligence()), nil },
		Stored: s.applications.Many, Every: func(ctx context.Context, take func([]*Application) error) error {
			return kit.EachPage(ctx, s.applications, store.Query{}, kit.MaxPage, take)
		},
		Names: func(a *Application) (kit.ID, []*files.File) { return a.ID, a.files(a.StoredDueDiligence) },
	})}
}

// files are the files of an application, with those of what the deciding side found out.
func (a *Application) files(d *DueDiligence) []*files.File {
	all := a.keptFiles(d)
	if x := a.Exemption; x != nil {
		for i := range x.StoredEvidenceFiles {
			all = append(all, &x.StoredEvidenceFiles[i])
		}
	}
	return all
}

// keptFiles are the files that an application keeps when it is approved: all but the evidence for an exemption.
func (a *Application) keptFiles(d *DueDiligence) (all []*files.File) {
	papers := slices.Clone(a.Papers)
	if a.Form != nil {
		papers = append(papers, *a.Form)
	}
	if d != nil {
		papers = append(papers, d.Papers...)
	}
	for _, p := range papers {
		if p.File != nil {
			all = append(all, p.File)
		}
	}
	if c := a.SmeClaim; c != nil {
		for i := range c.StoredEvidenceFiles {
			all = append(all, &c.StoredEvidenceFiles[i])
		}
	}
	return all
}

// seenBy says whether an actor who verified an address may see the application; the address is empty if there is none.
func (a *Application) seenBy(actor kit.Actor, address string) bool {
	return actor.AppliesBy(a.ID) || a.ofAddress(address) || a.SubmittedOn != nil && (actor.Has(kit.MembershipSecretariat) || a.CountryID != nil && actor.Governs(*a.CountryID))
}

// decidedBy says whether the actor is the deciding side: the administration of the country, or SECRETARIAT for an
// organisation without a country (Convention Nos. 231 and 235), and for a country that nobody speaks for.
func (a *Application) decidedBy(actor kit.Actor) bool {
	if a.CountryID == nil || a.headless {
		return actor.Has(kit.MembershipSecretariat)
	}
	return actor.Governs(*a.CountryID)
}

// show sets an application's view for the caller, who verified an address, and says whether the caller may see it at
// all.
func (s *ApplicationService) show(ctx context.Context, a *Application, address string) bool {
	actor := kit.ActorOf(ctx)
	a.view = applicationView{waiting: s.waiting(a), applicant: actor.AppliesBy(a.ID), deciding: a.decidedBy(actor) || actor.Has(kit.MembershipSecretariat)}
	if a.view.country = s.countries.Get(kit.ID(a.place())); a.view.country != nil {
		a.view.region = new(a.view.country.Region(nil))
	} else if a.International {
		a.view.region = new(country.RegionREGINTORG)
	}
	return a.seenBy(actor, address)
}

// join sets the views of applications and lets related records be read for all of them together. It sets to nil
// the applications that the caller may not see.
func (s *ApplicationService) join(ctx context.Context, found []*Application) []*Application {
	return s.joinOf(ctx, found, verified(ctx, found))
}

// joinOf is join for a caller who verified an address.
func (s *ApplicationService) joinOf(ctx context.Context, found []*Application, address string) []*Application {
	with := &kit.Together[*Application]{}
	for i, a := range found {
		if a == nil || !s.show(ctx, a, address) {
			found[i] = nil
			continue
		}
		a.with, with.Items = with, append(with.Items, a)
	}
	return found
}

// ByIDs reads applications in the order of the ids, nil for those that the caller may not see.
func (s *ApplicationService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Application, error) {
	wanted := len(ids)
	if own := kit.ActorOf(ctx).Application; own != "" && !slices.Contains(ids, own) {
		ids = append(slices.Clone(ids), own) // its address says which others the applicant may see
	}
	found, err := s.applications.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	return s.join(ctx, found)[:wanted], nil
}

// Get reads one application, nil if it does not exist or the caller may not see it. APPLICANT, ADMINISTRATION and
// SECRETARIAT.
func (s *ApplicationService) Get(ctx context.Context, id kit.ID) (*Application, error) {
	if err := kit.Require(ctx, kit.RoleApplicant, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, id)
}

// Of returns the application of a viewer's token, nil if the viewer is not an applicant.
func (s *ApplicationService) Of(ctx context.Context, v *kit.Viewer) (*Application, error) {
	if v.ApplicationID == "" {
		return nil, nil
	}
	return kit.One(ctx, s.ByIDs, v.ApplicationID)
}

func (s *ApplicationService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// MemberOf returns the member that the organisation became; nil before that, and if the caller may not see it.
// The members of all applications of a page cost one call.
func (s *ApplicationService) MemberOf(ctx context.Context, a *Application) (*membership.Member, error) {
	return kit.Neighbour(ctx, a.with, "member", a, func(ctx context.Context, all []*Application) ([]*membership.Member, error) {
		return s.members.ByIDs(ctx, kit.Map(all, func(a *Application) kit.ID { return kit.ID(kit.Deref(a.MemberID)) }))
	})
}

// ApplicationConnection and ApplicationEdge page through applications.
type (
	ApplicationConnection = kit.Connection[*Application]
	ApplicationEdge       = kit.Edge[*Application]
)

// ApplicationFilter narrows applications. A field that is left out does not narrow; an empty list matches
// nothing.
type ApplicationFilter struct {
	Statuses   []ApplicationStatus
	Countries  []kit.ID
	Categories []membership.MembershipCategory
	// Awaiting are the roles that must act.
	Awaiting []kit.Role
}

// stages returns the values of the key "stage" that the filter admits.
func (f ApplicationFilter) stages() []string {
	admitted := []string{}
	for _, stage := range applicationStages {
		role, status, _ := strings.Cut(stage, "/")
		if stage != hiddenStage && (f.Statuses == nil || slices.Contains(f.Statuses, ApplicationStatus(status))) &&
			(f.Awaiting == nil || slices.Contains(f.Awaiting, kit.Role(role))) {
			admitted = append(admitted, stage)
		}
	}
	return admitted
}

func (f ApplicationFilter) admits(a *Application) bool {
	return (f.Statuses == nil || slices.Contains(f.Statuses, a.Status)) && (f.Awaiting == nil || slices.Contains(f.Awaiting, a.awaits())) &&
		(f.Countries == nil || slices.Contains(f.Countries, kit.ID(a.place()))) &&
		(f.Categories == nil || a.Category != nil && slices.Contains(f.Categories, *a.Category))
}

// List pages through applications in the order of their first submission: all for SECRETARIAT, those of its
// country for ADMINISTRATION, and for APPLICANT those of its address in the order in which they were begun, drafts too;
// of more than maxOwn the latest. An unknown country is BAD_USER_INPUT, and so is a filter that would merge more than 64
// index ranges.
func (s *ApplicationService) List(ctx context.Context, filter *ApplicationFilter, args kit.PageArgs) (*ApplicationConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleApplicant, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	var f ApplicationFilter
	kit.Set(&f, filter)
	if err := s.known(f.Countries); err != nil {
		return nil, err
	}
	if !actor.HasAny(kit.RoleAdministration, kit.MembershipSecretariat) {
		return s.listOwn(ctx, f, args)
	}
	where := store.Where{"stage": f.stages()}
	if f.Categories != nil {
		where["category"] = kit.Strings(f.Categories)
	}
	if countries := f.countries(actor); countries != nil {
		where["country"] = countries
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.applications, store.Query{Any: []store.Where{where}, Sort: "submittedOn"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	s.join(ctx, found.Nodes())
	return found, nil
}

// known refuses unknown countries by BAD_USER_INPUT.
func (s *ApplicationService) known(countries []kit.ID) error {
	for _, id := range countries {
		if s.countries.Get(id) == nil {
			return kit.Refuse(kit.BadUserInput, "unknownCountry", map[string]string{"id": string(id)})
		}
	}
	return nil
}

// countries returns the countries for which the filter asks and that the caller may see; nil for all.
func (f ApplicationFilter) countries(actor kit.Actor) []string {
	if actor.Has(kit.MembershipSecretariat) {
		if f.Countries == nil {
			return nil
		}
		return kit.Strings(f.Countries)
	}
	own := actor.Governed()
	if f.Countries != nil {
		own = slices.DeleteFunc(own, func(id kit.ID) bool { return !slices.Contains(f.Countries, id) })
	}
	return kit.Strings(own)
}

// Records reads all applications, for counting.
func (s *ApplicationService) Records() kit.Records[Application] {
	return kit.NewRecords(ApplicationNoun, s.applications, store.Query{Any: []store.Where{{}}})
}
