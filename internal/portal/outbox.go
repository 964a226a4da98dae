package portal

import (
	"context"
	"time"

	"memberportal/internal/store"
)

// outgoing is a message that is to be sent.
type outgoing struct {
	ID        ID       `bson:"_id"`
	Version   int64    `bson:"version"`
	To        string   `bson:"to"`
	Recipient string   `bson:"recipient"`
	Key       string   `bson:"key"`
	Locale    Locale   `bson:"locale"`
	Subject   string   `bson:"subject"`
	Body      string   `bson:"body"`
	At        DateTime `bson:"at"`
}

var outboxNoun = store.Declare(store.Noun[outgoing]{
	Name:     "outbox",
	Identity: func(o *outgoing) (string, *int64) { return string(o.ID), &o.Version },
	Valid:    func(o *outgoing) error { return within(o.Locale, Locales, "language") },
	Keys: []store.Key[outgoing]{
		store.One("recipient", func(o *outgoing, _ string) string { return o.Recipient }),
		store.One("at", func(o *outgoing, _ string) string { return string(o.At) }),
	},
	Listings: []store.Listing{{Sort: "at"}, {Equal: []string{"recipient"}, Sort: "at"}},
})

// post queues a message whose subject and body are texts of the catalogue, in the caller's transaction.
func (c *core) post(ctx context.Context, to string, l Locale, key string, params map[string]string) error {
	return outboxNoun.In(c.store).Insert(ctx, &outgoing{
		ID: c.newID("msg"), To: to, Recipient: hash(Fold(to), key), Key: key, Locale: l, At: DateTimeOf(c.wall()),
		Subject: message(l, key+".subject", params), Body: message(l, key+".body", params),
	})
}

// recentlyPosted is how many messages of a key went to a recipient since an instant of the machine's time.
func (c *core) recentlyPosted(ctx context.Context, to, key string, since time.Time) (int, error) {
	outbox := outboxNoun.In(c.store)
	plan, err := outbox.Plan(store.Query{Any: []store.Where{{"recipient": {hash(Fold(to), key)}}}, Sort: "at"})
	if err != nil {
		return 0, err
	}
	n, err := outbox.Count(ctx, plan, store.Bounds{After: string(DateTimeOf(since))})
	return int(n), err
}
