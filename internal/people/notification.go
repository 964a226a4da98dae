package people

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const notificationPrefix = "ntf"

// Notification is what a person was told. The person sees it in the portal, whether or not it was mailed too. Its texts
// are in the language that the person had then.
type Notification struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// PersonID is who was told.
	PersonID kit.ID               `bson:"person"`
	Kind     kit.NotificationKind `bson:"kind"`
	Subject  string               `bson:"subject"`
	// Text is paragraphs between which a line is empty.
	Text   string     `bson:"text"`
	Locale kit.Locale `bson:"locale"`
	// AboutID is the record that it is about; nil for none.
	AboutID *kit.ID `bson:"about,omitempty"`
	// Path is the page of the portal to which it leads, from a slash on; empty if it leads nowhere.
	Path string `bson:"path,omitempty"`
	// At and ReadAt are of the machine; ReadAt is nil while it is unread.
	At     kit.DateTime  `bson:"at"`
	ReadAt *kit.DateTime `bson:"readAt,omitempty"`
	// Key is that of the message, and Because the operation that told; see kit.Telling.
	Key     string `bson:"key"`
	Because string `bson:"because"`
	// Digest says that it waits for the daily message of the person.
	Digest bool `bson:"digest,omitempty"`
	// Mentions are the persons whom the texts name, so that it is erased with them.
	Mentions []kit.ID `bson:"mentions,omitempty" most:"20"`

	with *kit.Together[*Notification]
}

// Whether a notification was read, as its key says.
const (
	notificationUnread = "UNREAD"
	notificationRead   = "READ"
)

var notificationStates = []string{notificationUnread, notificationRead}

// NotificationNoun declares how notifications are stored. The listings find those of a person, the latest first, those that
// wait for a daily message, those that name a person, and all by age, for removal.
var NotificationNoun = store.Declare(store.Noun[Notification]{
	Name:     "notifications",
	Identity: func(n *Notification) (string, *int64) { return string(n.ID), &n.Version },
	Keys: []store.Key[Notification]{
		store.One("person", func(n *Notification, _ string) string { return string(n.PersonID) }),
		store.OneOf("kind", kit.NotificationKinds, func(n *Notification, _ string) kit.NotificationKind { return n.Kind }),
		store.OneOf("read", notificationStates, func(n *Notification, _ string) string {
			if n.ReadAt != nil {
				return notificationRead
			}
			return notificationUnread
		}),
		store.One("at", func(n *Notification, _ string) string { return string(n.At) }),
		store.One("digest", func(n *Notification, _ string) string {
			if n.Digest {
				return string(n.PersonID)
			}
			return ""
		}),
		store.Many("mentions", func(n *Notification, _ string) []string { return kit.Strings(n.Mentions) }),
	},
	Listings: []store.Listing{{Sort: "at"}, {Equal: []string{"person", "kind", "read"}, Sort: "at"}, {Sort: "digest"}, {Equal: []string{"digest"}, Sort: "at"}, {Has: "mentions"}},
})

// NotificationsOf returns the query for the notifications of a person.
func NotificationsOf(person kit.ID) store.Query { return (*NotificationFilter)(nil).of(person) }

// IsNode marks Notification as a type that the queries node and nodes can return.
func (n *Notification) IsNode() {}

// URL returns the address of the page to which a notification leads; nil if there is none.
func (s *NotificationService) URL(n *Notification) *string {
	if n.Path == "" {
		return nil
	}
	return new(s.core.PortalURL() + n.Path)
}

// NotificationService tells persons what happened, and keeps what they were told.
type NotificationService struct {
	core          *kit.Core
	notifications store.Collection[Notification]
	persons       *PersonService
	// everything reads records of all nouns that the caller may see.
	everything func(ctx context.Context, ids []kit.ID) ([]kit.Node, error)
}

// NotificationConnection and NotificationEdge page through notifications.
type (
	NotificationConnection = kit.Connection[*Notification]
	NotificationEdge       = kit.Edge[*Notification]
)

// NotificationFilter narrows the viewer's notifications. An empty list and null mean no restriction.
type NotificationFilter struct {
	Unread *bool
	Kinds  []kit.NotificationKind
}

// of returns the query for notifications of a person.
func (f *NotificationFilter) of(person kit.ID) store.Query {
	kinds, read := kit.Strings(kit.NotificationKinds), notificationStates
	if f != nil && len(f.Kinds) > 0 {
		kinds = kit.Strings(f.Kinds)
	}
	if f != nil && f.Unread != nil {
		state := notificationRead
		if *f.Unread {
			state = notificationUnread
		}
		read = []string{state}
	}
	return store.Query{Any: []store.Where{{"person": {string(person)}, "kind": kinds, "read": read}}, Sort: "at"}
}

// List pages through the notifications of a viewer, the latest first. Whoever has no record has none.
func (s *NotificationService) List(ctx context.Context, v *kit.Viewer, f *NotificationFilter, page kit.PageArgs) (*NotificationConnection, error) {
	found, err := kit.PageOf(ctx, s.core.Sealer, s.notifications, f.of(v.ID), store.Bounds{}, true, page)
	if err != nil {
		return nil, err
	}
	together(found.Nodes())
	return found, nil
}

// together has what notifications are about read in one call.
func together(all []*Notification) {
	with := &kit.Together[*Notification]{}
	for _, n := range all {
		if n != nil {
			n.with, with.Items = with, append(with.Items, n)
		}
	}
}

// About returns the record that a notification is about; nil if there is none, or the caller may not see it.
func (s *NotificationService) About(ctx context.Context, n *Notification) (kit.Node, error) {
	return kit.Neighbour(ctx, n.with, "about", n, func(ctx context.Context, all []*Notification) ([]kit.Node, error) {
		return s.everything(ctx, kit.Map(all, func(n *Notification) kit.ID { return kit.ID(kit.Deref(n.AboutID)) }))
	})
}

// Unread counts the unread notifications of a viewer.
func (s *NotificationService) Unread(ctx context.Context, v *kit.Viewer) (int, error) {
	return s.unread(ctx, v.ID)
}

func (s *NotificationService) unread(ctx context.Context, person kit.ID) (int, error) {
	plan, err := s.notifications.Plan((&NotificationFilter{Unread: new(true)}).of(person))
	if err != nil {
		return 0, err
	}
	n, err := s.notifications.Count(ctx, plan, store.Bounds{})
	return int(n), err
}

// ByIDs reads notifications in the order of ids. An entry is nil if there is no such record or it is not the caller's.
func (s *NotificationService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Notification, error) {
	found, err := s.notifications.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	actor := kit.ActorOf(ctx)
	for i, n := range found {
		if n != nil && (actor.Anonymous() || n.PersonID != actor.Subject) {
			found[i] = nil
		}
	}
	together(found)
	return found, nil
}

func (s *NotificationService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}
