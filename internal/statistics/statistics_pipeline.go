package statistics

import (
	"context"
	"fmt"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// MembershipPipeline has the organisations that are about to become members on the day of the statistics.
type MembershipPipeline struct {
	SectorMembersAndAssociates PipelineStages
	Academia                   PipelineStages
}

// PipelineStages are the steps before membership. They are not added up, and none is weighted by its probability.
type PipelineStages struct {
	// PendingApproval are the applications that are submitted and not decided.
	PendingApproval PipelineStage
	// ApprovedUnpaid are the members that are admitted, not activated and not exempt.
	ApprovedUnpaid PipelineStage
	// ApprovedExempt are the members that are admitted, not activated and exempt.
	ApprovedExempt PipelineStage
}

// PipelineStage has the organisations at a step.
type PipelineStage struct {
	Total        int64
	ByCategory   []CategoryCount
	ByRegion     []country.RegionCount
	ByStudyGroup []StudyGroupCount
	// Value is the sum of what they would pay for a whole year, without the unpriced ones.
	Value kit.Money
	// Unpriced counts those whose fee no tariff sets.
	Unpriced int64

	ofApplications        bool
	applications, members []int32
	list                  string
}

// Pipeline returns the organisations that are about to become members on the day of the statistics. SECRETARIAT
// only.
func (s *StatisticsService) Pipeline(ctx context.Context, q *MembershipStatistics) (*MembershipPipeline, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	s.ledger.held.RLock()
	defer s.ledger.held.RUnlock()
	at := s.ledger.Underway(q.AsOf, q.known)
	stages := func(group int) PipelineStages {
		name := func(stage string) string { return q.list(fmt.Sprintf("pipeline.%s.%s.%d", stage, q.AsOf, group)) }
		pending := at[group].pending.result(name("pending"))
		pending.ofApplications = true
		return PipelineStages{pending, at[group].Unpaid.result(name("unpaid")), at[group].exempt.result(name("exempt"))}
	}
	return &MembershipPipeline{stages(groupMembers), stages(groupAcademia)}, nil
}

// underway has the steps of a group.
type underway struct{ pending, Unpaid, exempt stageCounter }

// stageCounter counts the organisations at a step.
type stageCounter struct {
	memberCounter
	applications, members []int32
	value                 kit.Decimal
	unpriced              int64
}

func (c *stageCounter) count(f Footing, p price) {
	c.memberCounter.count(f, false)
	if p.known {
		c.value += p.amount
	} else {
		c.unpriced++
	}
}

func (c *stageCounter) result(list string) PipelineStage {
	return PipelineStage{
		Total: c.total, ByCategory: c.categories(), ByRegion: c.regions(), ByStudyGroup: c.studyGroups(), Value: kit.Money{Amount: c.value, Currency: kit.CHF}, Unpriced: c.unpriced,
		applications: c.applications, members: c.members, list: list,
	}
}

// Underway returns the organisations that are about to become members on a day.
func (l *Ledger) Underway(day kit.Date, known kit.DayNumber) (at [Groups]underway) {
	l.Applications.On(day.Number(), known, func(a *ApplicationState) {
		c := &at[GroupOf(a.Category)].pending
		c.count(Footing{Category: a.Category, Region: a.Region, StudyGroup: a.StudyGroup}, l.rates.on(a.rate, day))
		c.applications = append(c.applications, a.Application)
	})
	l.Members.On(day.Number(), known, func(m *MemberState) {
		if m.Is.Status != PlacePending {
			return
		}
		c := &at[GroupOf(m.Is.Category)].Unpaid
		if m.Is.exempt {
			c = &at[GroupOf(m.Is.Category)].exempt
		}
		c.count(m.Is, l.rates.on(m.Is.rate, day))
		c.members = append(c.members, m.Member)
	})
	return at
}

// StageMembers pages through the members at a step by name, as they are today; nil if the step has applications.
func (s *StatisticsService) StageMembers(ctx context.Context, stage *PipelineStage, args kit.PageArgs) (*membership.MemberConnection, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil || stage.ofApplications {
		return nil, err
	}
	return s.page(ctx, stage.members, stage.list, args, func(membership.Membership) bool { return false })
}

// StageApplications pages through the applications at a step by id, as they are today; nil if the step has members.
func (s *StatisticsService) StageApplications(ctx context.Context, stage *PipelineStage, args kit.PageArgs) (*applications.ApplicationConnection, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil || !stage.ofApplications {
		return nil, err
	}
	s.ledger.held.RLock()
	ids := kit.Map(stage.applications, func(i int32) kit.ID { return s.ledger.Asked.IDs[i] })
	s.ledger.held.RUnlock()
	page, err := kit.PageOfMemory(s.core.Sealer, ids, func(id kit.ID) string { return string(id) }, stage.list, false, args)
	if err != nil {
		return nil, err
	}
	found, err := s.applications.ByIDs(ctx, page.Nodes())
	if err != nil {
		return nil, err
	}
	c := &applications.ApplicationConnection{PageInfo: page.PageInfo, Count: page.Count, Edges: []applications.ApplicationEdge{}}
	for i, a := range found {
		if a != nil {
			c.Edges = append(c.Edges, applications.ApplicationEdge{Cursor: page.Edges[i].Cursor, Node: a})
		}
	}
	return c, nil
}
