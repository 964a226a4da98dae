package mongostore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/store"
)

// probeCollection is left in place, empty: dropping it would disturb another process's probe.
const probeCollection = "_probe"

var errProbe = errors.New("probe: roll this back")

// probe finds out whether transactions are kept whole. It is asked and never inferred: there are
// servers that advertise sessions, ignore startTransaction, make writes visible at once and answer
// the abort with success.
func (s *Store) probe(ctx context.Context) error {
	c := s.db.Collection(probeCollection)
	name := rand.Text()
	plain, aborted, committed := name+"-plain", name+"-aborted", name+"-committed"
	insert := func(ctx context.Context, id string) error {
		_, err := c.InsertOne(ctx, bson.D{{Key: "_id", Value: id}})
		return s.translate(ctx, "probing for transactions", err)
	}
	// Outside of a transaction first: if this fails, transactions are not what is missing.
	if err := insert(ctx, plain); err != nil {
		return err
	}
	defer tidy(ctx, c, bson.A{plain, aborted, committed})
	err := s.transact(ctx, func(ctx context.Context) error {
		if err := insert(ctx, aborted); err != nil {
			return err
		}
		return errProbe
	})
	if !errors.Is(err, errProbe) {
		return notAtomic(err)
	}
	if err := s.transact(ctx, func(ctx context.Context) error { return insert(ctx, committed) }); err != nil {
		return notAtomic(err)
	}
	for id, want := range map[string]int64{aborted: 0, committed: 1} {
		n, err := s.countIDs(ctx, c, id)
		if err != nil {
			return err
		}
		if n != want {
			return fmt.Errorf("%w (of a transaction's one document it kept %d and not %d)", ErrNotAtomic, n, want)
		}
	}
	return nil
}

func tidy(ctx context.Context, c *mongo.Collection, ids bson.A) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reachTimeout)
	defer cancel()
	_, _ = c.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}})
}

// notAtomic tells a server that refuses transactions from one that does not answer.
func notAtomic(err error) error {
	if errors.Is(err, store.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w (%v)", ErrNotAtomic, err)
}

// askForReplicas has the server say whether it is a member of a replica set or stands before a sharded cluster, which
// have transactions. That is enough for who only reads.
func (s *Store) askForReplicas(ctx context.Context) error {
	var said struct {
		SetName string `bson:"setName"`
		Message string `bson:"msg"`
	}
	err := s.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&said)
	s.atomic = err == nil && (said.SetName != "" || said.Message == "isdbgrid")
	return s.translate(ctx, "asking what the server is", err)
}
