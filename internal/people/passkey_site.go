package people

import (
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"memberportal/internal/kit"
)

// passkeySite returns where passkeys are good: on the pages of an address, and on those of other origins whose host is
// that of the address or below it, because a browser lets no others use the passkeys of that host. It is nil if passkeys
// are good nowhere: without an address, and where no browser has passkeys, which is without encryption and under an IP
// address. The exception is this machine: its address 127.0.0.1 stands for localhost, which needs no encryption.
func passkeySite(address string, origins []string) (*webauthn.WebAuthn, error) {
	host, origin, ok := passkeyHost(address)
	if !ok {
		return nil, nil
	}
	all := []string{origin}
	for _, other := range origins {
		if h, o, ok := passkeyHost(other); ok && (h == host || strings.HasSuffix(h, "."+host)) {
			all = append(all, o)
		}
	}
	always := webauthn.TimeoutConfig{Timeout: challengeLife, TimeoutUVD: challengeLife}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: host, RPOrigins: all, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: always, Registration: always},
		// The portal asks for no extensions and reads no outputs, and some password managers send them unasked.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// passkeyHost returns the host and the origin of an address for passkeys; ok is false if it can have none.
func passkeyHost(address string) (host, origin string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", false
	}
	host = strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		if !ip.IsLoopback() {
			return "", "", false
		}
		host = "localhost"
	}
	if host == "" || u.Scheme != "https" && (u.Scheme != "http" || host != "localhost" && !strings.HasSuffix(host, ".localhost")) {
		return "", "", false
	}
	origin = u.Scheme + "://" + host
	if u.Port() != "" {
		origin += ":" + u.Port()
	}
	return host, origin, true
}

// named returns a challenge as the client gets it, which is also how the options and the client's data have it.
func named(challenge []byte) kit.ID {
	return kit.ID(base64.RawURLEncoding.EncodeToString(challenge))
}

// opened returns the challenge of a name; ok is false for what is none.
func opened(name kit.ID) (challenge []byte, ok bool) {
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(string(name))
	return challenge, err == nil && named(challenge) == name // the decoder skips line ends
}

// creation returns the options by which an authenticator makes a passkey of a person, as JSON. It makes none where the
// person has one.
func (s *PasskeyService) creation(h holder, challenge []byte) (string, error) {
	made, _, err := s.site.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()), webauthn.WithCredentialParameters(algorithms), func(o *protocol.PublicKeyCredentialCreationOptions) error {
		o.Challenge = challenge
		return nil
	})
	if err != nil {
		return "", err
	}
	return asJSON(made.Response)
}

// request returns the options by which an authenticator signs a challenge with any passkey of the site, as JSON.
func (s *PasskeyService) request(challenge []byte) (string, error) {
	made, _, err := s.site.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err != nil {
		return "", err
	}
	return asJSON(made.Response)
}

func asJSON(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

// algorithms are those with which passkeys sign, the most wanted first: the three that every authenticator has one of.
var algorithms = kit.Map([]webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgEdDSA, webauthncose.AlgES256, webauthncose.AlgRS256}, func(a webauthncose.COSEAlgorithmIdentifier) protocol.CredentialParameter {
	return protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a}
})

// creating is what the library must know of the challenge for a new passkey of a person.
func (s *PasskeyService) creating(p *Person, challenge []byte) webauthn.SessionData {
	asked := s.signing(challenge)
	asked.UserID, asked.CredParams = holder{person: p}.WebAuthnID(), algorithms
	return asked
}

// signing is what the library must know of the challenge for signing in.
func (s *PasskeyService) signing(challenge []byte) webauthn.SessionData {
	return webauthn.SessionData{Challenge: string(named(challenge)), RelyingPartyID: s.site.Config.RPID, UserVerification: protocol.VerificationRequired}
}
