package input

import (
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// MaxLink is how many bytes a link may have.
const MaxLink = 500

// hosts are the rules for the name of a host that is looked up: UTS #46 without transitional processing,
// the labels of RFC 5891 §4.2 and the lengths of RFC 1035 §2.3.4.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(true),
	idna.CheckJoiners(true), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// host gives the name of a host in A-labels. It has two labels or more, because no host of the public
// network has one (RFC 7085), and the last one is no number, which a browser reads as an address.
func host(s string) (string, *Fault) {
	ascii, err := hosts.ToASCII(s)
	labels := strings.Split(ascii, ".")
	last := labels[len(labels)-1]
	if err != nil || len(labels) < 2 || len(ascii) > 253 || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "", &Fault{Reason: NoHost}
	}
	return ascii, nil
}

// Link gives a web address as it is stored: https, a host that can exist, a port, no user, nothing that is
// not seen, and in ASCII, so that it can be shown as a link safely.
func Link(s string) (string, *Fault) {
	s = normalised(s, WebAddress)
	switch {
	case s == "":
		return "", &Fault{Reason: Empty}
	case len(s) > MaxLink:
		return "", &Fault{Reason: LongLink}
	}
	if f := unseen(s); f != nil {
		return "", f
	}
	scheme, rest, ok := strings.Cut(s, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	if !ok || !strings.EqualFold(scheme, "https") || authority == "" || strings.ContainsAny(authority, `@\`) {
		return "", &Fault{Reason: NoLink}
	}
	authority, f := place(authority)
	if f != nil {
		return "", f
	}
	rest, fragment, hasFragment := strings.Cut(rest, "#")
	way, query, hasQuery := strings.Cut(rest, "?")
	link := "https://" + authority
	for _, part := range []struct {
		given    bool
		mark, in string
		and      string
	}{{true, "", way, "/"}, {hasQuery, "?", query, "/?"}, {hasFragment, "#", fragment, "/?"}} {
		text, ok := percentEncoded(part.in, part.and)
		if !ok {
			return "", &Fault{Reason: NoLink}
		}
		if part.mark == "" {
			text = resolved(text)
		}
		if part.given {
			link += part.mark + text
		}
	}
	if len(link) > MaxLink {
		return "", &Fault{Reason: LongLink}
	}
	if u, err := url.Parse(link); err != nil || u.Scheme != "https" || u.Host != authority {
		return "", &Fault{Reason: NoLink}
	}
	return link, nil
}

// unseen finds white space and what cannot be seen or turns what stands beside it.
func unseen(s string) *Fault {
	if f := encoded(s); f != nil {
		return f
	}
	for i, r := range []rune(s) {
		if unicode.IsSpace(r) || meaningless(r) || invisible(r) || blank(r) {
			return at(r, i+1)
		}
	}
	return nil
}

// place gives a host and a port in their canonical form.
func place(authority string) (string, *Fault) {
	name, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		name, port = authority[:i], authority[i+1:]
		n, err := strconv.ParseUint(port, 10, 16)
		if port != "" && (err != nil || n == 0) || strings.HasPrefix(port, "+") {
			return "", &Fault{Reason: NoPort}
		}
		port = strconv.FormatUint(n, 10)
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil || !a.Is6() || a.Zone() != "" {
			return "", &Fault{Reason: NoHost}
		}
		name = "[" + a.String() + "]"
	} else if a, err := netip.ParseAddr(name); err == nil && a.Is4() {
		name = a.String()
	} else {
		decoded, err := url.PathUnescape(name)
		if err != nil {
			return "", &Fault{Reason: NoHost}
		}
		var f *Fault
		if name, f = host(decoded); f != nil {
			return "", f
		}
	}
	if port != "" && port != "0" && port != "443" {
		name += ":" + port
	}
	return name, nil
}

const upperHex = "0123456789ABCDEF"

// percentEncoded writes a part of a link as RFC 3986 §2 has it: unreserved characters as they are, those
// that may stand there too, everything else as the bytes of UTF-8 with capital digits. A percent sign
// without two digits is refused.
func percentEncoded(s, and string) (string, bool) {
	const unreserved = "-._~"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			c, escaped = byte(n), true
			i += 2
		}
		switch plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(unreserved, c) >= 0; {
		case plain, !escaped && strings.IndexByte("!$&'()*+,;=:@"+and, c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return b.String(), true
}

// resolved takes the dot segments out of a path (RFC 3986 §5.2.4).
func resolved(way string) string {
	segments := strings.Split(way, "/")
	dots := func(s string) bool { return s == "." || s == ".." }
	has := false
	for _, s := range segments {
		has = has || dots(s)
	}
	if !has {
		return way
	}
	var out []string
	for i, s := range segments {
		switch {
		case s == ".." && len(out) > 1:
			out = out[:len(out)-1]
		case !dots(s):
			out = append(out, s)
		}
		if i == len(segments)-1 && dots(s) {
			out = append(out, "")
		}
	}
	return path.Join("/") + strings.TrimPrefix(strings.Join(out, "/"), "/")
}
