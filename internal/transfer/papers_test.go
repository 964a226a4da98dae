package transfer_test

import (
	"net/http"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/stage"
)

// TestAnInvoiceIsPrintedForWhoeverSeesIt asks for the documents of an invoice that is cancelled, and of an application.
func TestAnInvoiceIsPrintedForWhoeverSeesIt(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		staff := stage.By(stage.Secretariat)
		i, err := kit.One(staff, s.Portal.Invoices.ByIDs, "ivc_OPEN")
		if err != nil {
			t.Fatal(err)
		}
		cancelled, err := s.Portal.Invoices.Cancel(staff, membership.CancelInvoiceInput{Invoice: "ivc_OPEN", ExpectedVersion: int(i.Version), Reason: "Issued twice"})
		if err != nil || len(cancelled.UserErrors) > 0 {
			t.Fatal(cancelled, err)
		}
		for _, c := range []struct {
			path, as string
			status   int
			holds    string
		}{
			{"/invoices/ivc_OPEN/print", "FOCAL_POINT mem_ACTIVE", http.StatusOK, "Testbed Active"},
			{"/invoices/ivc_OPEN/print?locale=AR", "SECRETARIAT", http.StatusOK, `dir="rtl"`},
			{"/invoices/ivc_OPEN/print?locale=XX", "SECRETARIAT", http.StatusOK, `dir="ltr"`},
			{"/invoices/ivc_OPEN/credit-note", "FOCAL_POINT mem_ACTIVE", http.StatusOK, "Issued twice"},
			{"/invoices/ivc_PAID/credit-note", "SECRETARIAT", http.StatusNotFound, ""},
			{"/invoices/ivc_OPEN/print", "FOCAL_POINT mem_INTERNATIONAL", http.StatusNotFound, ""},
			{"/invoices/ivc_OPEN/print", "DELEGATE mem_ACTIVE", http.StatusNotFound, ""},
			{"/invoices/ivc_OPEN/print", "nobody", http.StatusNotFound, ""},
			{"/invoices/ivc_OPEN/print", "bad token", http.StatusUnauthorized, ""},
			{"/invoices/ivc_NONE/print", "SECRETARIAT", http.StatusNotFound, ""},
			{"/invoices/mem_ACTIVE/print", "SECRETARIAT", http.StatusNotFound, ""},
			{"/applications/app_SUBMITTED/invoice", "APPLICANT app_SUBMITTED", http.StatusNotFound, ""},
			{"/applications/app_SUBMITTED/invoice", "nobody", http.StatusNotFound, ""},
		} {
			a := ask(t, s, http.MethodGet, c.path, c.as)
			if a.StatusCode != c.status || !strings.Contains(a.body, c.holds) {
				t.Errorf("%s for %s: HTTP %d, %s", c.path, c.as, a.StatusCode, a.body)
			}
			policy := a.Header.Get("Content-Security-Policy")
			if c.status == http.StatusOK && (!strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") || a.Header.Get("Cache-Control") != "private, no-store") {
				t.Errorf("%s: %v", c.path, a.Header)
			}
		}
	})
}

// TestAnApplicantPrintsItsInvoice lets the administration approve, so that there is a joining invoice.
func TestAnApplicantPrintsItsInvoice(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		approve := `mutation { decideApplication(input: { id: "app_SUBMITTED", expectedVersion: 1, decision: APPROVE }) { userErrors { message } application { joiningInvoice { printPath } } } }`
		if said := s.Ask(t, s.Header(t, "ADMINISTRATION cty_UG", ""), approve, ""); !strings.Contains(said, `"printPath": "/applications/app_SUBMITTED/invoice"`) {
			t.Fatal(said)
		}
		for as, status := range map[string]int{"APPLICANT app_SUBMITTED": http.StatusOK, "ADMINISTRATION cty_UG": http.StatusOK, "SECRETARIAT": http.StatusOK, "APPLICANT app_REVIEW": http.StatusNotFound, "ADMINISTRATION cty_KE": http.StatusNotFound, "nobody": http.StatusNotFound} {
			a := ask(t, s, http.MethodGet, "/applications/app_SUBMITTED/invoice", as)
			if a.StatusCode != status || status == http.StatusOK && (!strings.Contains(a.body, "Testbed Newcomer Ltd") || !strings.Contains(a.body, "Uganda") || !strings.Contains(a.body, "3,312.50")) {
				t.Errorf("%s: HTTP %d, %s", as, a.StatusCode, a.body)
			}
		}
	})
}
