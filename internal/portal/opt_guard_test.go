package portal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	gqlast "github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/kit"
)

// inputTypes are the package's input types; a guard compares them with the source.
var inputTypes = []reflect.Type{
	reflect.TypeFor[UpdateMemberProfileInput](), reflect.TypeFor[AdmitMemberInput](), reflect.TypeFor[ActivateMemberInput](),
	reflect.TypeFor[NotifyWithdrawalInput](), reflect.TypeFor[WithdrawMemberInput](), reflect.TypeFor[SuspendMemberInput](),
	reflect.TypeFor[ExcludeMemberInput](), reflect.TypeFor[ReinstateMemberInput](), reflect.TypeFor[MergeMemberInput](),
	reflect.TypeFor[ChangeMembershipCategoryInput](), reflect.TypeFor[ChangeFeeClassInput](), reflect.TypeFor[ChangeSectorsInput](),
	reflect.TypeFor[ChangeStudyGroupInput](), reflect.TypeFor[ReassignMemberInput](), reflect.TypeFor[CorrectLifecycleEventInput](),
	reflect.TypeFor[RecordRepaymentPlanInput](), reflect.TypeFor[EndRepaymentPlanInput](), reflect.TypeFor[CriterionAnswerInput](),
	reflect.TypeFor[RequestFeeExemptionInput](), reflect.TypeFor[DecideFeeExemptionInput](),
	reflect.TypeFor[RequestMembershipChangeInput](), reflect.TypeFor[DecideMembershipChangeInput](), reflect.TypeFor[WithdrawMembershipChangeInput](),
	reflect.TypeFor[ContactInput](), reflect.TypeFor[SocialLinkInput](), reflect.TypeFor[kit.TranslationInput](),
	reflect.TypeFor[CreateBenefitInput](), reflect.TypeFor[UpdateBenefitInput](), reflect.TypeFor[RetireBenefitInput](),
	reflect.TypeFor[CreateEventSeriesInput](), reflect.TypeFor[UpdateEventSeriesInput](), reflect.TypeFor[CreateCalendarLinkInput](),
	reflect.TypeFor[RevokeCalendarLinkInput](), reflect.TypeFor[InviteGuestInput](), reflect.TypeFor[RevokeEventInvitationInput](),
	reflect.TypeFor[AcceptEventInvitationInput](), reflect.TypeFor[RegistrationAnswerInput](), reflect.TypeFor[RegisterForEventInput](),
	reflect.TypeFor[ConfirmRegistrationInput](), reflect.TypeFor[CancelRegistrationInput](), reflect.TypeFor[EventTimeInput](),
	reflect.TypeFor[PublishEventDocumentInput](), reflect.TypeFor[WithdrawEventDocumentInput](), reflect.TypeFor[SubmitContributionInput](),
	reflect.TypeFor[AmendContributionInput](), reflect.TypeFor[WithdrawContributionInput](), reflect.TypeFor[DecideContributionInput](),
	reflect.TypeFor[RecordAttendanceInput](), reflect.TypeFor[EventLinkInput](), reflect.TypeFor[EventRoleInput](),
	reflect.TypeFor[EventSessionInput](), reflect.TypeFor[EventAudienceInput](), reflect.TypeFor[RegistrationQuestionInput](),
	reflect.TypeFor[EventRegistrationInput](), reflect.TypeFor[ContributionTopicInput](), reflect.TypeFor[CallForContributionsInput](),
	reflect.TypeFor[CreateEventInput](), reflect.TypeFor[UpdateEventInput](), reflect.TypeFor[PublishEventInput](),
	reflect.TypeFor[PostponeEventInput](), reflect.TypeFor[CancelEventInput](),
	reflect.TypeFor[LiaisonAddresseeInput](), reflect.TypeFor[ReportDeadlineInput](), reflect.TypeFor[LiaisonDocumentInput](),
	reflect.TypeFor[LiaisonTopicInput](), reflect.TypeFor[LiaisonPillarInput](), reflect.TypeFor[LiaisonKeywordInput](),
	reflect.TypeFor[CreateLiaisonStatementInput](), reflect.TypeFor[UpdateLiaisonStatementInput](), reflect.TypeFor[QuestionOptionInput](),
	reflect.TypeFor[ConsultationQuestionInput](), reflect.TypeFor[ConsultationAudienceInput](), reflect.TypeFor[CreateConsultationInput](),
	reflect.TypeFor[UpdateConsultationInput](), reflect.TypeFor[OpenConsultationInput](), reflect.TypeFor[CloseConsultationInput](),
	reflect.TypeFor[ExpectedEffectInput](), reflect.TypeFor[FeedbackAnswerInput](), reflect.TypeFor[SaveFeedbackDraftInput](),
	reflect.TypeFor[SubmitFeedbackInput](), reflect.TypeFor[AmendFeedbackInput](), reflect.TypeFor[WithdrawFeedbackInput](),
	reflect.TypeFor[AgreeToCitationInput](), reflect.TypeFor[MakeFeedbackConfidentialInput](),
	reflect.TypeFor[ClassifyFeedbackInput](), reflect.TypeFor[SynthesisParagraphInput](), reflect.TypeFor[SaveSynthesisInput](),
	reflect.TypeFor[PublishSynthesisInput](), reflect.TypeFor[RecordDecisionInput](),
	reflect.TypeFor[UpdatePersonInput](), reflect.TypeFor[ConfirmPersonEmailInput](), reflect.TypeFor[AddDelegateInput](), reflect.TypeFor[AppointFocalPointInput](), reflect.TypeFor[EndMandateInput](),
	reflect.TypeFor[FeeQuoteInput](), reflect.TypeFor[CompareMembershipsInput](), reflect.TypeFor[ComparedMembershipInput](),
	reflect.TypeFor[IssueInvoiceInput](), reflect.TypeFor[RecordPaymentInput](), reflect.TypeFor[CancelInvoiceInput](),
	reflect.TypeFor[HandOverFocalPointInput](), reflect.TypeFor[ConfirmHandOverInput](), reflect.TypeFor[CancelHandOverInput](),
	reflect.TypeFor[RequestApplicationCodeInput](), reflect.TypeFor[ConfirmApplicationCodeInput](), reflect.TypeFor[ApplicationContactInput](),
	reflect.TypeFor[ApplicationPaperInput](), reflect.TypeFor[SaveApplicationInput](), reflect.TypeFor[SubmitApplicationInput](), reflect.TypeFor[AmendApplicationInput](),
	reflect.TypeFor[WithdrawApplicationInput](), reflect.TypeFor[DecideApplicationInput](), reflect.TypeFor[DueDiligenceCheckInput](), reflect.TypeFor[RecordDueDiligenceInput](),
	reflect.TypeFor[SubmitServiceFeedbackInput](), reflect.TypeFor[AnswerServiceFeedbackInput](),
}

// sources parses the Go files of a folder that are not tests.
func sources(t *testing.T, folder string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// declaredTypes are the package's type declarations by name.
func declaredTypes(t *testing.T) map[string]ast.Expr {
	t.Helper()
	types := map[string]ast.Expr{}
	for _, file := range sources(t, ".") {
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					types[s.(*ast.TypeSpec).Name.Name] = s.(*ast.TypeSpec).Type
				}
			}
		}
	}
	return types
}

func TestEveryInputTypeIsKnownToTheTests(t *testing.T) {
	found := 0
	for name := range declaredTypes(t) {
		if ast.IsExported(name) && strings.HasSuffix(name, "Input") {
			found++
			if !slices.ContainsFunc(inputTypes, func(known reflect.Type) bool { return known.Name() == name }) {
				t.Errorf("%s is not in inputTypes", name)
			}
		}
	}
	if found != len(inputTypes) {
		t.Errorf("%d input types in the source, %d in inputTypes", found, len(inputTypes))
	}
}

// opts walks the types below an input and gives every Opt[T] in use.
func opts(typ reflect.Type, seen map[reflect.Type]bool) {
	switch {
	case seen[typ] || typ.PkgPath() != "" && typ.Kind() != reflect.Struct:
		return
	case typ.Kind() == reflect.Pointer, typ.Kind() == reflect.Slice:
		opts(typ.Elem(), seen)
	case typ.Kind() == reflect.Struct:
		seen[typ] = true
		for f := range typ.Fields() {
			opts(f.Type, seen)
		}
	}
}

func TestEveryOptInUseHasCases(t *testing.T) {
	seen := map[reflect.Type]bool{}
	for _, typ := range inputTypes {
		opts(typ, seen)
	}
	used := 0
	for typ := range seen {
		if !strings.HasPrefix(typ.Name(), "Opt[") {
			continue
		}
		used++
		cases := optCases[typ]
		if len(cases) == 0 {
			t.Errorf("%s is in use and not in optCases", typ)
		}
		null := false
		for _, c := range cases {
			null = null || c.raw == nil
		}
		if !null {
			t.Errorf("%s has no case for null", typ)
		}
	}
	if used < 5 {
		t.Errorf("only %d Opt types were found below the inputs", used)
	}
}

// schema is the GraphQL schema that the inputs are bound to.
func schema(t *testing.T) *gqlast.Schema {
	t.Helper()
	paths, err := filepath.Glob("../../graph/schema/*.graphqls")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no schema: %v", err)
	}
	var files []*gqlast.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, &gqlast.Source{Name: path, Input: string(text)})
	}
	loaded, err := gqlparser.LoadSchema(files...)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestInputFieldsAreNamedAsInTheSchema(t *testing.T) {
	s := schema(t)
	for _, typ := range inputTypes {
		t.Run(typ.Name(), func(t *testing.T) {
			declared := s.Types[typ.Name()]
			if declared == nil {
				t.Fatal("the schema has no such input")
			}
			var want, got []string
			for _, f := range declared.Fields {
				want = append(want, f.Name)
			}
			for f := range typ.Fields() {
				got = append(got, kit.InputName(f))
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("Go says %v, the schema %v", got, want)
			}
		})
	}
}

func TestOnlyAFieldThatMayBeLeftOutIsAnOpt(t *testing.T) {
	s := schema(t)
	for _, typ := range inputTypes {
		for f := range typ.Fields() {
			field := s.Types[typ.Name()].Fields.ForName(kit.InputName(f))
			if strings.HasPrefix(f.Type.Name(), "Opt[") && (field == nil || field.Type.NonNull || field.DefaultValue != nil) {
				t.Errorf("%s.%s is an Opt, but the schema wants a value", typ.Name(), f.Name)
			}
		}
	}
}
