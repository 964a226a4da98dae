package people

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const personPrefix = "usr"

// Person is somebody who acts for members or countries. All its fields are personal data. The mandates say for whom
// a person acts, and since when.
type Person struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Name and Email are nil after the person is erased.
	Name  *string `bson:"name,omitempty"`
	Email *string `bson:"email,omitempty"`
	// EmailConfirmedAt is when the person showed by a code or a link that the address is its own; nil if it never did, as
	// for an address that somebody else recorded.
	EmailConfirmedAt *kit.DateTime `bson:"emailConfirmedAt,omitempty"`
	// EmailRefusedAt is when a mail server refused the address for good, so that nothing reaches the person there; nil if
	// none did, and again once the person shows that the address works.
	EmailRefusedAt *kit.DateTime `bson:"emailRefusedAt,omitempty"`
	// NewEmail is an address that the person asked for and has not confirmed; nil if there is none.
	NewEmail *EmailChange `bson:"newEmail,omitempty"`
	// Locale is the language of messages to the person; nil if it is not known.
	Locale *kit.Locale `bson:"locale,omitempty"`
	// Entities are the members and countries for which the person has or had a mandate. They are kept here so that
	// the check who may see the person needs no mandates. No query returns them.
	Entities []kit.ID `bson:"entities" most:"200"`
	// Mandates are those of the person that have not ended; see HeldMandate. Grants are its staff roles.
	Mandates []HeldMandate `bson:"mandates,omitempty" most:"60"`
	Grants   []Grant       `bson:"grants,omitempty" most:"50"`
	// StoredIdentities are the person at other issuers.
	StoredIdentities []Identity `bson:"identities,omitempty" most:"10"`
	// Preferences are the kinds of messages that the person does not get at once.
	Preferences []NotificationPreference `bson:"preferences,omitempty" most:"20"`
	// DisabledAt is when the person was shut out; nil for whoever may sign in.
	DisabledAt *kit.DateTime `bson:"disabledAt,omitempty"`
	// VoidBefore is the instant before which whatever was issued to the person is void; nil if nothing is.
	VoidBefore *kit.DateTime `bson:"voidBefore,omitempty"`
	// EndedSessions are those of which access tokens may still be about. They are kept here so that the check needs
	// no session.
	EndedSessions []EndedSession `bson:"endedSessions,omitempty" most:"50"`
	// ErasedOn is the day on which name and e-mail address were erased; nil before that.
	ErasedOn *kit.Date   `bson:"erasedOn,omitempty"`
	Dataset  kit.Dataset `bson:"dataset"`
}

// PersonNoun says how persons are stored. They are found by id, by identity when they sign in, and by e-mail address
// to join a person or refuse it. The listing of all is for commands that copy or check the store, and for erasing.
var PersonNoun = store.Declare(store.Noun[Person]{
	Name:     "persons",
	Identity: func(p *Person) (string, *int64) { return string(p.ID), &p.Version },
	Keys: []store.Key[Person]{
		store.One("address", func(p *Person, _ string) string {
			if p.Email == nil {
				return ""
			}
			return input.AddressKey(*p.Email)
		}),
		store.Many("identity", func(p *Person, _ string) []string {
			return kit.Map(p.StoredIdentities, func(i Identity) string { return i.Key })
		}),
		store.One("staff", func(p *Person, _ string) string {
			if len(p.Grants) == 0 {
				return ""
			}
			return "STAFF"
		}),
	},
	Listings: []store.Listing{{}, {Equal: []string{"address"}}, {Equal: []string{"staff"}}, {Has: "identity"}},
})

// IsNode marks Person as a type that the queries node and nodes can return.
func (p *Person) IsNode() {}

// seenBy says whether somebody may see the person: the person itself, those who act for a member or country for
// which it has or had a mandate, the secretariat, and OPERATOR if the person has or had a staff role.
func (p *Person) seenBy(a kit.Actor) bool {
	return !a.Anonymous() && a.Subject == p.ID || a.Has(kit.RoleSecretariat) || a.Has(kit.RoleOperator) && len(p.Grants) > 0 || slices.ContainsFunc(p.Entities, a.ActsFor)
}

// Erase empties what identifies the person, and returns the changed fields. The record stays, because other records
// name its id.
func (p *Person) Erase(on kit.Date) []string {
	p.Name, p.Email, p.EmailConfirmedAt, p.EmailRefusedAt, p.NewEmail, p.StoredIdentities, p.ErasedOn = nil, nil, nil, nil, nil, nil, &on
	return []string{"email", "identities", "name", "newEmail"}
}

// PersonService reads persons and changes them.
type PersonService struct {
	core    *kit.Core
	persons store.Collection[Person]
	// prove says what a token proves, and whether it is valid; nil if there are no tokens.
	prove func(token string) (proof kit.Proof, good bool, err error)
	// linkVerified says that an issuer's word for an address counts at the first sign-in.
	linkVerified bool
	// tell tells a person something, in a transaction.
	tell func(ctx context.Context, p *Person, letter kit.Letter) error
	// endBegun ends the sessions of a person that began by an identity, in a transaction.
	endBegun func(ctx context.Context, note func(kit.Change), p *Person, identity kit.ID) error
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *PersonService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Person, error) {
	found, err := s.persons.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	actor := kit.ActorOf(ctx)
	for i, p := range found {
		if p != nil && !p.seenBy(actor) {
			found[i] = nil
		}
	}
	return found, nil
}

// Get reads one person. It returns nil if there is none or the caller may not see it.
func (s *PersonService) Get(ctx context.Context, id kit.ID) (*Person, error) {
	return kit.One(ctx, s.ByIDs, id)
}

// Of returns the record of a viewer, nil if there is none with its id. It costs no call, because the viewer's authority
// was read from it.
func (s *PersonService) Of(ctx context.Context, v *kit.Viewer) (*Person, error) {
	if p, ok := kit.ActorOf(ctx).Self.(*Person); ok && p.ID == v.ID {
		return p, nil
	}
	return s.Get(ctx, v.ID)
}

func (s *PersonService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// UpdatePersonInput changes a person. A field that is left out stays as it is; null empties the language.
type UpdatePersonInput struct {
	ID              kit.ID
	ExpectedVersion int
	Name            kit.Opt[string]
	Email           kit.Opt[string]
	Locale          kit.Opt[kit.Locale]
}

// UpdatePersonPayload has the record after the change: Person is nil if UserErrors is not empty.
type UpdatePersonPayload struct {
	Person     *Person
	UserErrors []kit.UserError
}

// Update changes a person. DELEGATE, FOCAL_POINT and ADMINISTRATION may for themselves, SECRETARIAT for all. Others
// get FORBIDDEN for a person that they may see, and NOT_FOUND otherwise. A new e-mail address counts only after
// ConfirmEmail gets the code that is sent to it. No answer says whether another person has the address. Too many
// requests for codes are RATE_LIMITED.
func (s *PersonService) Update(ctx context.Context, in UpdatePersonInput) (*UpdatePersonPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	code, err := s.core.Secret()
	if err != nil {
		return nil, err
	}
	var p *Person
	err = s.core.Transact(kit.WithOperation(ctx, "updatePerson"), func(ctx context.Context) (err error) {
		was, asked := "", (*EmailChange)(nil)
		may := func(ctx context.Context, p *Person) (err error) {
			if err = s.mayChange(ctx, p); err == nil && in.Email.Value != nil {
				was = kit.Deref(p.Email)
				asked, err = s.askedFor(ctx, p, *in.Email.Value, code)
			}
			return err
		}
		p, err = kit.Amend(ctx, s.core, PersonNoun, kit.Amendment{Operation: "updatePerson", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(p *Person, f *kit.Faults) []string {
			if p.ErasedOn != nil {
				f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.erased", map[string]string{"date": string(*p.ErasedOn)})
			}
			in.check(f)
			fields := in.apply(p)
			if email, ok := kit.Given(in.Email); ok && email == was {
				kit.Become(&fields, "newEmail", &p.NewEmail, nil)
				asked = nil
			} else if ok {
				asked.Email = email
				kit.Become(&fields, "newEmail", &p.NewEmail, asked)
			}
			return fields
		})
		if err != nil || asked == nil {
			return err
		}
		return s.sendEmailCode(ctx, p, code)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &UpdatePersonPayload{UserErrors: faults}, err
	}
	return &UpdatePersonPayload{Person: p}, nil
}

// mayChange checks that the caller may change a person.
func (s *PersonService) mayChange(ctx context.Context, p *Person) error {
	actor := kit.ActorOf(ctx)
	switch {
	case !p.seenBy(actor):
		return kit.Refuse(kit.NotFound, "notFound", nil)
	case p.ID != actor.Subject && !actor.Has(kit.MembershipSecretariat):
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return nil
}

// check adds all faults of the input to f.
func (in UpdatePersonInput) check(f *kit.Faults) {
	kit.Needed(f, "name", in.Name)
	kit.Needed(f, "email", in.Email)
	f.Line("input.name", in.Name.Value, 200, true)
	f.Address("input.email", in.Email.Value)
}

// apply changes the person and returns the fields that changed.
func (in UpdatePersonInput) apply(p *Person) []string {
	var fields []string
	kit.ApplyText(&fields, "name", in.Name, &p.Name)
	if in.Locale.Set {
		kit.Become(&fields, "locale", &p.Locale, in.Locale.Value)
	}
	return fields
}

// withAddress returns the persons with an e-mail address, without checking the caller's rights.
func (s *PersonService) withAddress(ctx context.Context, email string) ([]*Person, error) {
	plan, err := s.persons.Plan(store.Query{Any: []store.Where{{"address": {input.AddressKey(email)}}}})
	if err != nil {
		return nil, err
	}
	page, err := s.persons.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	return page.Docs, err
}

// known returns the person with this e-mail address and name, if sees admits it; nil for none. If sees admits a person
// whose name is another, the address is a DUPLICATE. A person that the caller may not see counts as none, because any
// other answer would show that the address is known.
func (s *PersonService) known(ctx context.Context, f *kit.Faults, name, email string, sees func(*Person) bool) (*Person, error) {
	if err := s.core.Touch(ctx, "address", input.AddressKey(email)); err != nil {
		return nil, err
	}
	all, err := s.withAddress(ctx, email)
	if err != nil {
		return nil, err
	}
	seen := slices.DeleteFunc(all, func(p *Person) bool { return !sees(p) })
	if i := slices.IndexFunc(seen, func(p *Person) bool { return p.Name != nil && sameName(*p.Name, name) }); i >= 0 {
		return seen[i], nil
	}
	if len(seen) > 0 {
		f.Add(kit.CodeDuplicate, "input.email", "duplicate.person", nil)
	}
	return nil, nil
}

// sameName says whether two names are equal apart from case and canonical equivalence (Unicode §3.13, D145).
func sameName(a, b string) bool {
	caseless := func(s string) string { return norm.NFD.String(cases.Fold().String(norm.NFD.String(s))) }
	return caseless(a) == caseless(b)
}

// unrecorded is a new person, whose address nobody has confirmed. The caller stores it.
func (s *PersonService) unrecorded(ctx context.Context, name, email string, l *kit.Locale) *Person {
	return &Person{ID: s.core.NewID(personPrefix), Name: kit.Trimmed(&name), Email: &email, Locale: l, Entities: []kit.ID{}, Dataset: kit.DatasetOf(ctx)}
}

// enrol stores a new or known person with a mandate that it has. It is FULL for a person who has maxHeld.
func (s *PersonService) enrol(ctx context.Context, note func(kit.Change), p *Person, m HeldMandate) error {
	if !p.hold(m, s.core.Clock.Today()) {
		return nil
	}
	if len(p.Mandates) > maxHeld {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeFull, "input", "full", nil)
		return f
	}
	return s.save(ctx, note, p, "mandates")
}

// save stores a new or known person whose fields changed.
func (s *PersonService) save(ctx context.Context, note func(kit.Change), p *Person, fields ...string) error {
	var err error
	kind := kit.Updated
	if p.Version == 0 {
		kind, fields = kit.Created, append(fields, "name", "email")
		err = s.persons.Insert(ctx, p)
	} else {
		err = s.persons.Replace(ctx, p)
	}
	if err != nil {
		return err
	}
	note(kit.Changed(PersonNoun, p, kind, fields...))
	return nil
}

// keep repeats a mandate that changed in the document of its person.
func (s *PersonService) keep(ctx context.Context, note func(kit.Change), person kit.ID, m HeldMandate) error {
	p, err := s.persons.Get(ctx, string(person))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.enrol(ctx, note, p, m)
}

// Has says whether an address is the person's, or one that the person asked for.
func (p *Person) Has(address string) bool {
	key := input.AddressKey(address)
	return p.Email != nil && input.AddressKey(*p.Email) == key || p.NewEmail != nil && input.AddressKey(p.NewEmail.Email) == key
}

// ShownVersion returns the version to SECRETARIAT and the person, and nil to others.
func (p *Person) ShownVersion(ctx context.Context) *int64 {
	a := kit.ActorOf(ctx)
	return kit.ShownVersion(&p.Version, a.Has(kit.RoleSecretariat) || a.Subject == p.ID)
}

// Stored reads persons as they are stored, without checking the caller's rights; nil for a person that does not
// exist. Only rules of other nouns use it. ByIDs reads what is shown to a caller.
func (s *PersonService) Stored(ctx context.Context, ids []kit.ID) ([]*Person, error) {
	return s.persons.Many(ctx, kit.Strings(ids))
}

// Reachable says whether the person exists and has an e-mail address at which messages arrive, as far as is known.
func (p *Person) Reachable() bool {
	return p != nil && p.Email != nil && p.EmailRefusedAt == nil && p.maySignIn()
}

// maySignIn says whether the person is neither disabled nor erased.
func (p *Person) maySignIn() bool { return p.DisabledAt == nil && p.ErasedOn == nil }

// Language returns the language for messages to the person; English if none is known.
func (p *Person) Language() kit.Locale {
	l := kit.English
	if p.Locale != nil {
		l = *p.Locale
	}
	return l
}

// called returns the person's name; empty if it is not known.
func (p *Person) called() string {
	if p == nil || p.Name == nil {
		return ""
	}
	return *p.Name
}

// OfThePerson returns the query for records that name a person, by the key person.
func OfThePerson(id kit.ID, sort string) store.Query {
	return store.Query{Any: []store.Where{{"person": {string(id)}}}, Sort: sort}
}
