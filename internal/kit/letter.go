package kit

import (
	"fmt"
	"slices"
)

// Letter is what somebody is told, by mail or as a notification: texts of the catalogue, filled with values. It holds
// nothing that is confidential, because mail is read by others on its way.
type Letter struct {
	// Key names the texts KEY.subject and KEY.body.
	Key string
	// Params are the values of the texts; see Fill.
	Params map[string]any
	// About is the record that it is about. It leads to the page of that record, and mails about one record stand
	// together in programs for mail. Empty if there is none.
	About ID
	// Path is where it leads instead, from a slash on. Action is the key of the text of that link.
	Path, Action string
	// Mentions are the persons whom Params name.
	Mentions []ID
}

// Texts returns what is said in a language: a subject, and paragraphs between which a line is empty. Both are empty if the
// catalogue has no such message.
func (x Letter) Texts(l Locale) (subject, body string) {
	plain := make(map[string]any, len(x.Params))
	for name, value := range x.Params {
		switch v := value.(type) {
		case int:
			plain[name] = v
		case Lines:
			plain[name] = Lines(Map(v, plainLine))
		default:
			plain[name] = plainLine(writeParam(l, value))
		}
	}
	return Fill(l, Messages[x.Key+".subject"][l], plain), Fill(l, Messages[x.Key+".body"][l], plain)
}

// Leads returns the text of the link of a message, and the path on the portal; both are empty if it leads nowhere.
func (x Letter) Leads(l Locale) (action, path string) {
	path = x.Page()
	key := x.Action
	if x.Path == "" {
		key = pages[x.About.Prefix()].action
	}
	if path == "" {
		return "", ""
	}
	return Message(l, key, nil), path
}

// Page returns the path to which the letter leads; empty if it leads nowhere.
func (x Letter) Page() string {
	if x.Path != "" {
		return x.Path
	}
	return PagePath(x.About)
}

// pages are where the pages of records are, by the prefix of their ids, and the texts of links to them. The paths do
// not change, because old messages lead to them.
var pages = map[string]struct{ path, action string }{
	"app": {"/applications/", "mail.action.application"},
	"ben": {"/benefits/", "mail.action.benefit"},
	"con": {"/consultations/", "mail.action.consultation"},
	"evt": {"/events/", "mail.action.event"},
	"ivc": {"/invoices/", "mail.action.invoice"},
	"lia": {"/liaison-statements/", "mail.action.liaisonStatement"},
	"mem": {"/members/", "mail.action.member"},
	"cty": {"/countries/", "mail.action.country"},
	"ser": {"/series/", "mail.action.series"},
	"sfb": {"/service-feedback/", "mail.action.serviceFeedback"},
}

// The paths of pages that list what the reader sees. They do not change, for the same reason.
const (
	// EventsPath has the events that are to come.
	EventsPath = "/events"
	// ConsultationsPath has the consultations that are open.
	ConsultationsPath = "/consultations"
	// OwnMemberPath leads to the member for which the reader acts.
	OwnMemberPath = "/member"
)

// ListPaths are the paths of pages that list what the reader sees.
var ListPaths = []string{EventsPath, ConsultationsPath, OwnMemberPath}

// PagePath returns the path of the page of a record; empty if its kind has none.
func PagePath(id ID) string {
	if p, ok := pages[id.Prefix()]; ok {
		return p.path + string(id)
	}
	return ""
}

// PagePaths returns the paths of pages of records, each with a slash at the end.
func PagePaths() (paths []string) {
	for _, p := range pages {
		paths = append(paths, p.path)
	}
	slices.Sort(paths)
	return paths
}

// PageActions returns the keys of the texts of links to records.
func PageActions() (keys []string) {
	for _, p := range pages {
		keys = append(keys, p.action)
	}
	return keys
}

// NotificationKind is what a message is about, as far as people choose which they get.
type NotificationKind string

// The kinds of messages.
const (
	// AboutAccount: codes, ways to sign in, sessions, roles, the address.
	AboutAccount NotificationKind = "ACCOUNT"
	// AboutMandate: invitations, appointments, hand-overs, ends of mandates.
	AboutMandate NotificationKind = "MANDATE"
	// AboutApplication: what becomes of an application for membership.
	AboutApplication NotificationKind = "APPLICATION"
	// AboutMembership: activation, withdrawal, suspension, exclusion, changes, exemptions.
	AboutMembership NotificationKind = "MEMBERSHIP"
	// AboutInvoice: invoices issued, due, overdue, paid.
	AboutInvoice NotificationKind = "INVOICE"
	// AboutConsultation: consultations opened, changed, closed.
	AboutConsultation NotificationKind = "CONSULTATION"
	// AboutDeadline: reminders that a reply is missing.
	AboutDeadline NotificationKind = "CONSULTATION_REMINDER"
	// AboutReply: receipts, and what happens to one's own reply.
	AboutReply NotificationKind = "REPLY"
	// AboutSynthesis: what was made of the replies.
	AboutSynthesis NotificationKind = "SYNTHESIS"
	// AboutRegistration: places at events.
	AboutRegistration NotificationKind = "REGISTRATION"
	// AboutEvent: events that are changed, postponed or cancelled.
	AboutEvent NotificationKind = "EVENT"
	// AboutDocument: documents of events.
	AboutDocument NotificationKind = "DOCUMENT"
	// AboutContribution: what becomes of contributions.
	AboutContribution NotificationKind = "CONTRIBUTION"
	// AboutService: answers to feedback on services.
	AboutService NotificationKind = "SERVICE_FEEDBACK"
	// AboutTask: what the secretariat and the operators are to do.
	AboutTask NotificationKind = "TASK"
)

// NotificationKinds lists every kind; Valid accepts no other.
var NotificationKinds = []NotificationKind{
	AboutAccount, AboutMandate, AboutApplication, AboutMembership, AboutInvoice, AboutConsultation, AboutDeadline, AboutReply,
	AboutSynthesis, AboutRegistration, AboutEvent, AboutDocument, AboutContribution, AboutService, AboutTask,
}

// Valid refuses a value that is not in NotificationKinds.
func (v NotificationKind) Valid() error { return CheckOneOf(v, NotificationKinds, "notification kind") }

// Owed says that messages of a kind are always mailed at once: they say what has legal effect, what is to be paid, or
// that somebody may be acting in one's name.
func (v NotificationKind) Owed() bool {
	return slices.Contains([]NotificationKind{AboutAccount, AboutMandate, AboutApplication, AboutMembership, AboutInvoice, AboutReply}, v)
}

// Telling is a row of the table that says who is told of what. Each mutation, and each thing that the clock does, has
// one row for each message that it sends, or one that says why nobody is told.
type Telling struct {
	// On is the operation, by its name in the audit log: that of a mutation, «clock», or that of a command.
	On string
	// Due is what the clock does; empty for other operations.
	Due DueKind
	// Key is that of the message; see Letter.
	Key  string
	Kind NotificationKind
	// To says in words who gets it.
	To string
	// Nobody says why nobody is told. The fields from Key on are empty then.
	Nobody string
}

// KindOf returns what a letter is about, by the table of messages. It is an error if no row names the letter, the catalogue
// does not have it, or a value of its texts is missing: nobody gets a message with a hole.
func (c *Core) KindOf(x Letter) (NotificationKind, error) {
	kind, ok := c.kinds[x.Key]
	if !ok {
		return "", fmt.Errorf("no row of the table of messages names %q", x.Key)
	}
	takes := x.takes()
	if takes == nil {
		return "", fmt.Errorf("the catalogue has no message %q", x.Key)
	}
	for name := range takes {
		if x.Params[name] == nil {
			return "", fmt.Errorf("the message %q has no value for {%s}", x.Key, name)
		}
	}
	return kind, nil
}

// Takes says whether the texts of the letter have a place for a value.
func (x Letter) Takes(name string) bool {
	_, ok := x.takes()[name]
	return ok
}

// takes are the names of the values that the texts of a letter need; nil if the catalogue has no such message.
func (x Letter) takes() map[string][]string {
	subject, body := Messages[x.Key+".subject"][English], Messages[x.Key+".body"][English]
	if subject == "" || body == "" {
		return nil
	}
	return MessagePlaces(subject + body)
}

// kindsOf are the kinds of messages by their keys.
func kindsOf(tellings []Telling) map[string]NotificationKind {
	kinds := map[string]NotificationKind{}
	for _, t := range tellings {
		if t.Key != "" {
			kinds[t.Key] = t.Kind
		}
	}
	return kinds
}
