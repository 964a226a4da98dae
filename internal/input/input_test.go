package input

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// want is what becomes of a value: what is stored, or why not.
type want struct {
	stored string
	reason Reason
}

func hold(t *testing.T, rule func(string) (string, *Fault), cases map[string]want) {
	t.Helper()
	for value, want := range cases {
		stored, f := rule(value)
		var reason Reason
		if f != nil {
			reason = f.Reason
		}
		if stored != want.stored || reason != want.reason {
			t.Errorf("%+q is stored as %+q, %v; it should be %+q, %q", value, stored, f, want.stored, want.reason)
		}
		if again, f := rule(stored); stored != "" && (f != nil || again != stored) {
			t.Errorf("%+q is not stable: %+q, %v", stored, again, f)
		}
	}
}

func same(values ...string) map[string]want {
	all := map[string]want{}
	for _, v := range values {
		all[v] = want{stored: v}
	}
	return all
}

func refused(reason Reason, values ...string) map[string]want {
	all := map[string]want{}
	for _, v := range values {
		all[v] = want{reason: reason}
	}
	return all
}

func TestALineReadsAsItIsStored(t *testing.T) {
	hold(t, Line, same("ITU", "Société Générale", "ガス工業", "カ\u3099ス", "Ｆｕｌｌ", "O’Brien & Söhne", "=SUM(A1)", "---", "a\u00a0b", "a b", "ไทยที่สุด",
		"हिंदी समाचार", "Việt Nam", "Vi\u0302\u0323e\u0302t", "שָׁלוֹם", "مُحَمَّد", "རྒྱལ་རྫོངས", "𝄞", "漢\U000e0100字",
		"دانشگاه\u200cها", "क्\u200dष", "ක්\u200dෂ", "क्\u200cष", "👩\u200d💻", "❤\ufe0f", "❤\ufe0f\u200d🔥", "👩🏽\u200d🚀", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "ᠮᠣᠩᠭᠣᠯ\u180eᠠ", "\"><script>"))
	hold(t, Line, map[string]want{" ITU\t": {stored: "ITU"}, "ITU\r\n": {stored: "ITU"}, "\u00a0ITU\u3000": {stored: "ITU"}})
	hold(t, Line, refused(Empty, "", " ", "\u00a0", "\u3000\u2003", "\r\n", "\u2028"))
	hold(t, Line, refused(Broken, "a\nb", "a\tb", "a\r\nb", "a\rb", "a\u2028b", "a\u2029b"))
	hold(t, Line, refused(Character, "\u200b", "ITU\u200b", "I\u200bTU", "\ufeffITU", "ITU\u2060", "IT\u00adU", "\u3164", "\u115f\u1160", "\uffa0", "\u2800", "ITU\u2800",
		"ITU\u200c", "ا\u200cب", "ب\u200cU", "ITU\u200d", "I\u200dTU", "\u200d", "ह\u200d", "क्\u200d", "ITU\ufe0f", "1\ufe0f", "ITU\ufe00", "\ufe0f", "a\u034fb", "\u202eUTI", "a\u2066b\u2069", "a\u200eb", "a\u061cb",
		"a\x00b", "a\x1b[31m", "a\u0085b", "a\u009bb", "a\x7fb", "\ue000", "\U000f0000", "a\ufffe", "a\U0001ffff", "\u0378", "a\ufffdb", "\ufffc", "\U000e0041", "x\U000e0067\U000e007f",
		"👩\u200d", "\u200d💻", "a\u200d💻", "a\xffb", "\u180e", "a\u180b", "\u17b4", "\U0001d173", "\u2061", "\ufff9", "\u070f", "\U0001bca0", "\U000e01ef", "a\fb"))
	hold(t, Line, refused(LoneMark, "\u0301", "\u0301a", "a \u0301b", "\u0903क"))
	hold(t, Line, refused(MarkStack, "a\u0301\u0302\u0303\u0304\u0305", "a\u0301\u0301", "é\u0301", "Z\u0338\u0321\u0322\u0328\u0301a", "e\u20dd\u20dd"))
}

// TestEveryCharacterThatIsNotSeenIsRefusedInALine goes through Unicode's own classes, one character at a time.
func TestEveryCharacterThatIsNotSeenIsRefusedInALine(t *testing.T) {
	tried := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		unseen := unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Bidi_Control) ||
			unicode.Is(unicode.Cn, r)
		if !unseen || r >= 0xd800 && r <= 0xdfff {
			continue
		}
		tried++
		for _, value := range []string{"IT" + string(r) + "U", "ب" + string(r) + "U"} {
			stored, f := Line(value)
			if f == nil {
				t.Fatalf("%+q is stored as %+q", value, stored)
			}
			if want := fmt.Sprintf("U+%04X", r); !strings.HasPrefix(f.Character, want) || f.Position < 2 {
				t.Fatalf("%+q: says %v", value, f)
			}
		}
		if stored, f := Line(string(r)); f == nil {
			t.Fatalf("%+q alone is stored as %+q", string(r), stored)
		}
	}
	if tried < 900_000 {
		t.Errorf("only %d characters were tried", tried)
	}
}

func TestARefusedCharacterIsNamedWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		rule  func(string) (string, *Fault)
		value string
		want  Fault
	}{
		{Line, "ITU\u200b", Fault{Character, "U+200B ZERO WIDTH SPACE", 4}},
		{Line, "  ITÜ\u200b", Fault{Character, "U+200B ZERO WIDTH SPACE", 6}},
		{Text, "a\r\nb\fc", Fault{Character, "U+000C <control>", 5}},
		{Line, "a\nb", Fault{Broken, "U+000A <control>", 2}},
		{Line, "a\xff", Fault{Character, "0xFF", 2}},
		{Link, "https://a.example/\u200b", Fault{Character, "U+200B ZERO WIDTH SPACE", 19}},
		{Address, "o\u200bffice@a.example", Fault{Character, "U+200B ZERO WIDTH SPACE", 2}},
	} {
		if _, f := c.rule(c.value); f == nil || *f != c.want {
			t.Errorf("%+q: says %+v, not %+v", c.value, f, c.want)
		}
	}
}

func TestATextKeepsWhatItSays(t *testing.T) {
	hold(t, Text, same("line1\nline2", "a\tb", "می\u200cخواهم", "👩\u200d💻\n❤\ufe0f", "a\u200fb", "a\u2067עברית\u2069b", "a \u0301"))
	hold(t, Text, map[string]want{
		"line1\r\nline2": {stored: "line1\nline2"}, "a\rb": {stored: "a\nb"}, "a\u2028b\u2029c": {stored: "a\nb\nc"}, " a \n": {stored: "a"},
		"a\u200bb": {stored: "ab"}, "\ufeffa": {stored: "a"}, "a\u202eb": {stored: "ab"}, "a\u202ab\u202cc": {stored: "abc"}, "co\u00adop": {stored: "coop"},
		"a\u2067b\nc": {stored: "ab\nc"}, "a\u2069\u2067b": {stored: "ab"}, "a\U000e0041": {stored: "a"}, "\u3164a": {stored: "a"},
	})
	hold(t, Text, refused(Empty, "", "\n", "\u200b", "\u3164\n\u200b"))
	hold(t, Text, refused(Character, "a\x00", "a\fb", "a\vb", "a\u0085b", "a\x1b", "\ue000", "a\ufffd", "a\xff", "\u0378", "a\U0010ffff"))
	hold(t, Text, refused(MarkStack, "a\u0301\u0302\u0303\u0304\u0305"))
}

func TestALinkIsCanonical(t *testing.T) {
	hold(t, Link, same("https://a.example", "https://a.example/", "https://a.example:8443/x?y=z#w", "https://a.example/?", "https://[2001:db8::1]:8443/", "https://192.0.2.1/",
		"https://a.example/"+strings.Repeat("a", 482), "https://a.example/a%20b%2Fc", "https://"+strings.Repeat("a", 63)+".example/", "https://a.example/o'neil(1)*!;,", "https://a.example/a//b"))
	hold(t, Link, map[string]want{
		" https://a.example ": {stored: "https://a.example"}, "HTTPS://A.Example/X": {stored: "https://a.example/X"}, "https://a.example:443/": {stored: "https://a.example/"},
		"https://a.example:08443/": {stored: "https://a.example:8443/"}, "https://a.example:/": {stored: "https://a.example/"},
		"https://münchen.example/größe": {stored: "https://xn--mnchen-3ya.example/gr%C3%B6%C3%9Fe"}, "https://例子.example": {stored: "https://xn--fsqu00a.example"},
		"https://site.example．other.example/": {stored: "https://site.example.other.example/"}, "https://ｓｉｔｅ.example/": {stored: "https://site.example/"}, "https://a。example/": {stored: "https://a.example/"},
		"https://site.example/\"><script>": {stored: "https://site.example/%22%3E%3Cscript%3E"}, "https://a.example/%7ea%2f%zz": {reason: NoLink},
		"https://a.example/%7ea%2f": {stored: "https://a.example/~a%2F"}, "https://a.example/a/../b/./c": {stored: "https://a.example/b/c"}, "https://a.example/%2e%2e/b": {stored: "https://a.example/b"},
		"https://a.example/..": {stored: "https://a.example/"}, "https://a.example/?q=a|b[c]\"'<": {stored: "https://a.example/?q=a%7Cb%5Bc%5D%22'%3C"}, "https://a.example/#a`b": {stored: "https://a.example/#a%60b"},
		`https://a.example/a\b`: {stored: "https://a.example/a%5Cb"}, "https://%61.example/": {stored: "https://a.example/"}, "https://straße.example/": {stored: "https://xn--strae-oqa.example/"},
	})
	hold(t, Link, refused(Empty, "", " "))
	hold(t, Link, refused(LongLink, "https://a.example/"+strings.Repeat("a", 483), "https://a.example/"+strings.Repeat("é", 100), strings.Repeat(":", 501)))
	hold(t, Link, refused(NoLink, "http://a.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://a.example/%0aalert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.example", "https://", "https:///path",
		"https:a.example", "www.itu.example", "//www.itu.example", "https://user@a.example", "https://user:secret@a.example", "https://@a.example", `https://a.example\b.example`, `https://a.example\@b.example/`,
		"https://a.example/%", "https://a.example/%4", "https:/a.example", "https//a.example", "https://a.example/%u0041"))
	hold(t, Link, refused(NoPort, "https://site.example:99999/", "https://a.example:65536/", "https://a.example:0/", "https://a.example:port/", "https://a.example:-1/", "https://a.example:+80/"))
	hold(t, Link, refused(NoHost, "https://a..example/", "https://-a-.example/", "https://a-.example/", "https://xn--.example/", "https://xn--a.example/", "https://"+strings.Repeat("a", 64)+".example/", "https://.example/", "https://a.example./",
		"https://"+strings.Repeat("a.", 124)+"example/", "https://localhost/", "https://a_b.example/", "https://1.2.3/", "https://a.1/", "https://256.1.1.1/", "https://a.0x7f/", "https://[::1/", "https://[fe80::1%25eth0]/", "https://[1.2.3.4]/",
		"https://a*.example/", "https://a%00.example/", "https://:443/", "https://a%2fb.example/", "https://ab--c.example/", "https://אa.example/", "https://"+strings.Repeat("ü", 60)+".example/"))
	hold(t, Link, refused(Character, "https://a example", "https://a.example/a b", "https://a.example/\r\nX: y", "https://a.example/\u2028a", "https://a.example/\x01", "https://a.example/\u009b", "https://a.example/\u202egpj.exe", "https://a\u00ad.example/",
		"https://a.example/\u200b", "https://a.example/\u3164", "https://a.example/\ue000", "https://a.example/\ufffd", "https://a.exa\u200dmple/"))
}

func TestAnAddressIsOneMailboxOfAHostThatCanBe(t *testing.T) {
	hold(t, Address, same("office@active.example", "office+press@active.example", "o'neill@Active.Example", "office@münchen.example", "office@xn--mnchen-3ya.example", strings.Repeat("a", 64)+"@a.example",
		strings.Repeat("a", 60)+"@"+strings.Repeat("b.", 92)+"example12", "{a}|b~c@a.example"))
	hold(t, Address, map[string]want{" office@a.example\n": {stored: "office@a.example"}, "office@MÜNCHEN.example": {stored: "office@münchen.example"}, "office@a．example": {stored: "office@a.example"}, "office@mu\u0308nchen.example": {stored: "office@münchen.example"}})
	hold(t, Address, refused(Mailbox, "büro@active.example", "用户@例子.example"))
	hold(t, Address, refused(LongAddress, strings.Repeat("a", 60)+"@"+strings.Repeat("b.", 92)+"example123"))
	hold(t, Address, refused(NoAddress, "Office <office@active.example>"[7:], "<office@active.example>", "office@active@example.org", "a@active.example,b@active.example", "active.example", "@active.example", "office@", "of..fice@active.example",
		`"office"@active.example`, ".a@a.example", "a.@a.example", strings.Repeat("a", 65)+"@a.example", "a@[192.0.2.1]", "a@a.example:25", "a@a%62.example"))
	hold(t, Address, refused(NoHost, "user@-site.example", "user@site-.example", "user@a..example", "user@localhost", "user@xn--.example", "user@"+strings.Repeat("a", 64)+".example", "user@a_b.example", "user@1.2.3.4", "user@a.example."))
	hold(t, Address, refused(Character, "of fice@active.example", "office@active.example\r\nBcc: all@active.example", "of\x00fice@active.example", "of\u0085fice@active.example", "of\u2028fice@active.example", "of\u3000fice@active.example", "a@ex\u200bample.org", "a@b\u00ad.example"))
}

func TestTwoAddressesAreOneIfTheirDomainsAre(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"k@münchen.example", "k@xn--mnchen-3ya.example", true}, {"K@MÜNCHEN.example", "k@münchen.example", true}, {"k@mu\u0308nchen.example", "k@münchen.example", true}, {"k@site．example", "k@site.example", true},
		{"victim@zed.example", "victim@zéd.example", false}, {"vıctim@zed.example", "victim@zed.example", false}, {"ﬁx@zed.example", "fix@zed.example", false}, {"k@zed.example", "\u212a@zed.example", false}, {"ß@a.example", "ss@a.example", false},
		{"k@straße.example", "k@strasse.example", false}, {"k+a@zed.example", "k@zed.example", false}, {"k.a@zed.example", "ka@zed.example", false}, {"a@x@zed.example", "a@zed.example", false}, {"k@zed.example", " k@zed.example ", true},
	} {
		if got := AddressKey(c.a) == AddressKey(c.b); got != c.same {
			t.Errorf("%q and %q: the same is %v", c.a, c.b, got)
		}
	}
	if Inbox("K+tag+b@zed.example") != "k@zed.example" || Inbox("+a@zed.example") != "+a@zed.example" {
		t.Error("plus signs are not read")
	}
}

func TestTheEnvelopeIsASCII(t *testing.T) {
	if got, err := Envelope("user@münchen.example"); got != "user@xn--mnchen-3ya.example" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := Envelope("User@Site.example"); got != "User@Site.example" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Envelope("büro@site.example"); err != ErrMailbox {
		t.Errorf("got %v", err)
	}
	if _, err := Envelope("a@ü..example"); err != ErrDomain {
		t.Errorf("got %v", err)
	}
}
