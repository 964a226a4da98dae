package benefits

import (
	"context"
	"fmt"
	"slices"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// BenefitAct is something that a person does in the portal to make use of a benefit.
type BenefitAct string

// The acts. A new one needs a row of actLabels, and of actPages, seriesLabels or both.
const (
	SeeEvents           BenefitAct = "SEE_EVENTS"
	RegisterForEvent    BenefitAct = "REGISTER_FOR_EVENT"
	SubmitContribution  BenefitAct = "SUBMIT_CONTRIBUTION"
	ProposeTopic        BenefitAct = "PROPOSE_TOPIC"
	ReplyToConsultation BenefitAct = "REPLY_TO_CONSULTATION"
	SeeMembership       BenefitAct = "SEE_MEMBERSHIP"
	UpdateProfile       BenefitAct = "UPDATE_PROFILE"
)

// BenefitActs lists every BenefitAct.
var BenefitActs = []BenefitAct{SeeEvents, RegisterForEvent, SubmitContribution, ProposeTopic, ReplyToConsultation, SeeMembership, UpdateProfile}

// Valid returns an error for a value that is not in BenefitActs.
func (v BenefitAct) Valid() error { return kit.CheckOneOf(v, BenefitActs, "act") }

// actPages are where the acts are done if they name no series. SUBMIT_CONTRIBUTION and PROPOSE_TOPIC have none, because
// they are done in a series.
var actPages = map[BenefitAct]string{
	SeeEvents: kit.EventsPath, RegisterForEvent: kit.EventsPath, ReplyToConsultation: kit.ConsultationsPath, SeeMembership: kit.OwnMemberPath, UpdateProfile: kit.OwnMemberPath,
}

// actLabels are the texts of links to the acts.
var actLabels = map[BenefitAct]kit.Label{
	SeeEvents: "benefit.act.seeEvents", RegisterForEvent: "benefit.act.register", SubmitContribution: "benefit.act.contribute", ProposeTopic: "benefit.act.propose",
	ReplyToConsultation: "benefit.act.reply", SeeMembership: "benefit.act.membership", UpdateProfile: "benefit.act.profile",
}

// seriesLabels are the texts of links to the acts that are done in a series, which they name.
var seriesLabels = map[BenefitAct]kit.Label{
	SeeEvents: "benefit.act.seeEvents.inSeries", RegisterForEvent: "benefit.act.register.inSeries", SubmitContribution: "benefit.act.contribute.inSeries",
	ProposeTopic: "benefit.act.propose.inSeries",
}

// BenefitAction is an act that a benefit names, and the series of events in which it is done. Everybody who sees the
// benefit sees it.
type BenefitAction struct {
	Act BenefitAct `bson:"act"`
	// SeriesID is the series; nil if the act is not done in one.
	SeriesID *kit.ID `bson:"series,omitempty"`

	with *kit.Together[*BenefitAction]
}

// BenefitActionInput names an act, and the series in which it is done.
type BenefitActionInput struct {
	Act    BenefitAct
	Series *kit.ID
}

// maxActions limits the acts of a benefit.
const maxActions = 10

// stored returns the actions of an input as they are kept: nil for none, as in benefits that were stored before there were
// actions.
func stored(actions []BenefitActionInput) []*BenefitAction {
	if len(actions) == 0 {
		return nil
	}
	return kit.Map(actions, BenefitActionInput.action)
}

func (in BenefitActionInput) action() *BenefitAction {
	return &BenefitAction{Act: in.Act, SeriesID: in.Series}
}

// is says whether two actions are one act in one series.
func (a *BenefitAction) is(b *BenefitAction) bool {
	return a.Act == b.Act && kit.Deref(a.SeriesID) == kit.Deref(b.SeriesID)
}

// Path returns the path below the portal's address of the page where the caller does the act: that of the series, that of
// the only member for which the caller acts, or a list.
func (a *BenefitAction) Path(ctx context.Context) string {
	if a.SeriesID != nil {
		return kit.PagePath(*a.SeriesID)
	}
	path := actPages[a.Act]
	if path != kit.OwnMemberPath {
		return path
	}
	if own := kit.ActorOf(ctx).Entities(); len(own) == 1 && own[0].Prefix() != kit.CountryPrefix {
		return kit.PagePath(own[0])
	}
	return path
}

// SeriesOf returns the series of an action; nil if it has none or its record is damaged. One call serves all actions that
// were read together.
func (s *BenefitService) SeriesOf(ctx context.Context, a *BenefitAction) (*events.EventSeries, error) {
	if a.SeriesID == nil {
		return nil, nil
	}
	return kit.Neighbour(ctx, a.with, "series", a, s.seriesOf)
}

// seriesOf reads the series of actions in one call; nil where there is none.
func (s *BenefitService) seriesOf(ctx context.Context, all []*BenefitAction) ([]*events.EventSeries, error) {
	return s.series.ByIDs(ctx, kit.Map(all, func(a *BenefitAction) kit.ID { return kit.ID(kit.Deref(a.SeriesID)) }))
}

// LabelOf returns the text of the link to an act, in the caller's language: what is done, and the name of the series.
func (s *BenefitService) LabelOf(ctx context.Context, a *BenefitAction) (string, error) {
	l := kit.LocaleOf(ctx)
	series, err := s.SeriesOf(ctx, a)
	if err != nil || series == nil {
		return kit.Message(l, string(actLabels[a.Act]), nil), err
	}
	return kit.Message(l, string(seriesLabels[a.Act]), map[string]string{"series": series.Title.Text(ctx, nil)}), nil
}

// shown lets the actions of benefits be read together.
func shown(all ...*Benefit) {
	with := &kit.Together[*BenefitAction]{}
	for _, b := range all {
		if b == nil {
			continue
		}
		for _, a := range b.StoredActions {
			a.with, with.Items = with, append(with.Items, a)
		}
	}
}

// Actions returns what a person does in the portal to make use of the benefit, in the order of its texts; empty if its
// texts name no act.
func (b *Benefit) Actions() []*BenefitAction {
	if b.StoredActions == nil {
		return []*BenefitAction{}
	}
	return b.StoredActions
}

// checkActions adds to f what is wrong with the actions of an input. series are those that they name, nil where there is none.
func checkActions(f *kit.Faults, actions []BenefitActionInput, series []*events.EventSeries) {
	f.Between("input.actions", len(actions), 0, maxActions)
	for i, in := range actions {
		path, a := fmt.Sprintf("input.actions.%d", i), in.action()
		switch _, alone := actPages[in.Act]; {
		case in.Series == nil && !alone:
			f.Add(kit.CodeRequired, path+".series", "required.actSeries", nil)
		case in.Series != nil && seriesLabels[in.Act] == "":
			f.Add(kit.CodeInvalid, path+".series", "invalid.actSeries", nil)
		case in.Series != nil && series[i] == nil:
			f.Add(kit.CodeUnknownReference, path+".series", "unknownReference", nil)
		}
		if slices.ContainsFunc(actions[:i], func(other BenefitActionInput) bool { return other.action().is(a) }) {
			f.Add(kit.CodeDuplicate, path, "duplicate.entry", nil)
		}
	}
}
