// The rules of Relay's server specification and of good schemas, on the printed schema.
import graphql from '@graphql-eslint/eslint-plugin';

// Values without an identity: they exist only inside the record or the answer that has them.
const values = [
  'AnswerCell', 'AnswerMatrix', 'ApplicationContact', 'ApplicationDifference', 'ApplicationDuplicate', 'ApplicationExemption', 'ApplicationFee', 'ApplicationGap', 'ApplicationInvoice', 'ApplicationNextStep', 'ApplicationPaper', 'SmeClaim', 'ApplicationStep',
  'ApplicationWaiting', 'Arrears', 'Attendance', 'AttritionYear', 'BenefitAction', 'BenefitComparison', 'BenefitEntitlement',
  'CallForContributions', 'CallForTopics', 'Cancellation', 'CategoryCount', 'ChangeDecision', 'ComparedMembership',
  'ConsultationAudience', 'ConsultationChange', 'ConsultationQuestion', 'ConsultationResponses', 'Contact',
  'ContributionChange', 'ContributionTopic', 'CountryCount', 'CountryFeeStatus', 'CountryStatusEntry', 'CriterionAnswer', 'DepartureReasonCount', 'DraftAnswer',
  'DueDiligence', 'DueDiligenceCheck', 'DueDiligenceQueue', 'EventAudience', 'EventChange', 'EventLink', 'EventPlaces',
  'EnteredReference', 'EventRegistration', 'EventRole', 'EventSession', 'EventStatistics', 'EventTime', 'ExemptionDecision',
  'ExpectedEffect', 'FeeAlternative', 'FeeNote', 'FeeQuote', 'FeeStatusCount', 'FeeStep', 'FeedbackAnswer',
  'FeedbackClassification', 'FeedbackOutcome', 'FeedbackReceipt', 'FeedbackSubmission', 'ForecastFlow', 'ForecastGroup',
  'ForecastPart', 'ForecastRange', 'ForeseenChange', 'Guest', 'GuestNotice', 'GuestQuestion', 'HandOver', 'InvitationNotice', 'KindCount', 'LiaisonAddressee',
  'LiaisonDocument', 'LiaisonPillar', 'LiaisonTopic', 'LocalizedText', 'MandateEvent', 'MembershipComparison',
  'MembershipCount', 'MembershipForecast', 'MembershipMovement', 'MembershipMovements', 'MembershipPipeline',
  'MembershipRetention', 'MembershipRevenue', 'MembershipSector', 'MembershipStatistics', 'MembershipTotals',
  'ModeCount', 'Money', 'MovementCount', 'NoticedAnswer', 'Participant', 'ParticipationCount', 'PipelineStage', 'PipelineStages',
  'Provision', 'QuestionOption', 'ReferenceWithdrawal', 'RegionAssignment', 'RegionCount', 'Registrar', 'RegistrationAnswer', 'RegistrationChange',
  'RegistrationEligibility', 'RegistrationNotice', 'RegistrationQuestion', 'ReportDeadline', 'Respondent', 'ResponseCell', 'RetentionCohort',
  'RetentionGroup', 'RetentionYear', 'RevenueCauseCount', 'RevenueChange', 'RevenueMovement', 'RevenueSide',
  'Rule', 'RuleEntry', 'SearchResult', 'ServiceAnswer', 'SignedIn', 'SocialLink', 'StudyGroupCount', 'Tariff', 'TariffEntry', 'Translation', 'UserError',
  'AttendanceImport', 'ExportRequest', 'ImportFault', 'JobFault', 'JobFile', 'JobProgress', 'MailBacklog',
  'CampaignCount', 'ConsultationErratum', 'PublicationChoice', 'PublishedCell', 'PublishedCounts', 'PublishedTable', 'SynthesisCampaign',
  'CreditNote', 'InvoiceRun', 'InvoiceRunLeftOut', 'InvoiceRunSum', 'MailReach', 'MemberAccount', 'NotificationPreference', 'Unreachable',
];

export default [
  {
    files: ['generated/schema.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: 'generated/schema.graphql' } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-relay'].rules,
      ...graphql.configs['flat/schema-recommended'].rules,
      // Connections have nodes beside edges, and a search result is no record: it names one and says why.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // A search is paged forward only, which the connection specification allows.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { suffixes: ['Connection', 'Edge', 'Payload'], types: ['PageInfo', ...values] } }],
    },
  },
];
