package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/report"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// paper is the open invoice of mem_ACTIVE for 2025, as the secretariat reads it, with a number.
func paper(t *testing.T, on *portal.Portal, l kit.Locale) report.Paper {
	t.Helper()
	ctx := stage.By(stage.Secretariat)
	found, err := on.Invoices.ByIDs(ctx, []kit.ID{"ivc_OPEN"})
	must(t, err)
	i := *found[0]
	i.Number, i.Months = new("2024-000007"), new(12)
	m, err := on.Members.Get(ctx, i.MemberID)
	must(t, err)
	member := *m
	return report.Paper{Invoice: &i, Member: &member, Language: l, Organisation: "Testbed Organisation"}
}

func invoicePage(t *testing.T, p report.Paper) string {
	t.Helper()
	var page strings.Builder
	must(t, report.Invoice(&page, p))
	return page.String()
}

func TestThePrintableInvoiceIsTheGoldenOne(t *testing.T) {
	on := testkit.Paid(t, testkit.Engines()[0].Shared(t), "Bank of the Testbed\nAccount 0000")
	for _, l := range []kit.Locale{kit.English, kit.Arabic} {
		p := paper(t, on, l)
		made := map[string]string{"invoice": invoicePage(t, p)}
		p.Invoice.Cancelled = &membership.Cancellation{On: "2025-03-31", Reason: "Issued twice", Number: new("C2025-000001")}
		var note strings.Builder
		is, err := report.CreditNote(&note, p)
		if must(t, err); !is {
			t.Fatal("there is no credit note")
		}
		made["credit-note"] = note.String()
		for name, got := range made {
			path := filepath.Join("testdata", name+"."+strings.ToLower(string(l))+".html")
			if *update {
				must(t, os.WriteFile(path, []byte(got), 0o644))
				continue
			}
			want, err := os.ReadFile(path)
			must(t, err)
			if got != string(want) {
				t.Errorf("%s is another; go test ./internal/report -update, and look at the difference", path)
			}
		}
	}
}

func TestAnInvoiceIsWholeInEachLanguage(t *testing.T) {
	on := testkit.Portal(t, testkit.Engines()[0].Shared(t))
	code := regexp.MustCompile(`invoice\.[a-zA-Z]+|kind\.[A-Z]+`)
	for _, l := range kit.Locales {
		p := paper(t, on, l)
		p.Invoice.Payments = []membership.Payment{{Amount: kit.Money{Amount: 400_000, Currency: kit.CHF}}}
		for _, page := range []string{invoicePage(t, paper(t, on, l)), invoicePage(t, p)} {
			if missing := code.FindAllString(page, -1); len(missing) > 0 || strings.Contains(page, "{{") {
				t.Errorf("in %s without a text: %v", l, missing)
			}
			for _, fact := range []string{"2024-000007", "Testbed Active", "Testbed Organisation", p.Invoice.Amount.Format(l), p.Invoice.DueOn.Format(l)} {
				if !strings.Contains(page, fact) {
					t.Errorf("in %s there is no %s", l, fact)
				}
			}
		}
	}
}

func TestAnInvoiceInventsNoBankDetailsAndEscapesWhatItIsGiven(t *testing.T) {
	s := testkit.Engines()[0].Shared(t)
	on := testkit.Portal(t, s)
	p := paper(t, on, kit.English)
	page := invoicePage(t, p)
	if !strings.Contains(page, "The secretariat tells you how to pay.") || !strings.Contains(page, "DEMONSTRATION") {
		t.Errorf("got %s", page)
	}
	p = paper(t, testkit.Paid(t, s, hostile), kit.English)
	p.Organisation, p.Member.Name = hostile, hostile
	p.Invoice.FeeClasses = []string{hostile}
	page = invoicePage(t, p)
	for _, attribute := range active.FindAllString(page, -1) {
		t.Errorf("it holds %s", attribute)
	}
	p.Member = nil
	if page := invoicePage(t, p); strings.Contains(page, "Testbed Active") {
		t.Error("a member that the caller may not see is named")
	}
	var note strings.Builder
	if is, err := report.CreditNote(&note, p); is || err != nil || note.Len() > 0 {
		t.Errorf("a credit note of an invoice that stands: %v, %v", is, err)
	}
}

func TestAnInvoiceShowsTheNameOfItsDay(t *testing.T) {
	on := testkit.Portal(t, testkit.Engines()[0].Shared(t))
	p := paper(t, on, kit.English)
	p.Member.Events = append(p.Member.Events[:len(p.Member.Events):len(p.Member.Events)], membership.LifecycleEvent{
		ID: "evn_NEW", Kind: membership.Renamed, EffectiveOn: "2025-02-01", Name: new("Novel Networks"), FormerName: new("Testbed Active"), RenameReason: new(membership.RenameRebranding),
	})
	p.Member.Name = "Novel Networks"
	if page := invoicePage(t, p); !strings.Contains(page, "Testbed Active") || strings.Contains(page, "Novel") {
		t.Errorf("the invoice of %s has another name", p.Invoice.IssuedOn)
	}
}
