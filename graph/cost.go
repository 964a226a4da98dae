package graph

import (
	"context"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// The cost of an operation is the number of objects that its answer can hold and of entries of lists in
// its arguments: an object and an entry cost 1, a scalar nothing. A connection has as many items as first or last says; other lists are taken to have
// as many as sizes says. What takes more work than that has a weight.

// weights are what fields cost beside the objects that they hold. A count of 100,000 members took
// 8.6 ms on SQLite, a search that ranks 1,000 hits 24 ms: so that a visitor’s six counts or one
// search stay at 50 ms or below. A search has counted its hits already.
var weights = map[string]int{
	"ApplicationConnection.totalCount":             800,
	"AuditEntryConnection.totalCount":              800,
	"BenefitConnection.totalCount":                 800,
	"ConsultationConnection.totalCount":            800,
	"ContributionConnection.totalCount":            800,
	"CountryConnection.totalCount":                 800,
	"EventConnection.totalCount":                   800,
	"EventInvitationConnection.totalCount":         800,
	"EventSeriesConnection.totalCount":             800,
	"FeeExemptionConnection.totalCount":            800,
	"FeedbackConnection.totalCount":                800,
	"InvoiceConnection.totalCount":                 800,
	"LiaisonStatementConnection.totalCount":        800,
	"MandateConnection.totalCount":                 800,
	"MemberConnection.totalCount":                  800,
	"MembershipChangeRequestConnection.totalCount": 800,
	"MembershipStatistics.forecast":                1300,
	"MembershipStatistics.movements":               200,
	"MembershipStatistics.pipeline":                100,
	"MembershipStatistics.totals":                  60,
	"MembershipStatistics.retention":               300,
	"MembershipStatistics.revenue":                 500,
	"MovementCount.members":                        1500,
	"ParticipantConnection.totalCount":             800,
	"ParticipationConnection.totalCount":           800,
	"Query.answerMatrix":                           1000,
	"Query.consultationResponses":                  500,
	"Query.publishedCounts":                        1000,
	"Query.dueDiligence":                           500,
	"Query.search":                                 3000,
	"RegistrationConnection.totalCount":            800,
	"RevenueChangeConnection.totalCount":           0,
	"SearchConnection.totalCount":                  0,
	"ServiceFeedbackConnection.totalCount":         800,
}

// sizes are the lists of objects that are not paged. A list that is neither here nor in a connection
// fails a test.
var sizes = map[string]int{
	"AcceptEventInvitationPayload.userErrors":    5,
	"ActivateMemberPayload.userErrors":           5,
	"AddDelegatePayload.userErrors":              5,
	"AdmitMemberPayload.userErrors":              5,
	"AgreeToCitationPayload.userErrors":          5,
	"AmendApplicationPayload.userErrors":         5,
	"AmendContributionPayload.userErrors":        5,
	"AmendFeedbackPayload.userErrors":            5,
	"AnswerMatrix.cells":                         60,
	"AnswerServiceFeedbackPayload.userErrors":    5,
	"Application.duplicates":                     3,
	"Application.history":                        5,
	"Application.papers":                         5,
	"ApplicationWaiting.next":                    3,
	"AppointFocalPointPayload.userErrors":        5,
	"BenefitComparison.entitlements":             3,
	"CallForContributions.topics":                5,
	"CancelEventPayload.userErrors":              5,
	"CancelHandOverPayload.userErrors":           5,
	"CancelInvoicePayload.userErrors":            5,
	"CancelRegistrationPayload.userErrors":       5,
	"ChangeFeeClassPayload.userErrors":           5,
	"ChangeMembershipCategoryPayload.userErrors": 5,
	"ChangeSectorsPayload.userErrors":            5,
	"ChangeStudyGroupPayload.userErrors":         5,
	"ClassifyFeedbackPayload.userErrors":         5,
	"CloseConsultationPayload.userErrors":        5,
	"ComparedMembership.benefitsAdded":           10,
	"ComparedMembership.benefitsLost":            10,
	"ComparedMembership.tariffs":                 2,
	"ConfirmApplicationCodePayload.userErrors":   5,
	"ConfirmHandOverPayload.userErrors":          5,
	"ConfirmRegistrationPayload.userErrors":      5,
	"Consultation.changes":                       3,
	"Consultation.errata":                        1,
	"Consultation.publicationChoices":            3,
	"Consultation.questions":                     15,
	"ConsultationQuestion.options":               5,
	"ConsultationResponses.cells":                30,
	"Contribution.changes":                       3,
	"CorrectLifecycleEventPayload.userErrors":    5,
	"Country.regions":                            2,
	"CreateBenefitPayload.userErrors":            5,
	"CreateCalendarLinkPayload.userErrors":       5,
	"CreateConsultationPayload.userErrors":       5,
	"CreateEventPayload.userErrors":              5,
	"CreateEventSeriesPayload.userErrors":        5,
	"CreateLiaisonStatementPayload.userErrors":   5,
	"DecideApplicationPayload.userErrors":        5,
	"DecideContributionPayload.userErrors":       5,
	"DecideFeeExemptionPayload.userErrors":       5,
	"DecideMembershipChangePayload.userErrors":   5,
	"DueDiligence.checklist":                     10,
	"DueDiligence.papers":                        3,
	"EndMandatePayload.userErrors":               5,
	"EndRepaymentPlanPayload.userErrors":         5,
	"Event.changes":                              3,
	"Event.documents":                            10,
	"Event.links":                                3,
	"Event.places":                               2,
	"Event.sessions":                             10,
	"EventRegistration.questions":                5,
	"EventSession.roles":                         5,
	"ExcludeMemberPayload.userErrors":            5,
	"FeeExemption.criteria":                      5,
	"FeeQuote.alternatives":                      6,
	"FeeQuote.notes":                             3,
	"FeeQuote.steps":                             4,
	"Feedback.answers":                           15,
	"Feedback.submissions":                       2,
	"MakeFeedbackConfidentialPayload.userErrors": 5,
	"PublishedCounts.tables":                     10,
	"PublishedTable.cells":                       60,
	"Synthesis.campaignCounts":                   60,
	"Synthesis.campaigns":                        3,
	"SynthesisCampaign.replies":                  10,
	"FeedbackDraft.answers":                      15,
	"FeedbackOutcome.decisions":                  3,
	"FeedbackOutcome.paragraphs":                 3,
	"FeedbackSubmission.answers":                 15,
	"ForecastFlow.inputs":                        3,
	"HandOverFocalPointPayload.userErrors":       5,
	"InviteGuestPayload.userErrors":              5,
	"Invoice.payments":                           3,
	"IssueInvoicePayload.userErrors":             5,
	"LiaisonPillar.topics":                       3,
	"LiaisonStatement.addressees":                4,
	"LiaisonStatement.documents":                 2,
	"LiaisonStatement.keywords":                  3,
	"LiaisonStatement.pillars":                   3,
	"LocalizedText.translations":                 6,
	"Mandate.history":                            3,
	"Member.benefits":                            20,
	"Member.contacts":                            5,
	"Member.foreseen":                            2,
	"Member.history":                             10,
	"Member.sectors":                             3,
	"Member.socialLinks":                         5,
	"MembershipComparison.alternatives":          5,
	"MembershipComparison.benefits":              20,
	"MembershipComparison.tariffs":               2,
	"MembershipCount.byCategory":                 2,
	"MembershipCount.byCountry":                  100,
	"MembershipCount.byFeeStatus":                5,
	"MembershipCount.byRegion":                   7,
	"MembershipCount.byStudyGroup":               3,
	"MergeMemberPayload.userErrors":              5,
	"MovementCount.byCategory":                   2,
	"MovementCount.byReason":                     6,
	"MovementCount.byRegion":                     7,
	"NotifyWithdrawalPayload.userErrors":         5,
	"OpenConsultationPayload.userErrors":         5,
	"Participation.focalPoints":                  2,
	"ParticipationCount.byCountry":               100,
	"ParticipationCount.byKind":                  5,
	"ParticipationCount.byMode":                  2,
	"ParticipationCount.byRegion":                8,
	"PipelineStage.byCategory":                   3,
	"PipelineStage.byRegion":                     7,
	"PipelineStage.byStudyGroup":                 3,
	"PostponeEventPayload.userErrors":            5,
	"PublishEventDocumentPayload.userErrors":     5,
	"PublishEventPayload.userErrors":             5,
	"PublishSynthesisPayload.userErrors":         5,
	"Query.answerMatrix":                         10,
	"Query.benefitComparison":                    20,
	"Query.dueDiligence":                         20,
	"Query.tariffs":                              30,
	"ReassignMemberPayload.userErrors":           5,
	"RecordAttendancePayload.userErrors":         5,
	"RecordDecisionPayload.userErrors":           5,
	"RecordDueDiligencePayload.userErrors":       5,
	"RecordPaymentPayload.userErrors":            5,
	"RecordRepaymentPlanPayload.userErrors":      5,
	"RegisterForEventPayload.userErrors":         5,
	"Registration.answers":                       5,
	"Registration.changes":                       3,
	"RegistrationEligibility.reasons":            3,
	"ReinstateMemberPayload.userErrors":          5,
	"RequestApplicationCodePayload.userErrors":   5,
	"RequestFeeExemptionPayload.userErrors":      5,
	"RequestMembershipChangePayload.userErrors":  5,
	"Respondent.eventsAttended":                  5,
	"RetentionCohort.years":                      10,
	"RetentionGroup.attrition":                   15,
	"RetentionGroup.cohorts":                     15,
	"RetireBenefitPayload.userErrors":            5,
	"RevenueSide.byCause":                        4,
	"RevokeCalendarLinkPayload.userErrors":       5,
	"RevokeEventInvitationPayload.userErrors":    5,
	"SaveApplicationPayload.userErrors":          5,
	"SaveFeedbackDraftPayload.userErrors":        5,
	"SaveSynthesisPayload.userErrors":            5,
	"SubmitApplicationPayload.userErrors":        5,
	"SubmitContributionPayload.userErrors":       5,
	"SubmitFeedbackPayload.userErrors":           5,
	"SubmitServiceFeedbackPayload.userErrors":    5,
	"SuspendMemberPayload.userErrors":            5,
	"Synthesis.decisions":                        5,
	"Synthesis.draft":                            10,
	"Synthesis.paragraphs":                       10,
	"SynthesisParagraph.citations":               20,
	"UpdateBenefitPayload.userErrors":            5,
	"UpdateConsultationPayload.userErrors":       5,
	"UpdateEventPayload.userErrors":              5,
	"UpdateEventSeriesPayload.userErrors":        5,
	"UpdateLiaisonStatementPayload.userErrors":   5,
	"UpdateMemberProfilePayload.userErrors":      5,
	"ConfirmPersonEmailPayload.userErrors":       5,
	"UpdatePersonPayload.userErrors":             5,
	"Viewer.calendarLinks":                       5,
	"Viewer.mandates":                            5,
	"WithdrawApplicationPayload.userErrors":      5,
	"WithdrawContributionPayload.userErrors":     5,
	"WithdrawEventDocumentPayload.userErrors":    5,
	"WithdrawFeedbackPayload.userErrors":         5,
	"WithdrawMemberPayload.userErrors":           5,
	"WithdrawMembershipChangePayload.userErrors": 5,
	"__Directive.args":                           2,
	"__Field.args":                               2,
	"__Schema.directives":                        8,
	"__Schema.types":                             150,
	"__Type.enumValues":                          8,
	"__Type.fields":                              8,
	"__Type.inputFields":                         8,
	"__Type.interfaces":                          1,
	"__Type.possibleTypes":                       5,
}

// itemWeights are what each item of a list costs beside the objects that it holds. A visitor may ask for the
// totals of 60 days.
var itemWeights = map[string]int{"MembershipStatistics.evolution": 60}

// sizedBy are the lists that are as long as the list of an argument.
var sizedBy = map[string]string{"MembershipStatistics.evolution": "dates", "Query.nodes": "ids"}

// Cost is what an operation costs and what it may cost, as extensions.cost.
type Cost struct {
	Requested int `json:"requested"`
	Limit     int `json:"limit"`
}

// costing refuses operations that cost too much before anything of them is executed.
type costing struct {
	limits Limits
	// charge is told what an operation costs, what it asks about the schema included: the whole schema takes
	// 70 ms to answer, more than any other document.
	charge func(ctx context.Context, cost int)
}

// costKey is where an operation's statistics hold its cost.
const costKey = "cost"

// ExtensionName is the name among gqlgen's extensions.
func (costing) ExtensionName() string { return "Cost" }

// Validate has nothing to ask of the schema.
func (costing) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext notes the cost and refuses with BAD_USER_INPUT what costs too much.
func (c costing) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	count := counting{op: op, items: map[string]int{}}
	data := count.set(op.Operation.SelectionSet, 0)
	cost := Cost{data, c.limits.costOf(kit.ActorOf(ctx))}
	op.Stats.SetExtension(costKey, cost)
	if cost.Requested <= cost.Limit && count.introspection <= c.limits.Introspection {
		if c.charge != nil {
			c.charge(ctx, cost.Requested+count.introspection)
		}
		return nil
	}
	if cost.Requested <= cost.Limit {
		cost = Cost{count.introspection, c.limits.Introspection}
	}
	return shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "limit.cost", Params: map[string]string{
		"cost": strconv.Itoa(cost.Requested), "max": strconv.Itoa(cost.Limit),
	}})
}

// dearest is where counting stops, far below what an int holds times the size of a list.
const dearest = 1 << 30

// counting counts the cost of an operation whose fields guard has bounded.
type counting struct {
	op            *graphql.OperationContext
	introspection int
	// items are how many entries lists have in a variable.
	items map[string]int
}

// arguments is how many entries lists have in a field's arguments: they are read for each object that has
// the field.
func (c *counting) arguments(f graphql.CollectedField) int {
	n := 0
	for _, a := range f.Arguments {
		if sizedBy[f.ObjectDefinition.Name+"."+f.Name] != a.Name { // else they are counted as what they ask for
			n += c.entries(a.Value.Raw)
		}
	}
	return n
}

// entries is how many entries lists have in a variable; lift put one in the place of each argument.
func (c *counting) entries(variable string) int {
	n, counted := c.items[variable]
	if !counted {
		n = items(c.op.Variables[variable])
		c.items[variable] = n
	}
	return n
}

// set is the cost of a selection; page is the page size if it is that of a connection.
func (c *counting) set(set ast.SelectionSet, page int) int {
	total := 0
	for _, f := range graphql.CollectFields(c.op, set, nil) {
		if f.Definition == nil {
			continue
		}
		total += weights[f.ObjectDefinition.Name+"."+f.Name] + c.arguments(f)
		if len(f.Selections) == 0 {
			continue
		}
		cost := c.field(f, page)
		if f.Name == "__schema" || f.Name == "__type" {
			c.introspection = min(c.introspection+cost, dearest)
		} else {
			total = min(total+cost, dearest)
		}
	}
	return min(total, dearest)
}

func (c *counting) field(f graphql.CollectedField, page int) int {
	size, inner := 1, 0
	name := f.ObjectDefinition.Name + "." + f.Name
	switch {
	case isConnection(f.Definition.Type.Name()):
		inner = pageSize(f.ArgumentMap(c.op.Variables))
	case isConnection(f.ObjectDefinition.Name) && f.Definition.Type.Elem != nil:
		size = page
	case sizedBy[name] != "":
		size = min(length(f.ArgumentMap(c.op.Variables)[sizedBy[name]]), kit.MaxPage)
	case f.Definition.Type.Elem != nil:
		size = sizes[name]
	}
	own := 1 + itemWeights[name]
	if name == "__Type.ofType" { // two at most, whatever is asked: what a list or non-null type wraps
		own = 0
	}
	return min(size*(own+c.set(f.Selections, inner)), dearest)
}

func isConnection(typeName string) bool { return strings.HasSuffix(typeName, "Connection") }

// pageSize is how many items a connection can have. A size out of bounds is taken for the largest:
// the service refuses it.
func pageSize(args map[string]any) int {
	for _, name := range []string{"first", "last"} {
		if n, ok := args[name].(int64); ok {
			if n < 1 || n > kit.MaxPage {
				return kit.MaxPage
			}
			return int(n)
		}
	}
	return kit.DefaultPage
}

// length is that of a list, 1 where there is none.
func length(v any) int {
	if list, ok := v.([]any); ok {
		return len(list)
	}
	return 1
}
