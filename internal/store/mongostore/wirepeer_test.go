//lint:file-ignore SA1019 the driver still says hello by OP_QUERY

package mongostore_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"

	"memberportal/internal/store/mongostore"
)

// command is one that the driver sent: its fields, and the documents that came in sections of their
// own.
type command struct {
	bson.Raw
	name string
	docs []bson.Raw
}

func (c command) text(path ...string) string {
	s, _ := c.Lookup(path...).StringValueOK()
	return s
}

func (c command) has(field string) bool { return c.Lookup(field).Type != 0 }

func (c command) in() string { return c.text(c.name) }

// transaction identifies the transaction of a command, empty outside of one.
func (c command) transaction() string {
	if !c.has("autocommit") {
		return ""
	}
	return c.Lookup("lsid").String() + c.Lookup("txnNumber").String()
}

// dropped as an answer closes the connection.
var dropped = bson.D{{Key: "dropped", Value: true}}

var done = bson.D{{Key: "ok", Value: 1}}

func failed(code int32, name string, labels ...string) bson.D {
	return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "codeName", Value: name}, {Key: "errmsg", Value: "secret words about a document"}, {Key: "errorLabels", Value: labels}}
}

// wirePeer speaks as the primary of a replica set. It keeps ids only, those of a transaction until
// it is committed. A script may answer in its place; nil leaves the answer to it.
type wirePeer struct {
	addr   string
	stop   func()
	script func(c command) bson.D

	mu      sync.Mutex
	log     []command
	kept    []string
	pending map[string][]string
}

func newWirePeer(t *testing.T, script func(c command) bson.D) *wirePeer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wirePeer{addr: l.Addr().String(), script: script, pending: map[string][]string{}}
	var mu sync.Mutex
	open := []io.Closer{l}
	w.stop = func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			_ = c.Close()
		}
	}
	t.Cleanup(w.stop)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			go w.serve(c)
		}
	}()
	return w
}

// open opens a store on the peer, and begins a new log after the probe.
func (w *wirePeer) open(t *testing.T) *mongostore.Store {
	t.Helper()
	s, err := mongostore.Open(t.Context(), w.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.mu.Lock()
	w.log = nil
	w.mu.Unlock()
	return s
}

func (w *wirePeer) options() mongostore.Options {
	return mongostore.Options{URI: "mongodb://" + w.addr + "/portal?replicaSet=rs&w=0&serverSelectionTimeoutMS=2000"}
}

// commands gives what was sent since open, without the driver's own housekeeping.
func (w *wirePeer) commands() []command {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.log), func(c command) bool { return c.name == "ping" || c.name == "endSessions" })
}

func names(commands []command) string {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return strings.Join(names, " ")
}

func (w *wirePeer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		head := make([]byte, 4)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		message := make([]byte, binary.LittleEndian.Uint32(head))
		copy(message, head)
		if _, err := io.ReadFull(conn, message[4:]); err != nil {
			return
		}
		_, request, _, opcode, body, _ := wiremessage.ReadHeader(message)
		reply := w.answer(parse(opcode, body))
		if len(reply) > 0 && reply[0].Key == dropped[0].Key {
			return
		}
		raw, err := bson.Marshal(reply)
		if err != nil {
			panic(err)
		}
		if _, err := conn.Write(frame(opcode, request, raw)); err != nil {
			return
		}
	}
}

// parse reads OP_MSG, and OP_QUERY, which the driver uses for its first greeting.
func parse(opcode wiremessage.OpCode, body []byte) command {
	var c command
	if opcode == wiremessage.OpQuery {
		_, body, _ = wiremessage.ReadQueryFlags(body)
		_, body, _ = wiremessage.ReadQueryFullCollectionName(body)
		_, body, _ = wiremessage.ReadQueryNumberToSkip(body)
		_, body, _ = wiremessage.ReadQueryNumberToReturn(body)
		doc, _, _ := wiremessage.ReadQueryQuery(body)
		c.Raw = bson.Raw(doc)
	} else {
		_, body, _ = wiremessage.ReadMsgFlags(body)
	}
	for opcode == wiremessage.OpMsg && len(body) > 0 {
		var kind wiremessage.SectionType
		kind, body, _ = wiremessage.ReadMsgSectionType(body)
		if kind == wiremessage.SingleDocument {
			var doc bsoncore.Document
			doc, body, _ = wiremessage.ReadMsgSectionSingleDocument(body)
			c.Raw = bson.Raw(doc)
			continue
		}
		var docs []bsoncore.Document
		_, docs, body, _ = wiremessage.ReadMsgSectionDocumentSequence(body)
		for _, d := range docs {
			c.docs = append(c.docs, bson.Raw(d))
		}
	}
	elements, err := c.Elements()
	if err != nil || len(elements) == 0 {
		panic(fmt.Sprintf("opcode %v: %v", opcode, err))
	}
	c.name = elements[0].Key()
	return c
}

func frame(opcode wiremessage.OpCode, request int32, raw []byte) []byte {
	answer := wiremessage.OpMsg
	if opcode == wiremessage.OpQuery {
		answer = wiremessage.OpReply
	}
	start, b := wiremessage.AppendHeaderStart(nil, 1, request, answer)
	if answer == wiremessage.OpReply {
		b = wiremessage.AppendReplyFlags(b, 0)
		b = wiremessage.AppendReplyCursorID(b, 0)
		b = wiremessage.AppendReplyStartingFrom(b, 0)
		b = wiremessage.AppendReplyNumberReturned(b, 1)
	} else {
		b = wiremessage.AppendMsgFlags(b, 0)
		b = wiremessage.AppendMsgSectionType(b, wiremessage.SingleDocument)
	}
	b = append(b, raw...)
	return bsoncore.UpdateLength(b, start, int32(len(b)))
}

func (w *wirePeer) answer(c command) bson.D {
	if lower := strings.ToLower(c.name); lower == "hello" || lower == "ismaster" {
		return w.greeting()
	}
	w.mu.Lock()
	w.log = append(w.log, c)
	w.mu.Unlock()
	if w.script != nil {
		if reply := w.script(c); reply != nil {
			return reply
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch c.name {
	case "ping", "endSessions", "abortTransaction", "create", "createIndexes":
		return done
	case "insert":
		return w.insert(c)
	case "commitTransaction":
		w.kept = append(w.kept, w.pending[c.transaction()]...)
		return done
	case "update", "delete":
		return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 1}, {Key: "nModified", Value: 1}}
	case "find":
		return w.find(c)
	}
	return failed(59, "CommandNotFound")
}

func (w *wirePeer) insert(c command) bson.D {
	for _, doc := range c.docs {
		id := c.in() + "/" + doc.Lookup("_id").StringValue()
		if tx := c.transaction(); tx != "" {
			w.pending[tx] = append(w.pending[tx], id)
		} else {
			w.kept = append(w.kept, id)
		}
	}
	return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: len(c.docs)}}
}

func (w *wirePeer) find(c command) bson.D {
	id := c.text("filter", "_id")
	if slices.Contains(w.kept, c.in()+"/"+id) {
		return found(c.in(), bson.D{{Key: "_id", Value: id}})
	}
	return found(c.in())
}

func found(in string, docs ...any) bson.D {
	if docs == nil {
		docs = []any{}
	}
	return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "portal." + in}, {Key: "firstBatch", Value: docs}}}}
}

func (w *wirePeer) greeting() bson.D {
	return bson.D{
		{Key: "ok", Value: 1}, {Key: "helloOk", Value: true}, {Key: "ismaster", Value: true}, {Key: "isWritablePrimary", Value: true},
		{Key: "setName", Value: "rs"}, {Key: "setVersion", Value: 1}, {Key: "hosts", Value: bson.A{w.addr}}, {Key: "me", Value: w.addr}, {Key: "primary", Value: w.addr},
		{Key: "maxBsonObjectSize", Value: 16 << 20}, {Key: "maxMessageSizeBytes", Value: 48 << 20}, {Key: "maxWriteBatchSize", Value: 100_000},
		{Key: "logicalSessionTimeoutMinutes", Value: 30}, {Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "localTime", Value: time.Now()},
	}
}
