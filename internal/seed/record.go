package seed

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
)

// record is one demonstration member.
type record struct {
	in        membership.AdmitMemberInput
	admitted  time.Time
	activated time.Time // zero: never, as far as is known on the last day
	profile   membership.UpdateMemberProfileInput
	later     []happening
}

// places are the countries, sorted by id.
type places []*country.Country

func newPlaces(countries []*country.Country) places {
	sorted := slices.Clone(countries)
	slices.SortFunc(sorted, func(a, b *country.Country) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return sorted
}

// script is how names are made where a language is written: a word for demonstration, words that
// tell organisations apart, and what organisations are called by category.
type script struct {
	demo  string
	words []string
	kinds map[membership.MembershipCategory][]string
}

var (
	latin = script{"Demo", strings.Fields("Amber Basalt Cedar Delta Ember Fjord Granite Harbour Indigo Juniper Krill Lagoon Mistral Nimbus Ochre Petrel Quartz Reef Sienna Tundra Umber Vega Willow Xenon Yarrow Zephyr"),
		map[membership.MembershipCategory][]string{
			membership.SectorMember: {"Telecom", "Networks", "Satellite", "Broadcasting"},
			membership.Associate:    {"Software", "Consulting", "Analytics"},
			membership.Academia:     {"University", "Institute of Technology", "Research Centre"},
		}}
	spanish = script{"Demo", strings.Fields("Ámbar Cóndor Volcán Jazmín Río Océano Níspero Colibrí"),
		map[membership.MembershipCategory][]string{
			membership.SectorMember: {"Telecomunicaciones", "Redes"}, membership.Associate: {"Consultoría", "Programación"}, membership.Academia: {"Universidad", "Centro de Investigación"},
		}}
	french = script{"Démo", strings.Fields("Ambre Forêt Rivière Étoile Cèdre Océan Épice"),
		map[membership.MembershipCategory][]string{
			membership.SectorMember: {"Télécom", "Réseaux"}, membership.Associate: {"Conseil", "Logiciels"}, membership.Academia: {"Université", "Centre de recherche"},
		}}
	russian = script{"Демо", strings.Fields("Янтарь Кедр Восход Гранит Ёлка Север"),
		map[membership.MembershipCategory][]string{
			membership.SectorMember: {"Телеком", "Сети"}, membership.Associate: {"Аналитика", "Разработка"}, membership.Academia: {"Университет", "Исследовательский центр"},
		}}
	arabic = script{"تجريبي", strings.Fields("العنبر الأفق النخيل الياقوت الواحة"),
		map[membership.MembershipCategory][]string{
			membership.SectorMember: {"للاتصالات", "للشبكات"}, membership.Associate: {"للاستشارات", "للبرمجيات"}, membership.Academia: {"جامعة", "مركز البحوث"},
		}}
	chinese = script{"示范", strings.Fields("琥珀 青松 星河 长风 海岸"),
		map[membership.MembershipCategory][]string{
			membership.SectorMember: {"电信", "网络"}, membership.Associate: {"软件", "咨询"}, membership.Academia: {"大学", "研究中心"},
		}}
)

// scriptOf is how an organisation in a country names itself.
func scriptOf(c *country.Country) script {
	if c == nil {
		return latin
	}
	switch region := c.Region(new(Last)); {
	case c.ISO2 == "CN":
		return chinese
	case region == country.RegionARB:
		return arabic
	case c.ISO2 == "RU" || c.ISO2 == "BY" || c.ISO2 == "KZ" || c.ISO2 == "KG":
		return russian
	case region == country.RegionAMS && slices.Contains(strings.Fields("AR BO CL CO CR CU DO EC GT HN MX NI PA PE PY SV UY VE"), c.ISO2), c.ISO2 == "ES":
		return spanish
	case slices.Contains(strings.Fields("BF BI BJ CD CF CG CI CM FR GA GN ML NE SN TD TG"), c.ISO2):
		return french
	}
	return latin
}

// sentences describe a demonstration member in every language; %s is the country's name.
var sentences = map[kit.Locale]string{
	kit.English: "Demonstration record of an organisation in %s.",
	kit.French:  "Enregistrement de démonstration d’une organisation : %s.",
	kit.Spanish: "Registro de demostración de una organización: %s.",
	kit.Russian: "Демонстрационная запись об организации: %s.",
	kit.Arabic:  "سجل توضيحي لمنظمة: %s.",
	kit.Chinese: "机构示范记录：%s。",
}

// record is member number i. It depends on i alone, and on what histories.csv says of it: of every 61, 45
// are Sector Members or Associates and 16 Academia.
func (p places) record(i int) record {
	random := rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, "member ", i))))
	h := p.historyOf(i)
	r := record{later: h.later}
	var home *country.Country
	switch n := i * 17 % 61; {
	case n >= 45:
		r.in.Category = membership.Academia
	case n%10 < 3:
		r.in.Category, r.in.StudyGroup = membership.Associate, new(membership.StudyGroups[random.IntN(2)])
	default:
		r.in.Category = membership.SectorMember
	}
	if r.in.Category == membership.SectorMember && random.IntN(20) == 0 {
		r.in.Region = new(country.RegionREGINTORG)
	} else {
		if home = p[random.IntN(len(p))]; h.admitted != nil && h.admitted.country != "" {
			home = p.of(h.admitted.country)
		}
		r.in.Country = &home.ID
	}
	s := scriptOf(home)
	kinds := s.kinds[r.in.Category]
	r.in.Name = fmt.Sprintf("%s %s %s %03d", s.demo, s.words[random.IntN(len(s.words))], kinds[random.IntN(len(kinds))], i+1)
	r.dates(i, random, h)
	if i%3 == 0 {
		r.describe(i, home)
	}
	return r
}

// dates place the admission between 2010 and the end of 2024, and one in thirty at the beginning of 2025.
// Who joins from 2024 on is in histories.csv, so all others that would are put two to thirteen years back.
func (r *record) dates(i int, random *rand.Rand, h history) {
	r.admitted = time.Date(2010, 1, 4, 9, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(15*365-20))
	if random.IntN(30) == 0 {
		r.admitted = time.Date(2025, 1, 6, 9, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(80))
	}
	r.activated = r.admitted.AddDate(0, 0, 10+random.IntN(60))
	switch {
	case h.admitted != nil:
		r.admitted, r.activated = nineOn(h.admitted.on), time.Time{}
		if r.in.Sectors, r.in.FeeClass = h.admitted.sectors, h.admitted.feeClass; h.activated != nil {
			r.activated = nineOn(h.activated.on)
		}
	case r.activated.Year() >= 2024:
		back := 2 + i%12
		r.admitted, r.activated = r.admitted.AddDate(-back, 0, 0), r.activated.AddDate(-back, 0, 0)
	}
	r.in.EffectiveOn = dateOf(r.admitted)
	r.in.Reason = new(demonstration)
}

// describe gives a member a profile: texts in six languages and a role mailbox.
func (r *record) describe(i int, country *country.Country) {
	described := texts{}
	for l, sentence := range sentences {
		place := "—"
		if country != nil {
			place = country.Name.Text(context.Background(), &l)
		}
		described[l] = fmt.Sprintf(sentence, place)
	}
	r.profile = membership.UpdateMemberProfileInput{
		Description: kit.Some(translations(described)), Website: kit.Some("https://" + host(i)),
		Contacts: kit.Some([]membership.ContactInput{{Function: "Office", Email: "office@" + host(i), RoleMailbox: true}}),
	}
}

// load admits the member, lets it describe itself, and activates it, each on its day.
func (r record) load(ctx context.Context, p *portal.Portal, clock *time.Time) error {
	*clock = r.admitted
	admitted, err := p.Members.Admit(ctx, r.in)
	if err != nil || len(admitted.UserErrors) > 0 {
		return fmt.Errorf("admitting: %w %v", err, admitted)
	}
	m := admitted.Member
	if r.profile.Description.Set {
		r.profile.ID, r.profile.ExpectedVersion = m.ID, int(m.Version)
		updated, err := p.Members.UpdateProfile(ctx, r.profile)
		if err != nil || len(updated.UserErrors) > 0 {
			return fmt.Errorf("describing: %w %v", err, updated)
		}
		m = updated.Member
	}
	if r.activated.IsZero() {
		return nil
	}
	*clock = r.activated
	activated, err := p.Members.Activate(ctx, membership.ActivateMemberInput{ID: m.ID, ExpectedVersion: int(m.Version), EffectiveOn: dateOf(r.activated)})
	if err != nil || len(activated.UserErrors) > 0 {
		return fmt.Errorf("activating: %w %v", err, activated)
	}
	return nil
}

// nineOn is nine o'clock on a day.
func nineOn(d kit.Date) time.Time { return dayOf(d).Add(-time.Hour) }

func dateOf(t time.Time) kit.Date { return kit.Date(t.Format(time.DateOnly)) }
