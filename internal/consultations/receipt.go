package consultations

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"memberportal/internal/kit"
)

// FeedbackReceipt proves that a reply was handed in.
type FeedbackReceipt struct {
	// Reference is the consultation's code, random letters, and the number of the submission. It has nothing
	// of the reply's id, which is public where the reply is: whoever sees a receipt learns no more from it.
	Reference  string       `bson:"reference"`
	At         kit.DateTime `bson:"at"`
	Timeliness Timeliness   `bson:"timeliness"`
	// SHA256 is over Canonical, a line feed and Nonce, in hexadecimal digits.
	SHA256 string `bson:"sha256"`
	// Nonce and Canonical are for those who act for the entity alone. Without the nonce nobody can try
	// out which reply has the hash.
	Nonce     *string `bson:"nonce,omitempty"`
	Canonical *string `bson:"canonical,omitempty"`
}

// canonicalReply is what the hash of a receipt is made over, as JSON in this order of fields.
type canonicalReply struct {
	Consultation string           `json:"consultation"`
	Reference    string           `json:"reference"`
	Entity       kit.ID           `json:"entity"`
	Capacity     FeedbackCapacity `json:"capacity"`
	Publication  Publication      `json:"publication"`
	Language     kit.Locale       `json:"language"`
	At           kit.DateTime     `json:"at"`
	Answers      []FeedbackAnswer `json:"answers"`
}

// handIn adds a submission, whose timeliness is set, to a reply and gives it its receipt.
func handIn(c *kit.Core, x *Feedback, con *Consultation, h FeedbackSubmission, at kit.DateTime) error {
	h.Number = len(x.StoredSubmissions) + 1
	x.StoredSubmissions = append(x.StoredSubmissions, h)
	return prove(c, x, con, at)
}

// prove gives the latest submission of a reply its receipt.
func prove(c *kit.Core, x *Feedback, con *Consultation, at kit.DateTime) error {
	h := x.last()
	h.StoredReceipt = FeedbackReceipt{Reference: fmt.Sprintf("%s-%s-%d", con.Code, newLetters(c), h.Number), At: at, Timeliness: h.StoredReceipt.Timeliness}
	text, err := json.Marshal(canonicalReply{con.Code, h.StoredReceipt.Reference, x.EntityID, x.Capacity, h.Publication, h.Language, at, h.Answers})
	if err != nil {
		return fmt.Errorf("writing the canonical reply: %w", err)
	}
	canonical, nonce := string(text), newNonce(c)
	sum := sha256.Sum256([]byte(canonical + "\n" + nonce))
	h.StoredReceipt.SHA256, h.StoredReceipt.Nonce, h.StoredReceipt.Canonical = hex.EncodeToString(sum[:]), &nonce, &canonical
	return nil
}

// newNonce is what cannot be guessed.
func newNonce(c *kit.Core) string { return hex.EncodeToString(c.MustRandom(16)) }

// newLetters are eight that cannot be guessed, for people to read out.
func newLetters(c *kit.Core) string { return base32.StdEncoding.EncodeToString(c.MustRandom(5)) }

// shown is the receipt without what only the entity may have.
func (r FeedbackReceipt) shown(v feedbackView) *FeedbackReceipt {
	if v != seesOwn {
		r.Nonce, r.Canonical = nil, nil
	}
	return &r
}

// inOrder sorts answers as their questions are.
func inOrder(answers []FeedbackAnswer, questions []ConsultationQuestion) []FeedbackAnswer {
	place := func(a FeedbackAnswer) int {
		return slices.IndexFunc(questions, func(q ConsultationQuestion) bool { return q.Code == a.Question })
	}
	sorted := slices.Clone(answers)
	slices.SortStableFunc(sorted, func(a, b FeedbackAnswer) int { return place(a) - place(b) })
	return sorted
}
