package kit

import (
	"context"
	"slices"

	"memberportal/internal/store"
)

// AuditPrefix is the prefix of the ids of audit entries.
const AuditPrefix = "aud"

// AuditEntry records one change: who, when, from which request, which fields, why. It holds no values of fields,
// so that the log keeps no personal or confidential data. It is written in the transaction of the change and
// never edited; only its reason is erased after a time.
type AuditEntry struct {
	ID      ID    `bson:"_id"`
	Version int64 `bson:"version"`
	// At is domain time, like the times in the records.
	At        DateTime `bson:"at"`
	Actor     ID       `bson:"actor" valid:"empty"`
	Roles     []Role   `bson:"roles" most:"10"`
	Request   string   `bson:"request"`
	Operation string   `bson:"operation"`
	// TargetID is the record that changed, TargetVersion its version after the change.
	TargetID      ID       `bson:"target"`
	TargetVersion int64    `bson:"targetVersion"`
	Fields        []string `bson:"fields" most:"100"`
	Reason        *string  `bson:"reason,omitempty"`

	with *Together[*AuditEntry]
	// keyed says that the entry is shown to an operator; see operatorView.
	keyed bool
}

// AuditNoun declares how audit entries are stored.
var AuditNoun = store.Declare(store.Noun[AuditEntry]{
	Name:     "audit",
	Identity: func(e *AuditEntry) (string, *int64) { return string(e.ID), &e.Version },
	Keys: []store.Key[AuditEntry]{
		store.One("target", func(e *AuditEntry, _ string) string { return string(e.TargetID) }),
		store.One("actor", func(e *AuditEntry, _ string) string { return string(e.Actor) }),
		store.One("at", func(e *AuditEntry, _ string) string { return string(e.At) }),
		store.One("ofReply", func(e *AuditEntry, _ string) string { return e.ofReply() }),
	},
	Listings: []store.Listing{
		{Sort: "at"},
		{Equal: []string{"ofReply"}, Sort: "at"},
		{Equal: []string{"target"}, Sort: "at"},
		{Equal: []string{"actor"}, Sort: "at"},
		{Equal: []string{"target", "actor"}, Sort: "at"},
	},
})

// IsNode marks a type that the queries node and nodes can return.
func (e *AuditEntry) IsNode() {}

// AuditFilter narrows the audit log; a field that is left out does not narrow.
type AuditFilter struct {
	TargetID *ID
	ActorID  *ID
}

// AuditEntryConnection and AuditEntryEdge page through the audit log.
type (
	AuditEntryConnection = Connection[*AuditEntry]
	AuditEntryEdge       = Edge[*AuditEntry]
)

// AuditService reads the audit log. SECRETARIAT sees all of it, OPERATOR what operatorView shows.
type AuditService struct {
	core    *Core
	entries store.Collection[AuditEntry]
	// targets reads the records that entries are about, with the rights of the caller.
	targets NodeReader
}

// List pages through the log, latest entry first. An OPERATOR who is not SECRETARIAT gets FORBIDDEN if the filter
// names a target or an actor.
func (s *AuditService) List(ctx context.Context, filter *AuditFilter, args PageArgs) (*AuditEntryConnection, error) {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return nil, err
	}
	where, operator := store.Where{}, !ActorOf(ctx).Has(WholeSecretariat)
	if operator {
		if filter != nil && (filter.TargetID != nil || filter.ActorID != nil) {
			return nil, Refuse(Forbidden, "forbidden", nil)
		}
		where["ofReply"] = []string{"no"}
	}
	if filter != nil && filter.TargetID != nil {
		where["target"] = []string{string(*filter.TargetID)}
	}
	if filter != nil && filter.ActorID != nil {
		where["actor"] = []string{string(*filter.ActorID)}
	}
	found, err := PageOf(ctx, s.core.Sealer, s.entries, store.Query{Any: []store.Where{where}, Sort: "at"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	if operator {
		for i, e := range found.Edges {
			found.Edges[i].Node = s.operatorView(e.Node)
		}
	}
	with := &Together[*AuditEntry]{Items: found.Nodes()}
	for _, e := range with.Items {
		e.with = with
	}
	return found, nil
}

// Target returns the record that an entry is about, nil if the caller may not see it. All entries of a page cost
// one store call for each type.
func (s *AuditService) Target(ctx context.Context, e *AuditEntry) (Node, error) {
	if e.keyed {
		return nil, nil
	}
	return Neighbour(ctx, e.with, "target", e, func(ctx context.Context, entries []*AuditEntry) ([]Node, error) {
		ids := make([]ID, len(entries))
		for i, e := range entries {
			ids[i] = e.TargetID
		}
		return s.targets(ctx, ids)
	})
}

// Erasures returns what the log says was erased: the fields of each record, in the order of their names. It reads the
// whole log. SECRETARIAT or OPERATOR.
func (s *AuditService) Erasures(ctx context.Context) (map[ID][]string, error) {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return nil, err
	}
	erased := map[ID][]string{}
	return erased, EachPage(ctx, s.entries, store.Query{Sort: "at"}, 500, func(page []*AuditEntry) error {
		for _, e := range page {
			if e.Operation == "erase" || e.Operation == "erasePerson" {
				fields := append(erased[e.TargetID], e.Fields...)
				slices.Sort(fields)
				erased[e.TargetID] = slices.Compact(fields)
			}
		}
		return nil
	})
}

// Nodes reads entries by id: for SECRETARIAT, and for OPERATOR by sealed ids; for others all are nil.
func (s *AuditService) Nodes(ctx context.Context, ids []ID) ([]Node, error) {
	switch actor := ActorOf(ctx); {
	case actor.Has(WholeSecretariat):
		return AsNodes(s.entries.Many(ctx, Strings(ids)))
	case actor.Has(RoleOperator):
		return AsNodes(s.keyed(ctx, ids))
	}
	return make([]Node, len(ids)), nil
}

// Record adds an entry for something that an operator did by a command.
func (s *AuditService) Record(ctx context.Context, operation string, target ID, reason string) error {
	return s.core.RecordCommand(ctx, operation, target, reason)
}

// RecordCommand adds an audit entry for something that an operator did by a command and not by a mutation.
func (c *Core) RecordCommand(ctx context.Context, operation string, target ID, reason string) error {
	return c.Write(ctx, operation, func(_ context.Context, note func(Change)) error {
		note(Change{Noun: "commands", Target: target, Kind: Created, Fields: []string{}, Reason: &reason})
		return nil
	})
}

// NewAuditService makes the service. targets reads the records that entries are about.
func NewAuditService(c *Core, targets NodeReader) *AuditService {
	return &AuditService{core: c, entries: AuditNoun.In(c.Store), targets: targets}
}
