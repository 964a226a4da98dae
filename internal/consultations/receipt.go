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

// FeedbackReceipt proves that a reply was submitted.
type FeedbackReceipt struct {
	// Reference is the consultation's code, random letters, and the number of the submission. It contains nothing
	// of the reply's id: that is public if the reply is, and the receipt must not reveal whose reply it is.
	Reference  string       `bson:"reference"`
	At         kit.DateTime `bson:"at"`
	Timeliness Timeliness   `bson:"timeliness"`
	// SHA256 is the checksum of Canonical, a line feed and Nonce, in hexadecimal digits.
	SHA256 string `bson:"sha256"`
	// Only those who act for the entity see Nonce and Canonical. Without the nonce nobody can find out by trial
	// which reply has the checksum.
	Nonce     *string `bson:"nonce,omitempty"`
	Canonical *string `bson:"canonical,omitempty"`
}

// canonicalReply is the content under the checksum of a receipt, as JSON with the fields in this order.
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

// newNonce is a random text that nobody can guess.
func newNonce(c *kit.Core) string { return hex.EncodeToString(c.MustRandom(16)) }

// newLetters are eight random letters that people can read out.
func newLetters(c *kit.Core) string { return base32.StdEncoding.EncodeToString(c.MustRandom(5)) }

// shown is the receipt as the reader may see it: only the entity sees nonce and content.
func (r FeedbackReceipt) shown(v feedbackView) *FeedbackReceipt {
	if v != seesOwn {
		r.Nonce, r.Canonical = nil, nil
	}
	return &r
}

// inOrder sorts answers in the order of their questions.
func inOrder(answers []FeedbackAnswer, questions []ConsultationQuestion) []FeedbackAnswer {
	place := func(a FeedbackAnswer) int {
		return slices.IndexFunc(questions, func(q ConsultationQuestion) bool { return q.Code == a.Question })
	}
	sorted := slices.Clone(answers)
	slices.SortStableFunc(sorted, func(a, b FeedbackAnswer) int { return place(a) - place(b) })
	return sorted
}
