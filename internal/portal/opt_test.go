package portal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"memberportal/internal/benefits"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// optCase is a raw input value, as gqlgen hands it over, and what an Opt makes of it: a want, or an
// error that says the fault. Literals come as int64, []any and map[string]any; variables as JSON
// does, with numbers as json.Number.
type optCase struct {
	raw   any
	want  any
	fault string
}

type object = map[string]any

// optCases has an entry for every Opt[T] that an input uses; a guard sees to it.
var optCases = map[reflect.Type]map[string]optCase{
	reflect.TypeFor[kit.Opt[string]](): {
		"a text is taken":                    {raw: "a text", want: kit.Some("a text")},
		"an empty text is a value":           {raw: "", want: kit.Some("")},
		"null is null":                       {raw: nil, want: kit.Null[string]()},
		"a number of a literal is refused":   {raw: int64(7), fault: "a string is needed, not a number"},
		"a number of a variable is refused":  {raw: json.Number("7"), fault: "a string is needed, not a number"},
		"a fraction of a literal is refused": {raw: 7.5, fault: "a string is needed, not a number"},
		"true is refused":                    {raw: true, fault: "a string is needed, not true or false"},
		"a list is refused, of one text too": {raw: []any{"a text"}, fault: "a string is needed, not a list"},
		"an object is refused":               {raw: object{"text": "x"}, fault: "a string is needed, not an object"},
	},
	reflect.TypeFor[kit.Opt[[]membership.Sector]](): {
		"a list is taken":                 {raw: []any{"T", "D"}, want: kit.Some([]membership.Sector{membership.SectorT, membership.SectorD})},
		"an empty list is a value":        {raw: []any{}, want: kit.Some([]membership.Sector{})},
		"null is null":                    {raw: nil, want: kit.Null[[]membership.Sector]()},
		"a single value is a list of one": {raw: "R", want: kit.Some([]membership.Sector{membership.SectorR})},
		"a single number is refused":      {raw: json.Number("1"), fault: "item 0: a string is needed, not a number"},
		"null in a list is refused":       {raw: []any{"R", nil}, fault: "item 1: a string is needed, not null"},
		"a number in a list is refused":   {raw: []any{int64(1)}, fault: "item 0: a string is needed, not a number"},
		"true in a list is refused":       {raw: []any{"R", "T", true}, fault: "item 2: a string is needed, not true or false"},
		"a list in a list is refused":     {raw: []any{[]any{"R"}}, fault: "item 0: a string is needed, not a list"},
		"an object is refused":            {raw: object{"sector": "R"}, fault: "item 0: a string is needed, not an object"},
	},
	reflect.TypeFor[kit.Opt[benefits.BenefitKind]](): {
		"a value is taken":                    {raw: "LEARNING", want: kit.Some(benefits.BenefitKind("LEARNING"))},
		"null is null":                        {raw: nil, want: kit.Null[benefits.BenefitKind]()},
		"a number of a literal is refused":    {raw: int64(1), fault: "a string is needed, not a number"},
		"a number of a variable is refused":   {raw: json.Number("1"), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"LEARNING"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[kit.Locale]](): {
		"a value is taken":                    {raw: "FR", want: kit.Some(kit.French)},
		"null is null":                        {raw: nil, want: kit.Null[kit.Locale]()},
		"a number of a literal is refused":    {raw: int64(1), fault: "a string is needed, not a number"},
		"a number of a variable is refused":   {raw: json.Number("1"), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"FR"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[[]membership.MembershipCategory]](): {
		"a list is taken":                 {raw: []any{"ACADEMIA"}, want: kit.Some([]membership.MembershipCategory{membership.Academia})},
		"null is null":                    {raw: nil, want: kit.Null[[]membership.MembershipCategory]()},
		"a single value is a list of one": {raw: "ACADEMIA", want: kit.Some([]membership.MembershipCategory{membership.Academia})},
		"null in a list is refused":       {raw: []any{nil}, fault: "item 0: a string is needed, not null"},
		"true is refused":                 {raw: true, fault: "item 0: a string is needed, not true or false"},
	},
	reflect.TypeFor[kit.Opt[[]kit.TranslationInput]](): {
		"a list is taken": {
			raw:  []any{object{"locale": "EN", "text": "a text"}, object{"locale": "FR", "text": "un texte"}},
			want: kit.Some([]kit.TranslationInput{{Locale: kit.English, Text: new("a text")}, {Locale: kit.French, Text: new("un texte")}}),
		},
		"who wrote it is taken": {
			raw:  object{"locale": "FR", "text": "un texte", "provenance": "MACHINE"},
			want: kit.Some([]kit.TranslationInput{{Locale: kit.French, Text: new("un texte"), Provenance: new(kit.Machine)}}),
		},
		"null and absent texts both are nil": {
			raw:  []any{object{"locale": "EN", "text": nil}, object{"locale": "FR"}},
			want: kit.Some([]kit.TranslationInput{{Locale: kit.English, Text: nil}, {Locale: kit.French, Text: nil}}),
		},
		"an empty list is a value":         {raw: []any{}, want: kit.Some([]kit.TranslationInput{})},
		"null is null":                     {raw: nil, want: kit.Null[[]kit.TranslationInput]()},
		"a single object is a list of one": {raw: object{"locale": "EN", "text": "a text"}, want: kit.Some([]kit.TranslationInput{{Locale: kit.English, Text: new("a text")}})},
		"a text is refused":                {raw: "a text", fault: "item 0: an object is needed, not a string"},
		"null in a list is refused":        {raw: []any{nil}, fault: "item 0: an object is needed, not null"},
		"a number as text is refused":      {raw: []any{object{"locale": "EN", "text": json.Number("1")}}, fault: "item 0: text: a string is needed, not a number"},
		"a number as language is refused":  {raw: object{"locale": int64(1)}, fault: "item 0: locale: a string is needed, not a number"},
		"a null language is refused":       {raw: object{"locale": nil}, fault: "item 0: locale: a string is needed, not null"},
	},
	reflect.TypeFor[kit.Opt[[]benefits.BenefitActionInput]](): {
		"a list is taken": {
			raw:  []any{object{"act": "PROPOSE_TOPIC", "series": "ser_A"}, object{"act": "SEE_EVENTS"}},
			want: kit.Some([]benefits.BenefitActionInput{{Act: benefits.ProposeTopic, Series: new(kit.ID("ser_A"))}, {Act: benefits.SeeEvents}}),
		},
		"null is null":                     {raw: nil, want: kit.Null[[]benefits.BenefitActionInput]()},
		"an empty list is a value":         {raw: []any{}, want: kit.Some([]benefits.BenefitActionInput{})},
		"a single object is a list of one": {raw: object{"act": "SEE_EVENTS"}, want: kit.Some([]benefits.BenefitActionInput{{Act: benefits.SeeEvents}})},
		"true as series is refused":        {raw: []any{object{"act": "SEE_EVENTS", "series": true}}, fault: "item 0: series: a string is needed, not true or false"},
	},
	reflect.TypeFor[kit.Opt[[]membership.SocialLinkInput]](): {
		"a list is taken": {
			raw:  []any{object{"network": "X", "url": "https://x.example"}},
			want: kit.Some([]membership.SocialLinkInput{{Network: "X", URL: "https://x.example"}}),
		},
		"null is null":                     {raw: nil, want: kit.Null[[]membership.SocialLinkInput]()},
		"an empty list is a value":         {raw: []any{}, want: kit.Some([]membership.SocialLinkInput{})},
		"a single object is a list of one": {raw: object{"network": "X", "url": "https://x.example"}, want: kit.Some([]membership.SocialLinkInput{{Network: "X", URL: "https://x.example"}})},
		"true as address is refused":       {raw: []any{object{"network": "X", "url": true}}, fault: "item 0: url: a string is needed, not true or false"},
		"a number is refused":              {raw: int64(1), fault: "item 0: an object is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[[]membership.ContactInput]](): {
		"a list is taken": {
			raw: []any{
				object{"function": "Press", "name": "A Person", "email": "a@b.example", "phone": nil, "roleMailbox": false},
				object{"function": "Office", "email": "o@b.example", "roleMailbox": true},
			},
			want: kit.Some([]membership.ContactInput{{Function: "Press", Name: new("A Person"), Email: "a@b.example", Phone: nil, RoleMailbox: false}, {Function: "Office", Name: nil, Email: "o@b.example", Phone: nil, RoleMailbox: true}}),
		},
		"null is null":                     {raw: nil, want: kit.Null[[]membership.ContactInput]()},
		"an empty list is a value":         {raw: []any{}, want: kit.Some([]membership.ContactInput{})},
		"a single object is a list of one": {raw: object{"function": "Office", "email": "o@b.example", "roleMailbox": true}, want: kit.Some([]membership.ContactInput{{Function: "Office", Name: nil, Email: "o@b.example", Phone: nil, RoleMailbox: true}})},
		"a text for true is refused":       {raw: object{"roleMailbox": "true"}, fault: "item 0: roleMailbox: true or false is needed, not a string"},
		"a number for true is refused":     {raw: object{"roleMailbox": json.Number("1")}, fault: "item 0: roleMailbox: true or false is needed, not a number"},
		"null for true is refused":         {raw: object{"roleMailbox": nil}, fault: "item 0: roleMailbox: true or false is needed, not null"},
		"a list for a name is refused":     {raw: object{"name": []any{"A"}}, fault: "item 0: name: a string is needed, not a list"},
		"the place of the fault is said":   {raw: []any{object{}, object{"phone": int64(7)}}, fault: "item 1: phone: a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[kit.ID]](): {
		"an id is taken":                      {raw: "cty_UG", want: kit.Some(kit.ID("cty_UG"))},
		"null is null":                        {raw: nil, want: kit.Null[kit.ID]()},
		"a number of a literal is refused":    {raw: int64(1), fault: "a string is needed, not a number"},
		"a number of a variable is refused":   {raw: json.Number("1"), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"cty_UG"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[kit.Date]](): {
		"a date is taken":                     {raw: "2025-03-31", want: kit.Some(kit.Date("2025-03-31"))},
		"null is null":                        {raw: nil, want: kit.Null[kit.Date]()},
		"a day that is none is refused":       {raw: "2025-02-30", fault: `"2025-02-30" is not a date`},
		"an instant is refused":               {raw: "2025-03-31T12:00:00Z", fault: "is not a date"},
		"a number of a variable is refused":   {raw: json.Number("20250331"), fault: "a date is a string"},
		"a list is refused, of one value too": {raw: []any{"2025-03-31"}, fault: "a date is a string"},
	},
	reflect.TypeFor[kit.Opt[events.EventFormat]](): {
		"a value is taken":                    {raw: "HYBRID", want: kit.Some(events.FormatHybrid)},
		"null is null":                        {raw: nil, want: kit.Null[events.EventFormat]()},
		"a number of a literal is refused":    {raw: int64(1), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"HYBRID"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[events.EventVisibility]](): {
		"a value is taken":                    {raw: "AUDIENCE", want: kit.Some(events.VisibleAudience)},
		"null is null":                        {raw: nil, want: kit.Null[events.EventVisibility]()},
		"a number of a variable is refused":   {raw: json.Number("1"), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"PUBLIC"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[events.EventTimeInput]](): {
		"local times are taken": {
			raw:  object{"startsAt": "2025-05-12T09:30", "endsAt": "2025-05-12T17:00", "zone": "Africa/Kampala"},
			want: kit.Some(events.EventTimeInput{StartsAt: new(events.LocalDateTime("2025-05-12T09:30")), EndsAt: new(events.LocalDateTime("2025-05-12T17:00")), Zone: new("Africa/Kampala")}),
		},
		"days are taken":                         {raw: object{"startsOn": "2025-05-12", "endsOn": nil}, want: kit.Some(events.EventTimeInput{StartsOn: new(kit.Date("2025-05-12"))})},
		"months are taken":                       {raw: object{"month": "2025-05-12", "lastMonth": "2025-06-01"}, want: kit.Some(events.EventTimeInput{Month: new(kit.Date("2025-05-12")), LastMonth: new(kit.Date("2025-06-01"))})},
		"nothing in it is a value":               {raw: object{}, want: kit.Some(events.EventTimeInput{})},
		"null is null":                           {raw: nil, want: kit.Null[events.EventTimeInput]()},
		"a local time with seconds is refused":   {raw: object{"startsAt": "2025-05-12T09:30:00"}, fault: "startsAt: a local time is a string of the form"},
		"a local time with an offset is refused": {raw: object{"endsAt": "2025-05-12T09:30Z"}, fault: "endsAt: a local time is a string of the form"},
		"an hour of one digit is refused":        {raw: object{"endsAt": "2025-05-12T9:30"}, fault: "endsAt: a local time is a string of the form"},
		"a date is no local time":                {raw: object{"startsAt": "2025-05-12"}, fault: "startsAt: a local time is a string of the form"},
		"a number is no local time":              {raw: object{"startsAt": json.Number("1")}, fault: "startsAt: a local time is a string of the form"},
		"a malformed day is refused":             {raw: object{"startsOn": "12 May"}, fault: `startsOn: "12 May" is not a date`},
		"a number as zone is refused":            {raw: object{"zone": int64(1)}, fault: "zone: a string is needed, not a number"},
		"a text is refused":                      {raw: "2025-05-12", fault: "an object is needed, not a string"},
		"a list is refused, of one object too":   {raw: []any{object{}}, fault: "an object is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[events.EventAudienceInput]](): {
		"kinds are taken": {
			raw:  object{"everyone": false, "kinds": []any{"ASSOCIATE"}, "studyGroups": []any{"SG1"}, "guests": true},
			want: kit.Some(events.EventAudienceInput{Kinds: []membership.RespondentKind{membership.RespondentAssociate}, StudyGroups: []membership.StudyGroup{membership.SG1}, Guests: true}),
		},
		"a single value is a list of one": {raw: object{"kinds": "ACADEMIA"}, want: kit.Some(events.EventAudienceInput{Kinds: []membership.RespondentKind{membership.RespondentAcademia}})},
		"null is null":                    {raw: nil, want: kit.Null[events.EventAudienceInput]()},
		"a text for true is refused":      {raw: object{"everyone": "true"}, fault: "everyone: true or false is needed, not a string"},
		"null in a list is refused":       {raw: object{"kinds": []any{nil}}, fault: "kinds: item 0: a string is needed, not null"},
		"a number is refused":             {raw: json.Number("1"), fault: "an object is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[events.EventRegistrationInput]](): {
		"everything is taken": {
			raw: object{
				"opensOn": "2025-01-01", "closesOn": nil, "capacityInPerson": int64(1), "capacityRemote": json.Number("2"), "waitingList": true,
				"questions": object{"code": "NEEDS", "text": object{"locale": "EN", "text": "What?"}, "required": true},
			},
			want: kit.Some(events.EventRegistrationInput{
				OpensOn: new(kit.Date("2025-01-01")), CapacityInPerson: new(1), CapacityRemote: new(2), WaitingList: true,
				Questions: []events.RegistrationQuestionInput{{Code: "NEEDS", Text: []kit.TranslationInput{{Locale: kit.English, Text: new("What?")}}, Required: true}},
			}),
		},
		"nothing in it is a value":             {raw: object{}, want: kit.Some(events.EventRegistrationInput{})},
		"null is null":                         {raw: nil, want: kit.Null[events.EventRegistrationInput]()},
		"a fraction of a place is refused":     {raw: object{"capacityRemote": json.Number("1.5")}, fault: "capacityRemote: a whole number of at most 32 bits is needed"},
		"a number of 33 bits is refused":       {raw: object{"capacityInPerson": int64(2147483648)}, fault: "capacityInPerson: a whole number of at most 32 bits is needed"},
		"a text of digits is no number":        {raw: object{"capacityInPerson": "5"}, fault: "capacityInPerson: a whole number of at most 32 bits is needed, not a string"},
		"a malformed day is refused":           {raw: object{"closesOn": "2025-02-30"}, fault: `closesOn: "2025-02-30" is not a date`},
		"the place of the fault is said":       {raw: object{"questions": []any{object{}, object{"required": "no"}}}, fault: "questions: item 1: required: true or false is needed, not a string"},
		"a list is refused, of one object too": {raw: []any{object{}}, fault: "an object is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[events.CallForContributionsInput]](): {
		"everything is taken": {
			raw:  object{"closesOn": "2025-05-01", "topics": []any{object{"code": "Q1", "title": []any{object{"locale": "FR", "text": "Q"}}}}},
			want: kit.Some(events.CallForContributionsInput{ClosesOn: "2025-05-01", Topics: []events.ContributionTopicInput{{Code: "Q1", Title: []kit.TranslationInput{{Locale: kit.French, Text: new("Q")}}}}}),
		},
		"null is null":                    {raw: nil, want: kit.Null[events.CallForContributionsInput]()},
		"a null day is refused":           {raw: object{"closesOn": nil}, fault: "closesOn: a date is a string"},
		"a single topic is a list of one": {raw: object{"closesOn": "2025-05-01", "topics": object{"code": "Q1"}}, want: kit.Some(events.CallForContributionsInput{ClosesOn: "2025-05-01", Topics: []events.ContributionTopicInput{{Code: "Q1"}}})},
		"a text as topic is refused":      {raw: object{"topics": "Q1"}, fault: "topics: item 0: an object is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[events.CallForTopicsInput]](): {
		"everything is taken": {
			raw:  object{"open": true, "kinds": []any{"ACADEMIA"}, "introduction": []any{object{"locale": "FR", "text": "Q"}}},
			want: kit.Some(events.CallForTopicsInput{Open: true, Kinds: []membership.RespondentKind{membership.RespondentAcademia}, Introduction: []kit.TranslationInput{{Locale: kit.French, Text: new("Q")}}}),
		},
		"null is null":               {raw: nil, want: kit.Null[events.CallForTopicsInput]()},
		"a text for true is refused": {raw: object{"open": "true"}, fault: "open: true or false is needed, not a string"},
		"a list is refused":          {raw: []any{object{}}, fault: "an object is needed, not a list"},
	},
	reflect.TypeFor[kit.Opt[[]events.EventLinkInput]](): {
		"a list is taken":                  {raw: []any{object{"title": "Home", "url": "https://a.example"}}, want: kit.Some([]events.EventLinkInput{{Title: "Home", URL: "https://a.example"}})},
		"an empty list is a value":         {raw: []any{}, want: kit.Some([]events.EventLinkInput{})},
		"null is null":                     {raw: nil, want: kit.Null[[]events.EventLinkInput]()},
		"a single object is a list of one": {raw: object{"title": "Home", "url": "https://a.example"}, want: kit.Some([]events.EventLinkInput{{Title: "Home", URL: "https://a.example"}})},
		"true as address is refused":       {raw: []any{object{"url": true}}, fault: "item 0: url: a string is needed, not true or false"},
	},
	reflect.TypeFor[kit.Opt[[]events.EventSessionInput]](): {
		"a list is taken": {
			raw: []any{object{
				"title": []any{object{"locale": "EN", "text": "Opening"}}, "startsAt": "2025-06-10T09:00", "endsAt": nil,
				"roles": []any{object{"role": "CHAIR", "name": "A Chair", "affiliation": nil}},
			}},
			want: kit.Some([]events.EventSessionInput{{
				Title: []kit.TranslationInput{{Locale: kit.English, Text: new("Opening")}}, StartsAt: new(events.LocalDateTime("2025-06-10T09:00")), Roles: []events.EventRoleInput{{Role: "CHAIR", Name: "A Chair"}},
			}}),
		},
		"an empty list is a value":         {raw: []any{}, want: kit.Some([]events.EventSessionInput{})},
		"null is null":                     {raw: nil, want: kit.Null[[]events.EventSessionInput]()},
		"a single object is a list of one": {raw: object{"title": object{"locale": "EN"}}, want: kit.Some([]events.EventSessionInput{{Title: []kit.TranslationInput{{Locale: kit.English}}}})},
		"a malformed time is refused":      {raw: []any{object{}, object{"startsAt": "nine"}}, fault: "item 1: startsAt: a local time is a string of the form"},
		"a number as name is refused":      {raw: object{"roles": object{"name": int64(7)}}, fault: "item 0: roles: item 0: name: a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[consultations.ConsultationAudienceInput]](): {
		"everything is taken":            {raw: object{"kinds": []any{"ACADEMIA"}, "regions": []any{"AFR"}}, want: kit.Some(consultations.ConsultationAudienceInput{Kinds: []membership.RespondentKind{membership.RespondentAcademia}, Regions: []country.Region{country.RegionAFR}})},
		"a single kind is a list of one": {raw: object{"kinds": "ACADEMIA"}, want: kit.Some(consultations.ConsultationAudienceInput{Kinds: []membership.RespondentKind{membership.RespondentAcademia}})},
		"null is null":                   {raw: nil, want: kit.Null[consultations.ConsultationAudienceInput]()},
		"a number as kind is refused":    {raw: object{"kinds": int64(1)}, fault: "kinds: item 0: a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[consultations.ReportDeadlineInput]](): {
		"everything is taken":        {raw: object{"on": "2025-09-30", "monthOnly": true, "source": "a"}, want: kit.Some(consultations.ReportDeadlineInput{On: "2025-09-30", MonthOnly: true, Source: "a"})},
		"null is null":               {raw: nil, want: kit.Null[consultations.ReportDeadlineInput]()},
		"a malformed day is refused": {raw: object{"on": "2025-09-31"}, fault: `on: "2025-09-31" is not a date`},
		"a text for true is refused": {raw: object{"monthOnly": "true"}, fault: "monthOnly: true or false is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[[]consultations.LiaisonDocumentInput]](): {
		"a list is taken":                  {raw: []any{object{"title": "T", "source": object{"link": "https://a.example"}, "language": "EN", "sha256": nil}}, want: kit.Some([]consultations.LiaisonDocumentInput{{Title: "T", Source: files.DocumentSourceInput{Link: new("https://a.example")}, Language: kit.English}})},
		"null is null":                     {raw: nil, want: kit.Null[[]consultations.LiaisonDocumentInput]()},
		"a single object is a list of one": {raw: object{"title": "T", "sha256": "x"}, want: kit.Some([]consultations.LiaisonDocumentInput{{Title: "T", Sha256: new("x")}})},
		"true as title is refused":         {raw: []any{object{"title": true}}, fault: "item 0: title: a string is needed, not true or false"},
	},
	reflect.TypeFor[kit.Opt[[]consultations.LiaisonKeywordInput]](): {
		"a list is taken":                  {raw: []any{object{"text": []any{object{"locale": "EN", "text": "k"}}}}, want: kit.Some([]consultations.LiaisonKeywordInput{{Text: []kit.TranslationInput{{Locale: kit.English, Text: new("k")}}}})},
		"null is null":                     {raw: nil, want: kit.Null[[]consultations.LiaisonKeywordInput]()},
		"a single object is a list of one": {raw: object{"text": object{"locale": "EN"}}, want: kit.Some([]consultations.LiaisonKeywordInput{{Text: []kit.TranslationInput{{Locale: kit.English}}}})},
		"a text is refused":                {raw: "k", fault: "item 0: an object is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[[]consultations.ConsultationQuestionInput]](): {
		"a list is taken": {
			raw:  []any{object{"code": "Q", "topic": "1a", "kind": "RANKING", "text": object{"locale": "EN", "text": "q"}, "help": nil, "options": []any{object{"code": "A"}}, "required": true}},
			want: kit.Some([]consultations.ConsultationQuestionInput{{Code: "Q", Topic: "1a", Kind: consultations.AskRanking, Text: []kit.TranslationInput{{Locale: kit.English, Text: new("q")}}, Options: []consultations.QuestionOptionInput{{Code: "A"}}, Required: true}}),
		},
		"an empty list is a value":    {raw: []any{}, want: kit.Some([]consultations.ConsultationQuestionInput{})},
		"null is null":                {raw: nil, want: kit.Null[[]consultations.ConsultationQuestionInput]()},
		"a number as code is refused": {raw: object{"code": int64(7)}, fault: "item 0: code: a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[bool]](): {
		"true is taken":       {raw: true, want: kit.Some(true)},
		"null is null":        {raw: nil, want: kit.Null[bool]()},
		"a text is refused":   {raw: "true", fault: "true or false is needed, not a string"},
		"a number is refused": {raw: int64(1), fault: "true or false is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[membership.MembershipCategory]](): {
		"a value is taken":    {raw: "ASSOCIATE", want: kit.Some(membership.Associate)},
		"null is null":        {raw: nil, want: kit.Null[membership.MembershipCategory]()},
		"a number is refused": {raw: int64(1), fault: "a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[membership.StudyGroup]](): {
		"a value is taken":    {raw: "SG2", want: kit.Some(membership.SG2)},
		"null is null":        {raw: nil, want: kit.Null[membership.StudyGroup]()},
		"a number is refused": {raw: int64(1), fault: "a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[applications.ApplicationContactInput]](): {
		"an object is taken":             {raw: object{"name": "A Person", "function": "Office", "phone": nil}, want: kit.Some(applications.ApplicationContactInput{Name: new("A Person"), Function: new("Office"), Phone: nil})},
		"null is null":                   {raw: nil, want: kit.Null[applications.ApplicationContactInput]()},
		"a text is refused":              {raw: "A Person", fault: "an object is needed, not a string"},
		"a number for a name is refused": {raw: object{"name": int64(1)}, fault: "name: a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[applications.ApplicationPaperInput]](): {
		"an object is taken": {raw: object{"title": "Form", "source": object{"link": "https://a.example"}, "sha256": "ab"}, want: kit.Some(applications.ApplicationPaperInput{Title: "Form", Source: files.DocumentSourceInput{Link: new("https://a.example")}, Sha256: new("ab")})},
		"null is null":       {raw: nil, want: kit.Null[applications.ApplicationPaperInput]()},
		"a text is refused":  {raw: "https://a.example", fault: "an object is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[[]applications.ApplicationPaperInput]](): {
		"a list is taken":                  {raw: []any{object{"title": "Statutes", "source": object{"link": "https://a.example"}, "sha256": "ab"}}, want: kit.Some([]applications.ApplicationPaperInput{{Title: "Statutes", Source: files.DocumentSourceInput{Link: new("https://a.example")}, Sha256: new("ab")}})},
		"null is null":                     {raw: nil, want: kit.Null[[]applications.ApplicationPaperInput]()},
		"a single object is a list of one": {raw: object{"title": "Statutes", "source": object{"link": "https://a.example"}, "sha256": "ab"}, want: kit.Some([]applications.ApplicationPaperInput{{Title: "Statutes", Source: files.DocumentSourceInput{Link: new("https://a.example")}, Sha256: new("ab")}})},
		"a text is refused":                {raw: "https://a.example", fault: "item 0: an object is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[files.DocumentSourceInput]](): {
		"a file is taken":     {raw: object{"file": "fil_1"}, want: kit.Some(files.DocumentSourceInput{File: new(kit.ID("fil_1"))})},
		"a link is taken":     {raw: object{"link": "https://a.example"}, want: kit.Some(files.DocumentSourceInput{Link: new("https://a.example")})},
		"null is null":        {raw: nil, want: kit.Null[files.DocumentSourceInput]()},
		"a number is refused": {raw: object{"file": int64(1)}, fault: "file: a string is needed, not a number"},
	},
	reflect.TypeFor[kit.Opt[applications.SmeClaimInput]](): {
		"an object is taken": {raw: object{"grounds": "Eleven people", "evidence": []any{"https://a.example"}}, want: kit.Some(applications.SmeClaimInput{Grounds: "Eleven people", Evidence: []string{"https://a.example"}})},
		"null is null":       {raw: nil, want: kit.Null[applications.SmeClaimInput]()},
		"a text is refused":  {raw: "Eleven people", fault: "an object is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[applications.ApplicationExemptionInput]](): {
		"an object is taken": {raw: object{"criteria": []any{}, "evidence": []any{"https://a.example"}}, want: kit.Some(applications.ApplicationExemptionInput{Criteria: []membership.CriterionAnswerInput{}, Evidence: []string{"https://a.example"}})},
		"null is null":       {raw: nil, want: kit.Null[applications.ApplicationExemptionInput]()},
		"a text is refused":  {raw: "yes", fault: "an object is needed, not a string"},
	},
	reflect.TypeFor[kit.Opt[nested]](): {
		"every kind of field is read": {
			raw: object{
				"count": int64(7), "more": json.Number("-2147483648"), "on": "2024-02-29", "maybe": "2025-03-31", "tags": []any{"a", "b"},
				"fee": "1987.50", "days": "2025-01-01", "inner": object{"on": "2025-01-02"}, "logoUrl": "u", "targetId": "mem_1", "late": "x",
			},
			want: kit.Some(nested{
				Count: 7, More: new(-2147483648), On: "2024-02-29", Maybe: new(kit.Date("2025-03-31")), Tags: []string{"a", "b"}, Fee: 198750,
				Days: []kit.Date{"2025-01-01"}, Inner: &nested{On: "2025-01-02"}, LogoURL: "u", TargetID: "mem_1", Late: kit.Some("x"),
			}),
		},
		"what is left out stays empty":                 {raw: object{}, want: kit.Some(nested{})},
		"null pointers and a null Opt are told apart":  {raw: object{"more": nil, "maybe": nil, "inner": nil, "late": nil}, want: kit.Some(nested{Late: kit.Null[string]()})},
		"a null list is nil":                           {raw: object{"tags": nil, "days": nil}, want: kit.Some(nested{})},
		"a malformed date is refused by its own rule":  {raw: object{"on": "2025-02-30"}, fault: `on: "2025-02-30" is not a date`},
		"a malformed date behind a pointer is refused": {raw: object{"maybe": "yesterday"}, fault: `maybe: "yesterday" is not a date`},
		"a malformed date in a list is refused":        {raw: object{"days": []any{"2025-01-01", "2025-13-01"}}, fault: `days: item 1: "2025-13-01" is not a date`},
		"a malformed date deep inside is refused":      {raw: object{"inner": object{"inner": object{"on": "no"}}}, fault: `inner: inner: on: "no" is not a date`},
		"a number as date is refused":                  {raw: object{"on": json.Number("20250331")}, fault: "on: a date is a string"},
		"a null date that must be there is refused":    {raw: object{"on": nil}, fault: "on: a date is a string"},
		"a number as amount is refused":                {raw: object{"fee": json.Number("1987.50")}, fault: "fee: an amount is a string"},
		"too many decimals are refused":                {raw: object{"fee": "1.005"}, fault: `fee: "1.005" is not an amount`},
		"a fraction for a whole number is refused":     {raw: object{"count": json.Number("7.5")}, fault: "count: a whole number of at most 32 bits is needed"},
		"a number of 33 bits is refused":               {raw: object{"count": json.Number("2147483648")}, fault: "count: a whole number of at most 32 bits is needed"},
		"a text of digits is no number":                {raw: object{"count": "7"}, fault: "count: a whole number of at most 32 bits is needed, not a string"},
		"true is no number":                            {raw: object{"more": true}, fault: "more: a whole number of at most 32 bits is needed, not true or false"},
		"an object is no number":                       {raw: object{"count": object{}}, fault: "count: a whole number of at most 32 bits is needed, not an object"},
		"what can never be read says so":               {raw: object{"ratio": 0.5}, fault: "ratio: inputs of type float64 cannot be read"},
	},
}

// nested has what no input has yet: scalars of its own, numbers, lists and an Opt inside an Opt.
type nested struct {
	Count    int
	More     *int
	On       kit.Date
	Maybe    *kit.Date
	Days     []kit.Date
	Tags     []string
	Fee      kit.Decimal
	Inner    *nested
	LogoURL  string
	TargetID kit.ID
	Late     kit.Opt[string]
	Ratio    float64
}

func TestAnInputFieldIsReadAsGraphQLReadsIt(t *testing.T) {
	for typ, cases := range optCases {
		for name, c := range cases {
			t.Run(typ.String()+"/"+name, func(t *testing.T) {
				got := reflect.New(typ)
				err := got.Interface().(interface{ UnmarshalGQL(any) error }).UnmarshalGQL(c.raw)
				if c.fault != "" {
					if err == nil || !strings.Contains(err.Error(), c.fault) {
						t.Fatalf("got %v, want a fault that says %s", err, c.fault)
					}
					return
				}
				if err != nil || !reflect.DeepEqual(got.Elem().Interface(), c.want) {
					t.Fatalf("got %+v, %v; want %+v", got.Elem(), err, c.want)
				}
			})
		}
	}
}

func TestAFieldLeftOutIsNeitherNullNorAValue(t *testing.T) {
	var absent membership.UpdateMemberProfileInput
	for i, v := range reflect.ValueOf(absent).Fields() {
		if v.Kind() == reflect.Struct && (v.FieldByName("Set").Bool() || !v.FieldByName("Value").IsNil()) {
			t.Errorf("%s is set", i.Name)
		}
	}
	if v, ok := kit.Given(kit.Null[string]()); ok || v != "" {
		t.Errorf("null gives %q, %v", v, ok)
	}
	if v, ok := kit.Given(kit.Some("x")); !ok || v != "x" {
		t.Errorf("a value gives %q, %v", v, ok)
	}
}

func TestAFieldReadTwiceForgetsTheFirst(t *testing.T) {
	o := kit.Some([]membership.Sector{membership.SectorR})
	if err := o.UnmarshalGQL(nil); err != nil || !o.Set || o.Value != nil {
		t.Errorf("after null: %+v, %v", o, err)
	}
}

func TestAnInputFieldIsWrittenAsJSON(t *testing.T) {
	var b strings.Builder
	kit.Some([]membership.Sector{membership.SectorR}).MarshalGQL(&b)
	kit.Null[string]().MarshalGQL(&b)
	if b.String() != "[\"R\"]\nnull\n" {
		t.Errorf("got %q", b.String())
	}
}
