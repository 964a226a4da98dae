package testkit

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/applications"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

var demonstrationFolder madeOnce

// demonstration is the whole demonstration as a first start makes it, with few persons.
func demonstration(t testing.TB) store.Store {
	t.Helper()
	return openSQLite(t, demonstrationFolder.in(t, load))
}

func load(t testing.TB, s store.Store) {
	t.Helper()
	ctx := context.Background()
	x, err := store.Begin(ctx, s, portal.Kinds(), string(Today), true)
	if err != nil {
		t.Fatal(err)
	}
	wall := func() time.Time { return Now.Add(-time.Hour) }
	if _, err := seed.Load(ctx, seed.Options{Store: s, Countries: Countries(t), Zone: time.UTC, Wall: wall, Members: seed.Members, People: 1}); err != nil {
		t.Fatal(err)
	}
	if err := people.PersonNoun.In(s).Insert(ctx, Staff()...); err != nil {
		t.Fatal(err)
	}
	if err := x.End(ctx); err != nil {
		t.Fatal(err)
	}
}

// mongoDemonstration copies what is counted of the demonstration to the MongoDB peer, on which loading all of
// it takes minutes.
func mongoDemonstration(t testing.TB) store.Store {
	t.Helper()
	const name = "portal_test_demonstration"
	peer, from := Mongo(t), demonstration(t)
	onMongo(t, peer, func(ctx context.Context, c *mongo.Client) error { return c.Database(name).Drop(ctx) })
	to := openMongo(t, peer, name)
	counted := slices.DeleteFunc(portal.Kinds(), func(k *store.Kind) bool {
		return !slices.Contains([]string{"members", "invoices", "feeExemptions", "applications", "notices", "persons"}, k.Name)
	})
	if err := to.Prepare(context.Background(), counted); err != nil {
		t.Fatal(err)
	}
	copyAll(t, membership.MemberNoun.In(from), membership.MemberNoun.In(to), store.Query{Any: []store.Where{{}}, Sort: "name"})
	copyAll(t, membership.InvoiceNoun.In(from), membership.InvoiceNoun.In(to), store.Query{Any: []store.Where{{"state": {"OPEN", "SETTLED", "CANCELLED"}}}, Sort: "dueOn"})
	copyAll(t, membership.FeeExemptionNoun.In(from), membership.FeeExemptionNoun.In(to), store.Query{Any: []store.Where{{"state": {"REQUESTED", "GRANTED", "REFUSED", "EXPIRED"}}}, Sort: "requestedOn"})
	if err := people.PersonNoun.In(to).Insert(context.Background(), Staff()...); err != nil {
		t.Fatal(err)
	}
	copyAll(t, applications.ApplicationNoun.In(from), applications.ApplicationNoun.In(to), store.Query{Any: []store.Where{{}}})
	return to
}

func copyAll[T any](t testing.TB, from, to store.Collection[T], q store.Query) {
	t.Helper()
	plan, err := from.Plan(q)
	if err != nil {
		t.Fatal(err)
	}
	for r := (store.Range{Limit: store.MaxLimit - 1}); ; {
		page, err := from.Page(context.Background(), plan, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := to.Insert(context.Background(), page.Docs...); err != nil {
			t.Fatal(err)
		}
		if !page.More {
			return
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
}
