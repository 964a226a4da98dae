package transfer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/stage"
)

const pdf = "%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"

// sent is what somebody sends.
type sent struct {
	as, name, mediaType, body string
}

func send(t *testing.T, s *golden.Server, x sent) (answer, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/files", strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = s.Header(t, x.as, "")
	r.Header.Set("Content-Type", x.mediaType)
	r.Header.Set("Content-Disposition", x.name)
	a, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ File struct{ ID string } }
	_ = json.Unmarshal(body, &said) // a refusal has none
	return answer{a, string(body)}, said.File.ID
}

func named(name string) string { return `attachment; filename="` + name + `"` }

// kept is how many files and pieces are stored.
func kept(t *testing.T, s store.Store) int {
	t.Helper()
	return len(stage.All(t, files.FileNoun.In(s), "waitsSince")) + len(stage.All(t, files.PieceNoun.In(s), "at"))
}

// mutate asks and gives the answer without white space.
func mutate(t *testing.T, s *golden.Server, as, query string) string {
	t.Helper()
	return strings.Join(strings.Fields(s.Ask(t, s.Header(t, as, ""), query, "")), "")
}

func publish(event, source, readers string) string {
	return `mutation { publishEventDocument(input: { eventId: "` + event + `", expectedVersion: 1, kind: OTHER, title: [{ locale: EN, text: "Paper" }], source: ` + source +
		`, language: EN, date: "2025-03-31", readers: ` + readers + ` }) { event { version } document { id url sha256 file { id name type size sha256 url } } userErrors { code field } } }`
}

func TestAFileGoesFromTheUploadToItsReaders(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		made, id := send(t, s, sent{"SECRETARIAT", `attachment; filename*=UTF-8''R%C3%A9sum%C3%A9%20(1).pdf`, "application/pdf", pdf})
		if made.StatusCode != http.StatusCreated || id == "" || made.Header.Get("Location") != "/files/"+id || !strings.Contains(made.body, `"name":"Résumé (1).pdf"`) {
			t.Fatalf("HTTP %d: %s", made.StatusCode, made.body)
		}
		sum := kit.Hash(pdf)
		status := func(path, as string, want int) {
			t.Helper()
			if a := ask(t, s, http.MethodGet, path, as); a.StatusCode != want || want == http.StatusOK && a.body != pdf {
				t.Errorf("%s for %s: HTTP %d, %q", path, as, a.StatusCode, a.body)
			}
		}
		status("/files/"+id, "SECRETARIAT", http.StatusOK)
		for _, as := range []string{"nobody", "OPERATOR", "SECRETARIAT usr_events", "FOCAL_POINT mem_ACTIVE"} {
			status("/files/"+id, as, http.StatusNotFound)
		}
		status("/files/sha256/"+sum, "SECRETARIAT", http.StatusNotFound)
		if got := mutate(t, s, "SECRETARIAT usr_events", publish("evt_OPEN", `{ file: "`+id+`" }`, "PUBLIC")); !strings.Contains(got, `"UNKNOWN_REFERENCE"`) {
			t.Errorf("another person gives the file away: %s", got)
		}
		got := mutate(t, s, "SECRETARIAT", publish("evt_OPEN", `{ file: "`+id+`" }`, "PUBLIC"))
		if !strings.Contains(got, `"url":"/files/sha256/`+sum+`"`) || !strings.Contains(got, `"sha256":"`+sum+`"`) {
			t.Fatal(got)
		}
		for _, as := range []string{"nobody", "OPERATOR"} {
			status("/files/"+id, as, http.StatusOK)
			status("/files/sha256/"+sum, as, http.StatusOK)
		}
		a := ask(t, s, http.MethodGet, "/files/sha256/"+sum, "nobody")
		for name, want := range map[string]string{
			"Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="R__sum____1_.pdf"; filename*=UTF-8''R%C3%A9sum%C3%A9%20%281%29.pdf`,
			"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff", "ETag": `W/"` + sum + `"`,
			"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
		} {
			if got := strings.Join(a.Header.Values(name), " and "); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if private := ask(t, s, http.MethodGet, "/files/"+id, "nobody"); private.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("by its id, a cache may keep it: %q", private.Header.Get("Cache-Control"))
		}
		if got := mutate(t, s, "SECRETARIAT", publish("evt_SG1", `{ file: "`+id+`" }`, "PUBLIC")); !strings.Contains(got, `"UNKNOWN_REFERENCE"`) {
			t.Errorf("two records take one file: %s", got)
		}
		_, rest, _ := strings.Cut(got, `"id":"doc_`)
		document, _, _ := strings.Cut(rest, `"`)
		got = mutate(t, s, "SECRETARIAT", `mutation { withdrawEventDocument(input: { eventId: "evt_OPEN", expectedVersion: 2, documentId: "doc_`+document+`", reason: "A mistake." }) { event { version } userErrors { code } } }`)
		if !strings.Contains(got, `"userErrors":[]`) {
			t.Fatal(got)
		}
		status("/files/sha256/"+sum, "SECRETARIAT", http.StatusNotFound)
		status("/files/"+id, "nobody", http.StatusNotFound)
		status("/files/"+id, "SECRETARIAT", http.StatusOK)
	})
}

// TestAFileIsReadByWhoSeesItsRecord asks for a file of participants as everybody.
func TestAFileIsReadByWhoSeesItsRecord(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		_, id := send(t, s, sent{"SECRETARIAT", named("a.pdf"), "application/pdf", pdf})
		got := mutate(t, s, "SECRETARIAT", publish("evt_OPEN", `{ file: "`+id+`" }`, "SECRETARIAT"))
		if !strings.Contains(got, `"url":"/files/`+id+`"`) {
			t.Fatal(got)
		}
		for as, want := range map[string]int{
			"nobody": http.StatusNotFound, "FOCAL_POINT mem_ACTIVE": http.StatusNotFound, "OPERATOR": http.StatusNotFound, "SECRETARIAT": http.StatusOK,
			"SECRETARIAT usr_events": http.StatusOK, "SECRETARIAT usr_membership": http.StatusNotFound, "bad token": http.StatusUnauthorized,
		} {
			if a := ask(t, s, http.MethodGet, "/files/"+id, as); a.StatusCode != want {
				t.Errorf("%s: HTTP %d", as, a.StatusCode)
			}
		}
	})
}

// TestWhatIsRefusedLeavesNothing sends what must not be kept.
func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		before := kept(t, s.Store)
		large := pdf + strings.Repeat("x", int(files.DefaultLimits().Bytes))
		for name, c := range map[string]struct {
			sent
			status int
			says   string
		}{
			"by a visitor":                {sent{"nobody", named("a.pdf"), "application/pdf", pdf}, http.StatusUnauthorized, `"UNAUTHENTICATED"`},
			"by an operator":              {sent{"OPERATOR", named("a.pdf"), "application/pdf", pdf}, http.StatusForbidden, `"FORBIDDEN"`},
			"by a delegate":               {sent{"DELEGATE mem_ACTIVE", named("a.pdf"), "application/pdf", pdf}, http.StatusForbidden, `"FORBIDDEN"`},
			"too large":                   {sent{"SECRETARIAT", named("a.pdf"), "application/pdf", large}, http.StatusRequestEntityTooLarge, `"OUT_OF_RANGE"`},
			"an image too large":          {sent{"SECRETARIAT", named("a.png"), "image/png", large[:files.DefaultLimits().ImageBytes+1]}, http.StatusRequestEntityTooLarge, `"OUT_OF_RANGE"`},
			"empty":                       {sent{"SECRETARIAT", named("a.pdf"), "application/pdf", ""}, http.StatusRequestEntityTooLarge, `"REQUIRED"`},
			"a type that is not accepted": {sent{"SECRETARIAT", named("a.html"), "text/html", "<p>"}, http.StatusUnsupportedMediaType, `"type"`},
			"a script as PDF":             {sent{"SECRETARIAT", named("a.pdf"), "application/pdf", "<!DOCTYPE html><script>alert(1)</script>"}, http.StatusUnsupportedMediaType, `"type"`},
			"HTML as text":                {sent{"SECRETARIAT", named("a.txt"), "text/plain", "<!DOCTYPE html><script>alert(1)</script>"}, http.StatusUnsupportedMediaType, `"type"`},
			"SVG as PNG":                  {sent{"SECRETARIAT", named("a.png"), "image/png", `<svg xmlns="http://www.w3.org/2000/svg"/>`}, http.StatusUnsupportedMediaType, `"type"`},
			"an image that is cut":        {sent{"SECRETARIAT", named("a.png"), "image/png", string(picture(t, "png", 9, 9)[:60])}, http.StatusUnprocessableEntity, `"content"`},
			"without a type":              {sent{"SECRETARIAT", named("a.pdf"), "", pdf}, http.StatusUnsupportedMediaType, `"type"`},
			"without a name":              {sent{"SECRETARIAT", "", "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a path up":                   {sent{"SECRETARIAT", named("../../etc/a.pdf"), "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a path of Windows":           {sent{"SECRETARIAT", `attachment; filename="C:\\a.pdf"`, "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a hidden name":               {sent{"SECRETARIAT", named(".a.pdf"), "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"another ending":              {sent{"SECRETARIAT", named("a.pdf.exe"), "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"no ending":                   {sent{"SECRETARIAT", named("pdf"), "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a zero byte":                 {sent{"SECRETARIAT", `attachment; filename*=UTF-8''a%00.pdf`, "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a name that runs backwards":  {sent{"SECRETARIAT", `attachment; filename*=UTF-8''a%E2%80%AEexe.pdf`, "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a line end":                  {sent{"SECRETARIAT", `attachment; filename*=UTF-8''a%0D%0Ab.pdf`, "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
			"a long name":                 {sent{"SECRETARIAT", named(strings.Repeat("a", 150) + ".pdf"), "application/pdf", pdf}, http.StatusUnprocessableEntity, `"name"`},
		} {
			if a, _ := send(t, s, c.sent); a.StatusCode != c.status || !strings.Contains(a.body, c.says) {
				t.Errorf("%s: HTTP %d, %s", name, a.StatusCode, a.body)
			}
		}
		for _, request := range []string{
			"Content-Length: 1000\r\n\r\n" + pdf,                       // cut off
			"Transfer-Encoding: chunked\r\n\r\n4\r\n%PDF\r\n0\r\n\r\n", // without a length
		} {
			raw(t, s, request)
		}
		for deadline := time.Now().Add(20 * time.Second); kept(t, s.Store) != before; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d documents are left", kept(t, s.Store)-before)
			}
		}
	})
}

// raw sends an upload over a connection that it then ends, and reads what is answered.
func raw(t *testing.T, s *golden.Server, rest string) {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	token := s.Header(t, "SECRETARIAT", "").Get("Authorization")
	if _, err := fmt.Fprintf(c, "POST /files HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\nContent-Type: application/pdf\r\nContent-Disposition: %s\r\n%s", token, named("a.pdf"), rest); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	told, _ := io.ReadAll(c)
	if got := string(told); !strings.HasPrefix(got, "HTTP/1.1 4") || strings.HasPrefix(got, "HTTP/1.1 404") {
		t.Errorf("answered %q", got)
	}
}

// picture is an image in a format.
func picture(t *testing.T, format string, width, height int) []byte {
	t.Helper()
	pixels, out := image.NewRGBA(image.Rect(0, 0, width, height)), &bytes.Buffer{}
	pixels.Set(1, 1, color.RGBA{R: 200, A: 255})
	var err error
	if format == "png" {
		err = png.Encode(out, pixels)
	} else {
		err = jpeg.Encode(out, pixels, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestALogoIsMadeAnewAndItsFormerFileGoes uploads an image with a secret in it.
func TestALogoIsMadeAnewAndItsFormerFileGoes(t *testing.T) {
	onEngines(t, func(t *testing.T, s *golden.Server) {
		plain := picture(t, "jpeg", 30, 20)
		const secret = "Exif\x00\x00 taken at home"
		tagged := string(plain[:2]) + "\xff\xe1\x00" + string(rune(len(secret)+2)) + secret + string(plain[2:])
		_, id := send(t, s, sent{"FOCAL_POINT mem_ACTIVE", named("logo.jpg"), "image/jpeg", tagged})
		if id == "" {
			t.Fatal("the image was refused")
		}
		a := ask(t, s, http.MethodGet, "/files/"+id, "FOCAL_POINT mem_ACTIVE")
		if c, _, err := image.DecodeConfig(strings.NewReader(a.body)); err != nil || c.Width != 30 || strings.Contains(a.body, "home") {
			t.Errorf("HTTP %d, %v, %v", a.StatusCode, c, err)
		}
		change := func(source string, version int) string {
			return mutate(t, s, "FOCAL_POINT mem_ACTIVE", fmt.Sprintf(`mutation { updateMemberProfile(input: { id: "mem_ACTIVE", expectedVersion: %d, logo: %s }) { member { logoUrl logo { id } } userErrors { code field } } }`, version, source))
		}
		if got := change(`{ file: "`+id+`" }`, 1); !strings.Contains(got, `"logoUrl":"/files/sha256/`+kit.Hash(a.body)) {
			t.Fatal(got)
		}
		_, paper := send(t, s, sent{"FOCAL_POINT mem_ACTIVE", named("a.pdf"), "application/pdf", pdf})
		if got := change(`{ file: "`+paper+`" }`, 2); !strings.Contains(got, `{"code":"INVALID","field":["input","logo","file"]}`) {
			t.Errorf("a PDF as logo: %s", got)
		}
		if got := change(`{ link: "https://logos.example/l.png" }`, 2); !strings.Contains(got, `"logoUrl":"https://logos.example/l.png","logo":null`) {
			t.Error(got)
		}
		if a := ask(t, s, http.MethodGet, "/files/sha256/"+kit.Hash(a.body), "nobody"); a.StatusCode != http.StatusNotFound {
			t.Errorf("the former logo: HTTP %d", a.StatusCode)
		}
	})
}
