package kit

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// MailPrefix is the prefix of the ids of messages.
const MailPrefix = outboxPrefix

// MailRecord is what operators see of a message in the outbox: neither its text nor its address, because it may hold a
// code or personal data.
type MailRecord struct {
	ID ID
	// Kind is the key of its text in the catalogue.
	Kind     string
	State    MailState
	Lane     MailLane
	QueuedAt DateTime
	// NextAt is when a message that waits is due, nil for others.
	NextAt *DateTime
	// SentAt is nil unless it was sent.
	SentAt *DateTime
	// Attempts counts the attempts at which the server could be reached.
	Attempts int64
	// Fault is why the last attempt failed, nil if none did and once it is sent.
	Fault *MailFault
	// Domain is that of the recipient's address: nil once the address is erased, and for kinds that may be about
	// consultations; see showsDomain.
	Domain *string
	// CanRetry says whether RetryMail has it sent.
	CanRetry bool
}

// IsNode marks a type that the queries node and nodes can return.
func (m *MailRecord) IsNode() {}

// record is what operators see of a message.
func (m *Outgoing) record() *MailRecord {
	r := &MailRecord{
		ID: m.ID, Kind: m.Key, State: m.State, Lane: laneOf(m), QueuedAt: m.At, SentAt: m.SentAt, Attempts: m.Attempts, Fault: m.LastFault, CanRetry: m.To != "",
	}
	if m.State == MailQueued {
		r.NextAt = &m.NextAt
	}
	if m.To != "" && showsDomain(m.Key) {
		r.Domain = new(m.To[strings.LastIndex(m.To, "@")+1:])
	}
	return r
}

// openKinds are how the keys of messages begin that say nothing about consultations.
var openKinds = []string{
	"mail.application", "mail.informationRequested", "mail.email", "mail.signIn", "mail.session", "mail.identity", "mail.passkey", "mail.role", "mail.invitation",
	"mail.handOver", "mail.mandate", "mail.member", "mail.withdrawal", "mail.exemption", "mail.invoice", "mail.registration", "mail.event",
}

// showsDomain says whether operators may see the domain of a recipient beside a kind. The domain often names the
// organisation. Beside a message about a consultation it would say who was asked, who has replied and who keeps its
// reply confidential, which operators may not know. A kind that nobody has listed counts as one of these.
func showsDomain(key string) bool {
	return slices.ContainsFunc(openKinds, func(begin string) bool { return strings.HasPrefix(key, begin) })
}

// MailFilter narrows messages; a field that is left out does not narrow.
type MailFilter struct {
	State *MailState
	Lane  *MailLane
}

// MailRecordConnection and MailRecordEdge page through messages.
type (
	MailRecordConnection = Connection[*MailRecord]
	MailRecordEdge       = Edge[*MailRecord]
)

// MailService shows the outbox to operators.
type MailService struct {
	core     *Core
	messages store.Collection[Outgoing]
}

// NewMailService makes the service.
func NewMailService(c *Core) *MailService { return &MailService{c, OutboxNoun.In(c.Store)} }

// List pages through the messages, latest first. SECRETARIAT or OPERATOR.
func (s *MailService) List(ctx context.Context, filter *MailFilter, args PageArgs) (*MailRecordConnection, error) {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return nil, err
	}
	q := store.Query{Sort: "at"}
	if filter != nil && (filter.State != nil || filter.Lane != nil) {
		where := store.Where{"state": Strings(MailStates), "lane": Strings(Lanes)}
		if filter.State != nil {
			where["state"] = []string{string(*filter.State)}
		}
		if filter.Lane != nil {
			where["lane"] = []string{string(*filter.Lane)}
		}
		q.Any = []store.Where{where}
	}
	found, err := PageOf(ctx, s.core.Sealer, s.messages, q, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	shown := &MailRecordConnection{PageInfo: found.PageInfo, Count: found.Count, Edges: make([]MailRecordEdge, len(found.Edges))}
	for i, e := range found.Edges {
		shown.Edges[i] = MailRecordEdge{Cursor: e.Cursor, Node: e.Node.record()}
	}
	return shown, nil
}

// Backlogs returns how each queue stands; see Core.Backlogs. SECRETARIAT or OPERATOR.
func (s *MailService) Backlogs(ctx context.Context) ([]MailBacklog, error) {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return nil, err
	}
	return s.core.Backlogs(ctx)
}

// byIDs reads messages, nil for those that are not there and for whoever may not see them.
func (s *MailService) byIDs(ctx context.Context, ids []ID) ([]*MailRecord, error) {
	shown := make([]*MailRecord, len(ids))
	if Require(ctx, WholeSecretariat, RoleOperator) != nil {
		return shown, nil
	}
	found, err := s.messages.Many(ctx, Strings(ids))
	for i, m := range found {
		if m != nil {
			shown[i] = m.record()
		}
	}
	return shown, err
}

// Nodes reads messages by id: for SECRETARIAT and OPERATOR; for others all are nil.
func (s *MailService) Nodes(ctx context.Context, ids []ID) ([]Node, error) {
	return AsNodes(s.byIDs(ctx, ids))
}

// RetryMailInput names a message.
type RetryMailInput struct{ ID ID }

// RetryMailPayload has the message after the change; it is nil if there are UserErrors.
type RetryMailPayload struct {
	Mail       *MailRecord
	UserErrors []UserError
}

// Retry makes a message due at once; see Core.RetryMail. It is NOT_ALLOWED_IN_STATE if the message was sent or its text
// is erased. SECRETARIAT or OPERATOR.
func (s *MailService) Retry(ctx context.Context, in RetryMailInput) (*RetryMailPayload, error) {
	if err := s.core.RetryMail(ctx, in.ID); err != nil {
		faults, err := UserErrorsOf(retryFault(ctx, err))
		return &RetryMailPayload{UserErrors: faults}, err
	}
	m, err := One(ctx, s.byIDs, in.ID)
	return &RetryMailPayload{Mail: m}, err
}
