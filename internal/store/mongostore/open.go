// Package mongostore keeps documents in MongoDB: one collection for each kind, the documents as the
// structs encode themselves, and the keys that listings are made of beside them in one reserved
// field. It is written for MongoDB 6 to 8 as a replica set or sharded cluster. It imports the port
// and the MongoDB driver; it knows no noun, and no type of the driver leaves it.
package mongostore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"memberportal/internal/store"
)

const (
	// defaultDatabase is used when neither the options nor the URI name one.
	defaultDatabase = "memberportal"
	// reachTimeout bounds the search for a server and the opening of a connection.
	reachTimeout = 5 * time.Second
	// callTimeout bounds a call or a transaction, all retries together, unless the caller's context
	// ends earlier.
	callTimeout = 10 * time.Second
)

// ErrNotAtomic says that the server has no transactions, so that a change and its audit entry could
// part. Only tests may use such a server.
var ErrNotAtomic = errors.New("this MongoDB offers no transactions: run it as a replica set (compose.yaml does) or as a sharded cluster")

// Options say how a database is opened.
type Options struct {
	// URI is the connection string. It may hold a password and is repeated in no error.
	URI string
	// Database is by default the one that the URI names, else "memberportal".
	Database string
	// AllowNonAtomic accepts a server without transactions. It is a test option: Tx then only keeps
	// the writes of this process in turn, and rolls nothing back.
	AllowNonAtomic bool
	// ReadOnly refuses every write as store.ErrReadOnly. It writes nothing either to find out whether the server
	// has transactions, and takes one that has none.
	ReadOnly bool
}

// Store is one database of a MongoDB deployment. Make it with Open.
type Store struct {
	client *mongo.Client
	db     *mongo.Database
	// prefix begins the names of all collections; only those of a store that is to replace another have one.
	prefix   string
	readOnly bool
	atomic   bool
	turn     chan struct{}
	day      atomic.Value
	password string
	damage   store.Damage
}

var _ store.Store = (*Store)(nil)

// Open connects, and proves with two small transactions that the server keeps them whole. It returns
// ErrNotAtomic if it does not, store.ErrUnavailable if no server answers.
func Open(ctx context.Context, o Options) (*Store, error) {
	settings, err := clientOptions(o.URI)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(settings)
	if err != nil {
		return nil, errBadURI
	}
	s := &Store{client: client, turn: make(chan struct{}, 1), readOnly: o.ReadOnly}
	s.day.Store("")
	if settings.Auth != nil {
		s.password = settings.Auth.Password
	}
	s.db = client.Database(databaseName(o))
	if err := s.begin(ctx, o.AllowNonAtomic); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) collection(k *store.Kind) *mongo.Collection {
	return s.db.Collection(s.prefix + k.Name)
}

func (s *Store) begin(ctx context.Context, allowNonAtomic bool) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	if s.readOnly {
		return s.askForReplicas(ctx)
	}
	err := s.probe(ctx)
	s.atomic = err == nil
	if errors.Is(err, ErrNotAtomic) && allowNonAtomic {
		return nil
	}
	return err
}

var errBadURI = errors.New("the MongoDB URI is not valid (it is not shown here, because it may hold a password)")

// clientOptions reads the URI and sets what must hold whatever it says: writes that a majority keeps,
// and reads from the primary, so that a reader sees what it has just written.
func clientOptions(uri string) (*options.ClientOptions, error) {
	o := options.Client().ApplyURI(uri)
	if err := o.Validate(); err != nil {
		if _, lookup := errors.AsType[*net.DNSError](err); lookup {
			return nil, fmt.Errorf("%w: the hosts of the MongoDB URI cannot be looked up", store.ErrUnavailable)
		}
		return nil, errBadURI
	}
	o.SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary())
	if o.AppName == nil {
		o.SetAppName("memberportal")
	}
	if o.ServerSelectionTimeout == nil {
		o.SetServerSelectionTimeout(reachTimeout)
	}
	if o.ConnectTimeout == nil {
		o.SetConnectTimeout(reachTimeout)
	}
	if o.Timeout == nil {
		o.SetTimeout(callTimeout)
	}
	return o, nil
}

// databaseName finds the database by hand, because net/url refuses a list of hosts with ports.
func databaseName(o Options) string {
	if o.Database != "" {
		return o.Database
	}
	_, rest, _ := strings.Cut(o.URI, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	if name, err := url.PathUnescape(path); err == nil && name != "" {
		return name
	}
	return defaultDatabase
}

// Name is "mongodb".
func (s *Store) Name() string { return "mongodb" }

// Atomic says whether the server kept the transactions of the probe whole.
func (s *Store) Atomic() bool { return s.atomic }

// Exclusive is false: any number of processes may write.
func (s *Store) Exclusive() bool { return false }

// Day is the date for which keys are derived.
func (s *Store) Day() string { return s.day.Load().(string) }

// SetDay changes the date for which later writes derive keys.
func (s *Store) SetDay(day string) { s.day.Store(day) }

// Ping asks the primary.
func (s *Store) Ping(ctx context.Context) error {
	return s.translate(ctx, "asking for the server", s.client.Ping(ctx, readpref.Primary()))
}

// Close waits for running calls, not longer than a call may take, and closes the connections.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	err := s.client.Disconnect(ctx)
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return nil
	}
	return s.translate(ctx, "closing", err)
}
