package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// FeedbackReceipt proves that a reply was handed in.
type FeedbackReceipt struct {
	// Reference is the consultation's code, letters of the reply's id, and the number of the submission.
	Reference  string     `bson:"reference"`
	At         DateTime   `bson:"at"`
	Timeliness Timeliness `bson:"timeliness"`
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
	Entity       ID               `json:"entity"`
	Capacity     FeedbackCapacity `json:"capacity"`
	Publication  Publication      `json:"publication"`
	Language     Locale           `json:"language"`
	At           DateTime         `json:"at"`
	Answers      []FeedbackAnswer `json:"answers"`
}

// receiptLetters is how many letters of an id a reference repeats.
const receiptLetters = 8

// prove gives the latest submission of a reply its receipt.
func (c *core) prove(x *Feedback, con *Consultation, at DateTime) error {
	h := x.last()
	id := string(x.ID)
	h.Proof = FeedbackReceipt{Reference: fmt.Sprintf("%s-%s-%d", con.Code, id[len(id)-receiptLetters:], h.Number), At: at, Timeliness: InTime}
	if at >= con.Deadline {
		h.Proof.Timeliness = Late
	}
	text, err := json.Marshal(canonicalReply{con.Code, h.Proof.Reference, x.EntityID, x.Capacity, h.Publication, h.Language, at, h.Answers})
	if err != nil {
		return fmt.Errorf("writing the canonical reply: %w", err)
	}
	canonical, nonce := string(text), c.nonce()
	sum := sha256.Sum256([]byte(canonical + "\n" + nonce))
	h.Proof.SHA256, h.Proof.Nonce, h.Proof.Canonical = hex.EncodeToString(sum[:]), &nonce, &canonical
	return nil
}

// nonce is what cannot be guessed.
func (c *core) nonce() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var raw [16]byte
	if _, err := c.entropy.Read(raw[:]); err != nil {
		panic(fmt.Sprintf("making a nonce: %v", err)) // only a broken source of randomness does this
	}
	return hex.EncodeToString(raw[:])
}

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
