package kit_test

import (
	"strings"
	"testing"

	"memberportal/internal/kit"
)

func TestANumberTakesTheFormOfItsLanguage(t *testing.T) {
	ru := "{days, plural, one {# день} few {# дня} many {# дней} other {# дня}}"
	for n, want := range map[int]string{1: "1 день", 3: "3 дня", 5: "5 дней", 11: "11 дней", 21: "21 день"} {
		if got := kit.Fill(kit.Russian, ru, map[string]any{"days": n}); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	ar := "{n, plural, zero {لا شيء} one {يوم واحد} two {يومان} few {# أيام} many {# يوماً} other {# يوم}}"
	for n, want := range map[int]string{0: "لا شيء", 1: "يوم واحد", 2: "يومان", 3: "3 أيام", 11: "11 يوماً", 100: "100 يوم"} {
		if got := kit.Fill(kit.Arabic, ar, map[string]any{"n": n}); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	if got := kit.Fill(kit.English, "{n, plural, one {# seat for {event}} other {# seats for {event}}}, {event}", map[string]any{"n": 1200, "event": "{n} #"}); got != "1,200 seats for {n} #, {n} #" {
		t.Errorf("got %q", got)
	}
}

func TestATextThatIsNoPluralStays(t *testing.T) {
	for _, text := range []string{"#1", "{", "}", "{a", "{a, plural", "{a, plural,", "{a, plural, one {x}", "{b}", "{,}", ""} {
		if got := kit.Fill(kit.English, text, map[string]any{}); got != text {
			t.Errorf("%q became %q", text, got)
		}
		kit.MessagePlaces(text)
		kit.Fill(kit.English, text, map[string]any{"a": 1, "": 2})
	}
}

func TestDaysAndAmountsAreWrittenAsPeopleReadThem(t *testing.T) {
	day, sum := kit.Date("2026-03-31"), kit.Money{Amount: 11130000, Currency: kit.CHF}
	for l, want := range map[kit.Locale][2]string{
		kit.English: {"31 March 2026", "CHF 111,300.00"}, kit.French: {"31 mars 2026", "111 300,00 CHF"},
		kit.Spanish: {"31 de marzo de 2026", "111.300,00 CHF"}, kit.Russian: {"31 марта 2026 г.", "111 300,00 CHF"},
		kit.Chinese: {"2026年3月31日", "111,300.00 CHF"}, kit.Arabic: {"31 مارس 2026", "111,300.00 CHF"},
	} {
		plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
		if got := plain.Replace(day.Format(l)); got != want[0] {
			t.Errorf("%s: %q", l, got)
		}
		if got := plain.Replace(sum.Format(l)); got != want[1] {
			t.Errorf("%s: %q", l, got)
		}
	}
	if got := (kit.Money{Amount: -198750, Currency: kit.CHF}).Format(kit.English); got != "CHF\u00a0-1,987.50" {
		t.Errorf("got %q", got)
	}
}

func TestEveryPluralFormIsFound(t *testing.T) {
	for l, want := range map[kit.Locale]int{kit.Arabic: 6, kit.Russian: 3, kit.English: 2, kit.Chinese: 1, kit.French: 2, kit.Spanish: 2} {
		if got := kit.PluralForms(l); len(got) != want {
			t.Errorf("%s: %v", l, got)
		}
	}
}
