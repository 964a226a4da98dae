package portal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
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
	reflect.TypeFor[Opt[string]](): {
		"a text is taken":                    {raw: "a text", want: Some("a text")},
		"an empty text is a value":           {raw: "", want: Some("")},
		"null is null":                       {raw: nil, want: Null[string]()},
		"a number of a literal is refused":   {raw: int64(7), fault: "a string is needed, not a number"},
		"a number of a variable is refused":  {raw: json.Number("7"), fault: "a string is needed, not a number"},
		"a fraction of a literal is refused": {raw: 7.5, fault: "a string is needed, not a number"},
		"true is refused":                    {raw: true, fault: "a string is needed, not true or false"},
		"a list is refused, of one text too": {raw: []any{"a text"}, fault: "a string is needed, not a list"},
		"an object is refused":               {raw: object{"text": "x"}, fault: "a string is needed, not an object"},
	},
	reflect.TypeFor[Opt[[]Sector]](): {
		"a list is taken":                 {raw: []any{"T", "D"}, want: Some([]Sector{SectorT, SectorD})},
		"an empty list is a value":        {raw: []any{}, want: Some([]Sector{})},
		"null is null":                    {raw: nil, want: Null[[]Sector]()},
		"a single value is a list of one": {raw: "R", want: Some([]Sector{SectorR})},
		"a single number is refused":      {raw: json.Number("1"), fault: "item 0: a string is needed, not a number"},
		"null in a list is refused":       {raw: []any{"R", nil}, fault: "item 1: a string is needed, not null"},
		"a number in a list is refused":   {raw: []any{int64(1)}, fault: "item 0: a string is needed, not a number"},
		"true in a list is refused":       {raw: []any{"R", "T", true}, fault: "item 2: a string is needed, not true or false"},
		"a list in a list is refused":     {raw: []any{[]any{"R"}}, fault: "item 0: a string is needed, not a list"},
		"an object is refused":            {raw: object{"sector": "R"}, fault: "item 0: a string is needed, not an object"},
	},
	reflect.TypeFor[Opt[BenefitKind]](): {
		"a value is taken":                    {raw: "LEARNING", want: Some(BenefitKind("LEARNING"))},
		"null is null":                        {raw: nil, want: Null[BenefitKind]()},
		"a number of a literal is refused":    {raw: int64(1), fault: "a string is needed, not a number"},
		"a number of a variable is refused":   {raw: json.Number("1"), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"LEARNING"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[Opt[Locale]](): {
		"a value is taken":                    {raw: "FR", want: Some(French)},
		"null is null":                        {raw: nil, want: Null[Locale]()},
		"a number of a literal is refused":    {raw: int64(1), fault: "a string is needed, not a number"},
		"a number of a variable is refused":   {raw: json.Number("1"), fault: "a string is needed, not a number"},
		"a list is refused, of one value too": {raw: []any{"FR"}, fault: "a string is needed, not a list"},
	},
	reflect.TypeFor[Opt[[]MembershipCategory]](): {
		"a list is taken":                 {raw: []any{"ACADEMIA"}, want: Some([]MembershipCategory{Academia})},
		"null is null":                    {raw: nil, want: Null[[]MembershipCategory]()},
		"a single value is a list of one": {raw: "ACADEMIA", want: Some([]MembershipCategory{Academia})},
		"null in a list is refused":       {raw: []any{nil}, fault: "item 0: a string is needed, not null"},
		"true is refused":                 {raw: true, fault: "item 0: a string is needed, not true or false"},
	},
	reflect.TypeFor[Opt[[]TranslationInput]](): {
		"a list is taken": {
			raw:  []any{object{"locale": "EN", "text": "a text"}, object{"locale": "FR", "text": "un texte"}},
			want: Some([]TranslationInput{{Locale: English, Text: new("a text")}, {Locale: French, Text: new("un texte")}}),
		},
		"who wrote it is taken": {
			raw:  object{"locale": "FR", "text": "un texte", "provenance": "MACHINE"},
			want: Some([]TranslationInput{{Locale: French, Text: new("un texte"), Provenance: new(Machine)}}),
		},
		"null and absent texts both are nil": {
			raw:  []any{object{"locale": "EN", "text": nil}, object{"locale": "FR"}},
			want: Some([]TranslationInput{{Locale: English, Text: nil}, {Locale: French, Text: nil}}),
		},
		"an empty list is a value":         {raw: []any{}, want: Some([]TranslationInput{})},
		"null is null":                     {raw: nil, want: Null[[]TranslationInput]()},
		"a single object is a list of one": {raw: object{"locale": "EN", "text": "a text"}, want: Some([]TranslationInput{{Locale: English, Text: new("a text")}})},
		"a text is refused":                {raw: "a text", fault: "item 0: an object is needed, not a string"},
		"null in a list is refused":        {raw: []any{nil}, fault: "item 0: an object is needed, not null"},
		"a number as text is refused":      {raw: []any{object{"locale": "EN", "text": json.Number("1")}}, fault: "item 0: text: a string is needed, not a number"},
		"a number as language is refused":  {raw: object{"locale": int64(1)}, fault: "item 0: locale: a string is needed, not a number"},
		"a null language is refused":       {raw: object{"locale": nil}, fault: "item 0: locale: a string is needed, not null"},
	},
	reflect.TypeFor[Opt[[]SocialLinkInput]](): {
		"a list is taken": {
			raw:  []any{object{"network": "X", "url": "https://x.example"}},
			want: Some([]SocialLinkInput{{"X", "https://x.example"}}),
		},
		"null is null":                     {raw: nil, want: Null[[]SocialLinkInput]()},
		"an empty list is a value":         {raw: []any{}, want: Some([]SocialLinkInput{})},
		"a single object is a list of one": {raw: object{"network": "X", "url": "https://x.example"}, want: Some([]SocialLinkInput{{"X", "https://x.example"}})},
		"true as address is refused":       {raw: []any{object{"network": "X", "url": true}}, fault: "item 0: url: a string is needed, not true or false"},
		"a number is refused":              {raw: int64(1), fault: "item 0: an object is needed, not a number"},
	},
	reflect.TypeFor[Opt[[]ContactInput]](): {
		"a list is taken": {
			raw: []any{
				object{"function": "Press", "name": "A Person", "email": "a@b.example", "phone": nil, "roleMailbox": false},
				object{"function": "Office", "email": "o@b.example", "roleMailbox": true},
			},
			want: Some([]ContactInput{{"Press", new("A Person"), "a@b.example", nil, false}, {"Office", nil, "o@b.example", nil, true}}),
		},
		"null is null":                     {raw: nil, want: Null[[]ContactInput]()},
		"an empty list is a value":         {raw: []any{}, want: Some([]ContactInput{})},
		"a single object is a list of one": {raw: object{"function": "Office", "email": "o@b.example", "roleMailbox": true}, want: Some([]ContactInput{{"Office", nil, "o@b.example", nil, true}})},
		"a text for true is refused":       {raw: object{"roleMailbox": "true"}, fault: "item 0: roleMailbox: true or false is needed, not a string"},
		"a number for true is refused":     {raw: object{"roleMailbox": json.Number("1")}, fault: "item 0: roleMailbox: true or false is needed, not a number"},
		"null for true is refused":         {raw: object{"roleMailbox": nil}, fault: "item 0: roleMailbox: true or false is needed, not null"},
		"a list for a name is refused":     {raw: object{"name": []any{"A"}}, fault: "item 0: name: a string is needed, not a list"},
		"the place of the fault is said":   {raw: []any{object{}, object{"phone": int64(7)}}, fault: "item 1: phone: a string is needed, not a number"},
	},
	reflect.TypeFor[Opt[nested]](): {
		"every kind of field is read": {
			raw: object{
				"count": int64(7), "more": json.Number("-2147483648"), "on": "2024-02-29", "maybe": "2025-03-31", "tags": []any{"a", "b"},
				"fee": json.Number("1987.50"), "days": "2025-01-01", "inner": object{"on": "2025-01-02"}, "logoUrl": "u", "targetId": "mem_1", "late": "x",
			},
			want: Some(nested{
				Count: 7, More: new(-2147483648), On: "2024-02-29", Maybe: new(Date("2025-03-31")), Tags: []string{"a", "b"}, Fee: 198750,
				Days: []Date{"2025-01-01"}, Inner: &nested{On: "2025-01-02"}, LogoURL: "u", TargetID: "mem_1", Late: Some("x"),
			}),
		},
		"what is left out stays empty":                 {raw: object{}, want: Some(nested{})},
		"null pointers and a null Opt are told apart":  {raw: object{"more": nil, "maybe": nil, "inner": nil, "late": nil}, want: Some(nested{Late: Null[string]()})},
		"a null list is nil":                           {raw: object{"tags": nil, "days": nil}, want: Some(nested{})},
		"a malformed date is refused by its own rule":  {raw: object{"on": "2025-02-30"}, fault: `on: "2025-02-30" is not a date`},
		"a malformed date behind a pointer is refused": {raw: object{"maybe": "yesterday"}, fault: `maybe: "yesterday" is not a date`},
		"a malformed date in a list is refused":        {raw: object{"days": []any{"2025-01-01", "2025-13-01"}}, fault: `days: item 1: "2025-13-01" is not a date`},
		"a malformed date deep inside is refused":      {raw: object{"inner": object{"inner": object{"on": "no"}}}, fault: `inner: inner: on: "no" is not a date`},
		"a number as date is refused":                  {raw: object{"on": json.Number("20250331")}, fault: "on: a date is a string"},
		"a null date that must be there is refused":    {raw: object{"on": nil}, fault: "on: a date is a string"},
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
	On       Date
	Maybe    *Date
	Days     []Date
	Tags     []string
	Fee      Decimal
	Inner    *nested
	LogoURL  string
	TargetID ID
	Late     Opt[string]
	Ratio    float64
}

func TestAnInputFieldIsReadAsGraphQLReadsIt(t *testing.T) {
	for typ, cases := range optCases {
		for name, c := range cases {
			t.Run(typ.String()+"/"+name, func(t *testing.T) {
				got := reflect.New(typ)
				err := got.Interface().(gqlReader).UnmarshalGQL(c.raw)
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
	var absent UpdateMemberProfileInput
	for i, v := range reflect.ValueOf(absent).Fields() {
		if v.Kind() == reflect.Struct && (v.FieldByName("Set").Bool() || !v.FieldByName("Value").IsNil()) {
			t.Errorf("%s is set", i.Name)
		}
	}
	if v, ok := given(Null[string]()); ok || v != "" {
		t.Errorf("null gives %q, %v", v, ok)
	}
	if v, ok := given(Some("x")); !ok || v != "x" {
		t.Errorf("a value gives %q, %v", v, ok)
	}
}

func TestAFieldReadTwiceForgetsTheFirst(t *testing.T) {
	o := Some([]Sector{SectorR})
	if err := o.UnmarshalGQL(nil); err != nil || !o.Set || o.Value != nil {
		t.Errorf("after null: %+v, %v", o, err)
	}
}

func TestAnInputFieldIsWrittenAsJSON(t *testing.T) {
	var b strings.Builder
	Some([]Sector{SectorR}).MarshalGQL(&b)
	Null[string]().MarshalGQL(&b)
	if b.String() != "[\"R\"]\nnull\n" {
		t.Errorf("got %q", b.String())
	}
}
