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

	"memberportal/internal/benefits"

	"github.com/vektah/gqlparser/v2"
	gqlast "github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/reference"
)

// inputTypes are the package's input types; a guard compares them with the source.
var inputTypes = []reflect.Type{
	reflect.TypeFor[people.RequestSignInCodeInput](), reflect.TypeFor[people.SignInInput](), reflect.TypeFor[people.RefreshSessionInput](),
	reflect.TypeFor[people.LinkIdentityInput](), reflect.TypeFor[people.UnlinkIdentityInput](),
	reflect.TypeFor[people.SignOutInput](), reflect.TypeFor[people.RevokeSessionsInput](), reflect.TypeFor[people.ConfirmPresenceInput](), reflect.TypeFor[people.BecomeOperatorInput](),
	reflect.TypeFor[people.AddPasskeyInput](), reflect.TypeFor[people.RemovePasskeyInput](), reflect.TypeFor[people.SignInWithPasskeyInput](),
	reflect.TypeFor[membership.UpdateMemberProfileInput](), reflect.TypeFor[membership.AdmitMemberInput](), reflect.TypeFor[membership.ActivateMemberInput](),
	reflect.TypeFor[membership.NotifyWithdrawalInput](), reflect.TypeFor[membership.WithdrawMemberInput](), reflect.TypeFor[membership.SuspendMemberInput](),
	reflect.TypeFor[membership.ExcludeMemberInput](), reflect.TypeFor[membership.ReinstateMemberInput](), reflect.TypeFor[membership.MergeMemberInput](),
	reflect.TypeFor[membership.ChangeMembershipCategoryInput](), reflect.TypeFor[membership.ChangeFeeClassInput](), reflect.TypeFor[membership.ChangeSectorsInput](),
	reflect.TypeFor[membership.ChangeStudyGroupInput](), reflect.TypeFor[membership.RenameMemberInput](), reflect.TypeFor[membership.ReassignMemberInput](), reflect.TypeFor[membership.CorrectLifecycleEventInput](),
	reflect.TypeFor[membership.RecordRepaymentPlanInput](), reflect.TypeFor[membership.EndRepaymentPlanInput](), reflect.TypeFor[membership.CriterionAnswerInput](),
	reflect.TypeFor[membership.RequestFeeExemptionInput](), reflect.TypeFor[membership.DecideFeeExemptionInput](),
	reflect.TypeFor[membership.RequestMembershipChangeInput](), reflect.TypeFor[membership.DecideMembershipChangeInput](), reflect.TypeFor[membership.WithdrawMembershipChangeInput](),
	reflect.TypeFor[membership.ContactInput](), reflect.TypeFor[membership.SocialLinkInput](), reflect.TypeFor[kit.TranslationInput](),
	reflect.TypeFor[benefits.BenefitActionInput](), reflect.TypeFor[benefits.CreateBenefitInput](), reflect.TypeFor[benefits.UpdateBenefitInput](), reflect.TypeFor[benefits.RetireBenefitInput](),
	reflect.TypeFor[reference.EnterReferenceInput](), reflect.TypeFor[reference.ReferenceEntryInput](), reflect.TypeFor[reference.TariffEntryInput](),
	reflect.TypeFor[reference.RuleEntryInput](), reflect.TypeFor[reference.CountryStatusEntryInput](), reflect.TypeFor[reference.WithdrawReferenceInput](),
	reflect.TypeFor[events.CreateEventSeriesInput](), reflect.TypeFor[events.UpdateEventSeriesInput](), reflect.TypeFor[events.CreateCalendarLinkInput](),
	reflect.TypeFor[events.RevokeCalendarLinkInput](), reflect.TypeFor[events.InviteGuestInput](), reflect.TypeFor[events.RevokeEventInvitationInput](),
	reflect.TypeFor[events.AcceptEventInvitationInput](), reflect.TypeFor[events.RegistrationAnswerInput](), reflect.TypeFor[events.RegisterForEventInput](),
	reflect.TypeFor[events.ConfirmRegistrationInput](), reflect.TypeFor[events.CancelRegistrationInput](), reflect.TypeFor[events.AcceptRegistrationInput](), reflect.TypeFor[events.RefuseRegistrationInput](), reflect.TypeFor[events.EventTimeInput](),
	reflect.TypeFor[events.PublishEventDocumentInput](), reflect.TypeFor[events.WithdrawEventDocumentInput](), reflect.TypeFor[events.SubmitContributionInput](),
	reflect.TypeFor[events.AmendContributionInput](), reflect.TypeFor[events.WithdrawContributionInput](), reflect.TypeFor[events.DecideContributionInput](),
	reflect.TypeFor[events.RecordAttendanceInput](), reflect.TypeFor[events.EventLinkInput](), reflect.TypeFor[events.EventRoleInput](),
	reflect.TypeFor[events.EventSessionInput](), reflect.TypeFor[events.EventAudienceInput](), reflect.TypeFor[events.RegistrationQuestionInput](),
	reflect.TypeFor[events.EventRegistrationInput](), reflect.TypeFor[events.ContributionTopicInput](), reflect.TypeFor[events.CallForContributionsInput](), reflect.TypeFor[events.CallForTopicsInput](),
	reflect.TypeFor[events.CreateEventInput](), reflect.TypeFor[events.UpdateEventInput](), reflect.TypeFor[events.PublishEventInput](),
	reflect.TypeFor[events.PostponeEventInput](), reflect.TypeFor[events.CancelEventInput](),
	reflect.TypeFor[consultations.LiaisonAddresseeInput](), reflect.TypeFor[consultations.ReportDeadlineInput](), reflect.TypeFor[consultations.LiaisonDocumentInput](),
	reflect.TypeFor[consultations.LiaisonTopicInput](), reflect.TypeFor[consultations.LiaisonPillarInput](), reflect.TypeFor[consultations.LiaisonKeywordInput](),
	reflect.TypeFor[consultations.CreateLiaisonStatementInput](), reflect.TypeFor[consultations.UpdateLiaisonStatementInput](), reflect.TypeFor[consultations.QuestionOptionInput](),
	reflect.TypeFor[consultations.ConsultationQuestionInput](), reflect.TypeFor[consultations.ConsultationAudienceInput](), reflect.TypeFor[consultations.CreateConsultationInput](),
	reflect.TypeFor[consultations.UpdateConsultationInput](), reflect.TypeFor[consultations.OpenConsultationInput](), reflect.TypeFor[consultations.CloseConsultationInput](),
	reflect.TypeFor[consultations.ExpectedEffectInput](), reflect.TypeFor[consultations.FeedbackAnswerInput](), reflect.TypeFor[consultations.SaveFeedbackDraftInput](),
	reflect.TypeFor[consultations.SubmitFeedbackInput](), reflect.TypeFor[consultations.AmendFeedbackInput](), reflect.TypeFor[consultations.WithdrawFeedbackInput](),
	reflect.TypeFor[consultations.AgreeToCitationInput](), reflect.TypeFor[consultations.MakeFeedbackConfidentialInput](),
	reflect.TypeFor[consultations.ClassifyFeedbackInput](), reflect.TypeFor[consultations.SynthesisParagraphInput](), reflect.TypeFor[consultations.SaveSynthesisInput](),
	reflect.TypeFor[consultations.PublishSynthesisInput](), reflect.TypeFor[consultations.RecordDecisionInput](),
	reflect.TypeFor[people.UpdatePersonInput](), reflect.TypeFor[people.GrantRoleInput](), reflect.TypeFor[people.EndGrantInput](), reflect.TypeFor[people.ConfirmPersonEmailInput](), reflect.TypeFor[people.AddDelegateInput](), reflect.TypeFor[people.AppointFocalPointInput](), reflect.TypeFor[people.EndMandateInput](),
	reflect.TypeFor[people.ResendInvitationInput](), reflect.TypeFor[people.WithdrawInvitationInput](), reflect.TypeFor[people.AcceptInvitationInput](), reflect.TypeFor[people.DeclineInvitationInput](),
	reflect.TypeFor[membership.FeeQuoteInput](), reflect.TypeFor[benefits.CompareMembershipsInput](), reflect.TypeFor[benefits.ComparedMembershipInput](),
	reflect.TypeFor[membership.IssueInvoiceInput](), reflect.TypeFor[membership.IssueInvoicesInput](), reflect.TypeFor[membership.RecordPaymentInput](), reflect.TypeFor[membership.CancelInvoiceInput](),
	reflect.TypeFor[people.SetNotificationPreferencesInput](), reflect.TypeFor[people.MarkNotificationsReadInput](),
	reflect.TypeFor[people.HandOverFocalPointInput](), reflect.TypeFor[people.ConfirmHandOverInput](), reflect.TypeFor[people.CancelHandOverInput](),
	reflect.TypeFor[applications.RequestApplicationCodeInput](), reflect.TypeFor[applications.ConfirmApplicationCodeInput](), reflect.TypeFor[applications.ApplicationContactInput](),
	reflect.TypeFor[applications.ApplicationPaperInput](), reflect.TypeFor[applications.SaveApplicationInput](), reflect.TypeFor[applications.SubmitApplicationInput](), reflect.TypeFor[applications.AmendApplicationInput](),
	reflect.TypeFor[applications.WithdrawApplicationInput](), reflect.TypeFor[applications.DecideApplicationInput](), reflect.TypeFor[applications.BindApplicationInput](),
	reflect.TypeFor[applications.DueDiligenceCheckInput](), reflect.TypeFor[applications.RecordDueDiligenceInput](), reflect.TypeFor[jobs.RequestExportInput](),
	reflect.TypeFor[jobs.CancelJobInput](), reflect.TypeFor[kit.RetryMailInput](), reflect.TypeFor[events.ImportAttendanceInput](),
	reflect.TypeFor[applications.CompleteApplicationInput](), reflect.TypeFor[applications.NamedContactInput](), reflect.TypeFor[files.DocumentSourceInput](),
	reflect.TypeFor[applications.ApplicationExemptionInput](), reflect.TypeFor[applications.SmeClaimInput](),
	reflect.TypeFor[consultations.SubmitServiceFeedbackInput](), reflect.TypeFor[consultations.AnswerServiceFeedbackInput](),
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

// rooms are the folders of the domain.
var rooms = []string{".", "../kit", "../country", "../membership", "../reference", "../people", "../applications", "../events", "../benefits", "../consultations", "../statistics", "../figures", "../jobs", "../files"}

// declaredTypes are the type declarations of all rooms by name.
func declaredTypes(t *testing.T) map[string]ast.Expr {
	t.Helper()
	types := map[string]ast.Expr{}
	for _, room := range rooms {
		for _, file := range sources(t, room) {
			for _, d := range file.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
					for _, s := range g.Specs {
						name := s.(*ast.TypeSpec).Name.Name
						if types[name] != nil && ast.IsExported(name) && name != "Services" && name != "Options" {
							t.Errorf("two rooms declare a type %s", name)
						}
						types[name] = s.(*ast.TypeSpec).Type
					}
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
