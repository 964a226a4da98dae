package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/kept"
)

// askers are the columns of the role matrix: nobody, a token that has expired, and every role; the
// scoped ones once as the owner of what is asked for and once as a stranger, and once without the
// claim that says for whom.
var askers = []string{
	"nobody", "expired", "APPLICANT", "APPLICANT app_DRAFT", "APPLICANT app_SUBMITTED", "DELEGATE mem_ACTIVE", "DELEGATE mem_INTERNATIONAL", "FOCAL_POINT mem_ACTIVE", "FOCAL_POINT mem_INTERNATIONAL", "FOCAL_POINT",
	"ADMINISTRATION UG", "ADMINISTRATION KE", "REVIEWER TDAG", "SECRETARIAT", "OPERATOR",
}

// questions ask each root field for what is mem_ACTIVE's or Uganda's, of which the owners are, and,
// where it matters, for what not everybody may see. A field may have several, told apart by a note.
var questions = map[string]string{
	"viewer":                               `{ viewer { id } }`,
	"node":                                 `{ node(id: "mem_ACTIVE") { id } }`,
	"node (pending)":                       `{ node(id: "mem_PENDING") { id } }`,
	"nodes":                                `{ nodes(ids: ["mem_ACTIVE"]) { id } }`,
	"members":                              `{ members(filter: { countries: ["cty_UG"] }) { totalCount } }`,
	"members (suspended)":                  `{ members(filter: { statuses: [SUSPENDED] }) { totalCount } }`,
	"member":                               `{ member(id: "mem_ACTIVE") { status } }`,
	"member (pending)":                     `{ member(id: "mem_PENDING") { status } }`,
	"member (history)":                     `{ member(id: "mem_ACTIVE") { history { kind } } }`,
	"member (contacts of persons)":         `{ member(id: "mem_ACTIVE") { contacts { roleMailbox } } }`,
	"countries":                            `{ countries { totalCount } }`,
	"country":                              `{ country(id: "cty_UG") { id } }`,
	"benefits":                             `{ benefits { totalCount } }`,
	"benefits (retired)":                   `{ benefits(filter: { retired: true }) { totalCount } }`,
	"benefit":                              `{ benefit(id: "` + aBenefit + `") { code } }`,
	"referenceEntries":                     `{ referenceEntries { totalCount } }`,
	"rules":                                `{ rules { code } }`,
	"enterReference":                       `mutation { enterReference(input: { entries: [{ rule: { code: "SUSPENSION", value: 180 }, validFrom: "2026-01-01", source: "a" }] }) { entered { made } userErrors { code } } }`,
	"withdrawReference":                    `mutation { withdrawReference(input: { ids: ["ref_NONE"], reason: "a" }) { entries { id } userErrors { code } } }`,
	"benefitComparison":                    `{ benefitComparison { benefit { code } } }`,
	"search":                               `{ search(query: "testbed") { totalCount } }`,
	"auditLog":                             `{ auditLog(first: 1) { totalCount } }`,
	"mails":                                `{ mails { totalCount } }`,
	"mailBacklogs":                         `{ mailBacklogs { waiting } }`,
	"node (mail)":                          `{ node(id: "out_DEFERRED") { id } }`,
	"retryMail":                            `mutation { retryMail(input: { id: "out_DEFERRED" }) { mail { state } userErrors { code } } }`,
	"jobs":                                 `{ jobs { totalCount } }`,
	"job":                                  `{ job(id: "job_DONE") { state downloadPath } }`,
	"node (job)":                           `{ node(id: "job_DONE") { id } }`,
	"requestExport":                        `mutation { requestExport(input: { kind: MEMBERS, format: CSV }) { job { state } userErrors { code } } }`,
	"requestExport (invoices)":             `mutation { requestExport(input: { kind: INVOICES, format: CSV }) { job { state } userErrors { code } } }`,
	"requestExport (registrations)":        `mutation { requestExport(input: { kind: REGISTRATIONS, format: CSV, event: "evt_PAST" }) { job { state } userErrors { code } } }`,
	"requestExport (attendance)":           `mutation { requestExport(input: { kind: ATTENDANCE, format: CSV, event: "evt_PAST" }) { job { state } userErrors { code } } }`,
	"requestExport (replies)":              `mutation { requestExport(input: { kind: REPLIES, format: CSV, consultation: "con_CLOSED" }) { job { state } userErrors { code } } }`,
	"cancelJob":                            `mutation { cancelJob(input: { id: "job_QUEUED" }) { job { state } userErrors { code } } }`,
	"importAttendance":                     `mutation { importAttendance(input: { event: "evt_PAST", csv: "registration,attended,mode\nreg_PAST,Y,REMOTE\n" }) { result { made there } userErrors { code } } }`,
	"updateMemberProfile":                  `mutation { updateMemberProfile(input: { id: "mem_ACTIVE", expectedVersion: 1, displayName: "New" }) { member { version } userErrors { code } } }`,
	"updateMemberProfile (pending)":        `mutation { updateMemberProfile(input: { id: "mem_PENDING", expectedVersion: 1, displayName: "New" }) { member { version } userErrors { code } } }`,
	"admitMember":                          `mutation { admitMember(input: { name: "New", category: SECTOR_MEMBER, country: "cty_UG", effectiveOn: "2025-03-01" }) { member { version } userErrors { code } } }`,
	"activateMember":                       `mutation { activateMember(input: { id: "mem_PENDING", expectedVersion: 1, effectiveOn: "2025-03-31" }) { member { version } userErrors { code } } }`,
	"member (last year)":                   `{ member(id: "mem_WITHDRAWN", asOf: "2020-01-01") { status } }`,
	"member (fees)":                        `{ member(id: "mem_ACTIVE") { feeClass exemptUntil arrears { stage } foreseen { on } allowedMoves } }`,
	"members (in 2020)":                    `{ members(filter: { asOf: "2020-01-01", countries: ["cty_UG"] }) { totalCount } }`,
	"feeExemptions":                        `{ feeExemptions { totalCount } }`,
	"feeExemptions (member)":               `{ feeExemptions(member: "mem_ACTIVE") { totalCount } }`,
	"node (fee exemption)":                 `{ node(id: "exm_ASKED") { id } }`,
	"membershipChangeRequests":             `{ membershipChangeRequests { totalCount } }`,
	"membershipChangeRequests (own)":       `{ membershipChangeRequests(member: "mem_ACTIVE") { totalCount } }`,
	"node (change request)":                `{ node(id: "mcr_REFUSED") { id } }`,
	"membershipStatistics":                 `{ membershipStatistics { totals { total } evolution(dates: ["2024-12-31"]) { total } movements(from: "2024-01-01", to: "2024-12-31") { from } retention { academia { attrition { left } } } } }`,
	"membershipStatistics (ahead)":         `{ membershipStatistics(asOf: "2025-04-01") { asOf } }`,
	"membershipStatistics (who left)":      `{ membershipStatistics { movements(from: "2019-01-01", to: "2025-03-31") { sectorMembersAndAssociates { left { members { totalCount } } } } } }`,
	"membershipStatistics (reasons, fees)": `{ membershipStatistics { totals { academia { byFeeStatus { count } } } movements(from: "2019-01-01", to: "2025-03-31") { sectorMembersAndAssociates { left { byReason { count } } } } } }`,
	"membershipStatistics (revenue)":       `{ membershipStatistics { revenue(from: "2024-01-01", to: "2024-12-31") { from } } }`,
	"membershipStatistics (pipeline)":      `{ membershipStatistics { pipeline { academia { pendingApproval { total } } } } }`,
	"membershipStatistics (forecast)":      `{ membershipStatistics { forecast(until: "2025-06-30") { from } } }`,
	"notifyWithdrawal":                     `mutation { notifyWithdrawal(input: { id: "mem_ACTIVE", expectedVersion: 1, reasonCode: OTHER }) { member { version } userErrors { code } } }`,
	"withdrawMember":                       `mutation { withdrawMember(input: { id: "mem_PENDING", expectedVersion: 1, effectiveOn: "2025-03-31", reasonCode: OTHER }) { member { version } userErrors { code } } }`,
	"suspendMember":                        `mutation { suspendMember(input: { id: "mem_ACTIVE", expectedVersion: 1, effectiveOn: "2025-03-31" }) { member { version } userErrors { code } } }`,
	"excludeMember":                        `mutation { excludeMember(input: { id: "mem_SUSPENDED", expectedVersion: 1, effectiveOn: "2025-03-31" }) { member { version } userErrors { code } } }`,
	"reinstateMember":                      `mutation { reinstateMember(input: { id: "mem_WITHDRAWN", expectedVersion: 1, effectiveOn: "2025-03-31", reason: "a" }) { member { version } userErrors { code } } }`,
	"mergeMember":                          `mutation { mergeMember(input: { id: "mem_PENDING", expectedVersion: 1, effectiveOn: "2025-03-31", into: "mem_ACTIVE", reason: "a" }) { member { version } userErrors { code } } }`,
	"changeMembershipCategory":             `mutation { changeMembershipCategory(input: { id: "mem_ACTIVE", expectedVersion: 1, effectiveOn: "2025-03-31", category: ACADEMIA, reason: "a" }) { member { version } userErrors { code } } }`,
	"changeFeeClass":                       `mutation { changeFeeClass(input: { id: "mem_ACTIVE", expectedVersion: 1, effectiveOn: "2025-03-31", feeClass: "SM_D_1_8", reason: "a" }) { member { version } userErrors { code } } }`,
	"changeSectors":                        `mutation { changeSectors(input: { id: "mem_ACTIVE", expectedVersion: 1, effectiveOn: "2025-03-31", sectors: [D, T], reason: "a" }) { member { version } userErrors { code } } }`,
	"renameMember":                         `mutation { renameMember(input: { id: "mem_ACTIVE", expectedVersion: 1, name: "Testbed Renamed", effectiveOn: "2025-03-31", reasonCode: REBRANDING, reason: "a" }) { member { version } userErrors { code } } }`,
	"changeStudyGroup":                     `mutation { changeStudyGroup(input: { id: "mem_ACTIVE", expectedVersion: 1, effectiveOn: "2025-03-31", studyGroup: SG1, reason: "a" }) { member { version } userErrors { code } } }`,
	"reassignMember":                       `mutation { reassignMember(input: { id: "mem_ACTIVE", expectedVersion: 1, effectiveOn: "2025-03-31", country: "cty_KE", reason: "a" }) { member { version } userErrors { code } } }`,
	"correctLifecycleEvent":                `mutation { correctLifecycleEvent(input: { id: "mem_ACTIVE", expectedVersion: 1, event: "evn_ACTIVE2", effectiveOn: "2020-03-01", reason: "a" }) { member { version } userErrors { code } } }`,
	"recordRepaymentPlan":                  `mutation { recordRepaymentPlan(input: { id: "mem_SUSPENDED", expectedVersion: 1, effectiveOn: "2025-03-31", until: "2026-01-01" }) { member { version } userErrors { code } } }`,
	"endRepaymentPlan":                     `mutation { endRepaymentPlan(input: { id: "mem_SUSPENDED", expectedVersion: 1, effectiveOn: "2025-03-31" }) { member { version } userErrors { code } } }`,
	"requestFeeExemption":                  `mutation { requestFeeExemption(input: { member: "mem_ACTIVE", criteria: [{criterion: INTERNATIONAL_CHARACTER, met: true}, {criterion: NON_PROFIT, met: true}, {criterion: PRESENT_IN_SEVERAL_STATES, met: true}, {criterion: RECIPROCAL_PARTICIPATION, met: true}, {criterion: DOCUMENTS_EXCHANGED, met: true}], evidence: "a" }) { feeExemption { version } userErrors { code } } }`,
	"decideFeeExemption":                   `mutation { decideFeeExemption(input: { id: "exm_ASKED", expectedVersion: 1, grant: true, session: "a", decidedOn: "2025-03-31", until: "2026-11-09" }) { feeExemption { version } userErrors { code } } }`,
	"requestMembershipChange":              `mutation { requestMembershipChange(input: { member: "mem_ACTIVE", sectors: [D, T], reason: "a" }) { membershipChangeRequest { version } userErrors { code } } }`,
	"decideMembershipChange":               `mutation { decideMembershipChange(input: { id: "mcr_SECTOR", expectedVersion: 1, accept: true, effectiveOn: "2025-04-01" }) { membershipChangeRequest { state } userErrors { code } } }`,
	"withdrawMembershipChange":             `mutation { withdrawMembershipChange(input: { id: "mcr_SECTOR", expectedVersion: 1 }) { membershipChangeRequest { state } userErrors { code } } }`,
	"createBenefit":                        `mutation { createBenefit(input: { code: "NEW", kind: SERVICE, categories: [ACADEMIA], sectors: [D], title: { locale: EN, text: "a" }, description: { locale: EN, text: "a" }, howToUse: { locale: EN, text: "a" } }) { benefit { version } userErrors { code } } }`,
	"updateBenefit":                        `mutation { updateBenefit(input: { id: "` + aBenefit + `", expectedVersion: 1, source: null }) { benefit { version } userErrors { code } } }`,
	"retireBenefit":                        `mutation { retireBenefit(input: { id: "` + aBenefit + `", expectedVersion: 1, effectiveOn: "2025-03-31" }) { benefit { version } userErrors { code } } }`,
	"registrations":                        `{ registrations(filter: { event: "evt_OPEN" }) { totalCount } }`,
	"registrations (member)":               `{ registrations(filter: { entity: "mem_ACTIVE" }) { totalCount } }`,
	"registrations (country)":              `{ registrations(filter: { entity: "cty_UG" }) { totalCount } }`,
	"participants":                         `{ participants(event: "evt_OPEN") { totalCount } }`,
	"participants (members only)":          `{ participants(event: "evt_MEMBERS") { totalCount } }`,
	"eventStatistics":                      `{ eventStatistics(event: "evt_OPEN") { confirmed { total } } }`,
	"eventInvitations":                     `{ eventInvitations { totalCount } }`,
	"contributions":                        `{ contributions { totalCount } }`,
	"contributions (member)":               `{ contributions(filter: { entity: "mem_ACTIVE" }) { totalCount } }`,
	"viewer (registrations)":               `{ viewer { registrations { totalCount } calendarLinks { id } } }`,
	"node (registration)":                  `{ node(id: "reg_ASKED") { id } }`,
	"node (registration, country)":         `{ node(id: "reg_UGANDA") { id } }`,
	"node (invitation)":                    `{ node(id: "inv_OPEN") { id } }`,
	"contributions (series)":               `{ contributions(filter: { series: "ser_TESTBED" }) { totalCount } }`,
	"node (contribution)":                  `{ node(id: "ctr_SENT") { id } }`,
	"node (calendar link)":                 `{ node(id: "cal_ACTIVE") { id } }`,
	"registerForEvent":                     `mutation { registerForEvent(input: { event: "evt_OPEN", entity: "mem_ACTIVE", person: "usr_FOCAL", mode: REMOTE, consent: true }) { registration { status } userErrors { code } } }`,
	"registerForEvent (country)":           `mutation { registerForEvent(input: { event: "evt_OPEN", entity: "cty_UG", person: "usr_UGANDA", mode: REMOTE, consent: true }) { registration { status } userErrors { code } } }`,
	"registerForEvent (itself)":            `mutation { registerForEvent(input: { event: "evt_OPEN", mode: REMOTE, consent: true }) { registration { status } userErrors { code } } }`,
	"confirmRegistration":                  `mutation { confirmRegistration(input: { id: "reg_ASKED", expectedVersion: 1 }) { registration { status } userErrors { code } } }`,
	"cancelRegistration":                   `mutation { cancelRegistration(input: { id: "reg_ASKED", expectedVersion: 1 }) { registration { status } userErrors { code } } }`,
	"cancelRegistration (country)":         `mutation { cancelRegistration(input: { id: "reg_UGANDA", expectedVersion: 1 }) { registration { status } userErrors { code } } }`,
	"recordAttendance":                     `mutation { recordAttendance(input: { id: "reg_PAST", expectedVersion: 1, attended: false }) { registration { version } userErrors { code } } }`,
	"registrationNotice":                   `{ registrationNotice(code: "TESTREGISTRATION") { mode } }`,
	"acceptRegistration":                   `mutation { acceptRegistration(input: { id: "reg_BROUGHT" }) { registration { version } userErrors { code } } }`,
	"refuseRegistration":                   `mutation { refuseRegistration(input: { id: "reg_BROUGHT" }) { registration { version } userErrors { code } } }`,
	"guestNotice":                          `{ guestNotice(code: "TESTCODE") { modes } }`,
	"inviteGuest":                          `mutation { inviteGuest(input: { event: "evt_OPEN", organisation: "New" }) { invitation { version } userErrors { code } } }`,
	"revokeEventInvitation":                `mutation { revokeEventInvitation(input: { id: "inv_OPEN", expectedVersion: 1 }) { invitation { version } userErrors { code } } }`,
	"acceptEventInvitation":                `mutation { acceptEventInvitation(input: { code: "TESTCODE", name: "New", email: "new@example.org", mode: REMOTE, consent: true }) { status userErrors { code } } }`,
	"submitContribution":                   `mutation { submitContribution(input: { event: "evt_OPEN", entity: "mem_ACTIVE", title: "a", abstract: "a", source: { link: "https://docs.example/a" }, language: EN, topic: "GUIDELINE_1" }) { contribution { status } userErrors { code } } }`,
	"submitContribution (country)":         `mutation { submitContribution(input: { event: "evt_OPEN", entity: "cty_UG", title: "a", abstract: "a", source: { link: "https://docs.example/a" }, language: EN, topic: "GUIDELINE_1" }) { contribution { status } userErrors { code } } }`,
	"submitContribution (series)":          `mutation { submitContribution(input: { series: "ser_TESTBED", entity: "mem_ACTIVE", title: "a", abstract: "a", language: EN }) { contribution { status } userErrors { code } } }`,
	"amendContribution":                    `mutation { amendContribution(input: { id: "ctr_SENT", expectedVersion: 1, title: "New" }) { contribution { version } userErrors { code } } }`,
	"withdrawContribution":                 `mutation { withdrawContribution(input: { id: "ctr_SENT", expectedVersion: 1 }) { contribution { status } userErrors { code } } }`,
	"decideContribution":                   `mutation { decideContribution(input: { id: "ctr_SENT", expectedVersion: 1, decision: ACCEPT }) { contribution { status } userErrors { code } } }`,
	"linkIdentity":                         `mutation { linkIdentity(input: { token: "TESTTOKEN" }) { person { identities { issuer } } userErrors { code } } }`,
	"unlinkIdentity":                       `mutation { unlinkIdentity(input: { identity: "idn_NONE" }) { person { id } userErrors { code } } }`,
	"viewer (sessions)":                    `{ viewer { sessions { id } } }`,
	"viewer (passkeys)":                    `{ viewer { passkeys { id } } }`,
	"beginPasskey":                         `mutation { beginPasskey { expiresAt userErrors { code } } }`,
	"setNotificationPreferences":           `mutation { setNotificationPreferences(input: { preferences: [{ kind: EVENT, delivery: NEVER }] }) { preferences { kind } userErrors { code } } }`,
	"markNotificationsRead":                `mutation { markNotificationsRead(input: { all: true }) { unread userErrors { code } } }`,
	"addPasskey":                           `mutation { addPasskey(input: { challenge: "A", name: "a", credential: "{}" }) { passkey { id } userErrors { code } } }`,
	"removePasskey":                        `mutation { removePasskey(input: { passkey: "pky_FOCAL" }) { removed userErrors { code } } }`,
	"beginPasskeySignIn":                   `mutation { beginPasskeySignIn { expiresAt userErrors { code } } }`,
	"signInWithPasskey":                    `mutation { signInWithPasskey(input: { challenge: "A", credential: "{}" }) { signedIn { expiresAt } userErrors { code } } }`,
	"requestSignInCode":                    `mutation { requestSignInCode(input: { email: "focal@example.org" }) { expiresAt userErrors { code } } }`,
	"signIn":                               `mutation { signIn(input: { challenge: "A", code: "00000000" }) { signedIn { expiresAt } userErrors { code } } }`,
	"refreshSession":                       `mutation { refreshSession(input: { refreshToken: "ses_FOCAL.family.refresh" }) { signedIn { expiresAt } userErrors { code } } }`,
	"signOut":                              `mutation { signOut(input: { session: "ses_FOCAL" }) { ended userErrors { code } } }`,
	"confirmPresence":                      `mutation { confirmPresence(input: { challenge: "A", code: "00000000" }) { expiresAt userErrors { code } } }`,
	"becomeOperator":                       `mutation { becomeOperator(input: { code: "A", name: "Ann", email: "ann@example.org" }) { signedIn { expiresAt } userErrors { code } } }`,
	"revokeSessions":                       `mutation { revokeSessions(input: { person: "usr_FOCAL" }) { ended userErrors { code } } }`,
	"serviceFeedback":                      `{ serviceFeedback { totalCount } }`,
	"serviceFeedback (member)":             `{ serviceFeedback(filter: { entity: "mem_ACTIVE" }) { totalCount } }`,
	"node (service feedback)":              `{ node(id: "sfb_GIVEN") { id } }`,
	"submitServiceFeedback":                `mutation { submitServiceFeedback(input: { entity: "mem_ACTIVE", area: TOOL, subject: "a", text: "a", language: EN }) { serviceFeedback { version } userErrors { code } } }`,
	"submitServiceFeedback (State)":        `mutation { submitServiceFeedback(input: { entity: "cty_UG", area: TOOL, subject: "a", text: "a", language: EN }) { serviceFeedback { version } userErrors { code } } }`,
	"submitServiceFeedback (own)":          `mutation { submitServiceFeedback(input: { area: TOOL, subject: "a", text: "a", language: EN }) { serviceFeedback { version } userErrors { code } } }`,
	"answerServiceFeedback":                `mutation { answerServiceFeedback(input: { id: "sfb_GIVEN", expectedVersion: 1, text: "a" }) { serviceFeedback { version } userErrors { code } } }`,
	"tariffs":                              `{ tariffs { code } }`,
	"feeQuote":                             `{ feeQuote(input: { category: SECTOR_MEMBER, country: "cty_UG" }) { annual { amount } } }`,
	"compareMemberships":                   `{ compareMemberships(input: { category: ASSOCIATE, country: "cty_UG", with: { category: SECTOR_MEMBER } }) { annual { amount } } }`,
	"compareMemberships (member)":          `{ compareMemberships(input: { member: "mem_ACTIVE", with: { category: ASSOCIATE } }) { annual { amount } } }`,
	"compareMemberships (pending)":         `{ compareMemberships(input: { member: "mem_PENDING", with: { category: ASSOCIATE } }) { annual { amount } } }`,
	"invoices":                             `{ invoices(member: "mem_ACTIVE") { totalCount } }`,
	"invoices (suspended)":                 `{ invoices(member: "mem_SUSPENDED") { totalCount } }`,
	"memberAccount":                        `{ memberAccount(member: "mem_ACTIVE") { balance { amount } } }`,
	"openInvoices":                         `{ openInvoices { totalCount } }`,
	"node (invoice)":                       `{ node(id: "ivc_OPEN") { id } }`,
	"node (invoice, suspended)":            `{ node(id: "ivc_LATE") { id } }`,
	"issueInvoice":                         `mutation { issueInvoice(input: { member: "mem_ACTIVE", year: 2026, kind: ANNUAL }) { invoice { version } userErrors { code } } }`,
	"issueInvoices":                        `mutation { issueInvoices(input: { year: 2026, dryRun: true }) { run { left } userErrors { code } } }`,
	"recordPayment":                        `mutation { recordPayment(input: { invoice: "ivc_OPEN", expectedVersion: 1, amount: "1", receivedOn: "2025-03-31", reference: "a" }) { invoice { version } userErrors { code } } }`,
	"cancelInvoice":                        `mutation { cancelInvoice(input: { invoice: "ivc_OPEN", expectedVersion: 1, reason: "a" }) { invoice { version } userErrors { code } } }`,
	"applications":                         `{ applications { totalCount } }`,
	"applications (drafts)":                `{ applications(filter: { statuses: [DRAFT] }) { totalCount } }`,
	"application":                          `{ application(id: "app_SUBMITTED") { status } }`,
	"application (draft)":                  `{ application(id: "app_DRAFT") { status } }`,
	"application (due diligence)":          `{ application(id: "app_REVIEW") { dueDiligence { recordedAt } duplicates { likeness } } }`,
	"application (no country)":             `{ application(id: "app_INTERNATIONAL") { status } }`,
	"node (application)":                   `{ node(id: "app_SUBMITTED") { id } }`,
	"viewer (application)":                 `{ viewer { application { id } } }`,
	"dueDiligence":                         `{ dueDiligence { waiting } }`,
	"dueDiligence (country)":               `{ dueDiligence(countries: ["cty_UG"]) { waiting } }`,
	"requestApplicationCode":               `mutation { requestApplicationCode(input: { email: "new@example.org", locale: EN }) { expiresAt userErrors { code } } }`,
	"confirmApplicationCode":               `mutation { confirmApplicationCode(input: { challenge: "a", code: "00000000" }) { application { version } userErrors { code } } }`,
	"saveApplication":                      `mutation { saveApplication(input: { id: "app_DRAFT", expectedVersion: 1, name: "New" }) { application { version } userErrors { code } } }`,
	"submitApplication":                    `mutation { submitApplication(input: { id: "app_DRAFT", expectedVersion: 1, contact: { name: "a", function: "a" }, form: { title: "a", source: { link: "https://docs.example/a" }, sha256: "` + strings.Repeat("0", 64) + `" } }) { application { version } userErrors { code } } }`,
	"amendApplication":                     `mutation { amendApplication(input: { id: "app_SUBMITTED", expectedVersion: 1, name: "New" }) { application { version } userErrors { code } } }`,
	"withdrawApplication":                  `mutation { withdrawApplication(input: { id: "app_SUBMITTED", expectedVersion: 1 }) { application { version } userErrors { code } } }`,
	"bindApplication":                      `mutation { bindApplication(input: { id: "app_INCOMPLETE", expectedVersion: 1, email: "new@example.org" }) { application { version } userErrors { code } } }`,
	"completeApplication":                  `mutation { completeApplication(input: { id: "app_INCOMPLETE", expectedVersion: 1, studyGroup: SG1 }) { application { version } userErrors { code } } }`,
	"decideApplication":                    `mutation { decideApplication(input: { id: "app_SUBMITTED", expectedVersion: 1, decision: APPROVE }) { application { version } userErrors { code } } }`,
	"decideApplication (no country)":       `mutation { decideApplication(input: { id: "app_INTERNATIONAL", expectedVersion: 1, decision: APPROVE }) { application { version } userErrors { code } } }`,
	"recordDueDiligence":                   `mutation { recordDueDiligence(input: { id: "app_SUBMITTED", expectedVersion: 1, checklist: [] }) { application { version } userErrors { code } } }`,
	"liaisonStatements":                    `{ liaisonStatements { totalCount } }`,
	"consultations":                        `{ consultations { totalCount } }`,
	"consultationReach":                    `{ consultationReach(id: "con_OPEN") { addressed } }`,
	"consultations (drafts)":               `{ consultations(filter: { status: DRAFT }) { totalCount } }`,
	"consultation":                         `{ consultation(id: "con_OPEN") { code } }`,
	"consultation (draft)":                 `{ consultation(id: "con_DRAFT") { code } }`,
	"consultation (my draft)":              `{ consultation(id: "con_OPEN") { myDraft { answers { version } } myParticipation { reply } } }`,
	"consultation (synthesis draft)":       `{ consultation(id: "con_CLOSED") { synthesis { edition draft { id } } } }`,
	"participations":                       `{ participations(filter: { consultation: "con_CLOSED" }) { totalCount } }`,
	"participations (own)":                 `{ participations { totalCount } }`,
	"feedback (closed)":                    `{ feedback(filter: { consultation: "con_CLOSED" }) { nodes { id } } }`,
	"feedback":                             `{ feedback(filter: { consultation: "con_OPEN" }) { nodes { id } } }`,
	"feedback (own)":                       `{ feedback { nodes { id } } }`,
	"feedback (tag)":                       `{ feedback(filter: { consultation: "con_CLOSED", tag: "FEES" }) { totalCount } }`,
	"node (confidential reply)":            `{ node(id: "fbk_CONFIDENTIAL") { id } }`,
	"node (anonymised reply)":              `{ node(id: "fbk_ANONYMISED") { ... on Feedback { id entity { __typename } } } }`,
	"node (withdrawn reply)":               `{ node(id: "fbk_TAKEN") { id } }`,
	"node (reply of a state)":              `{ node(id: "fbk_SECRET") { id } }`,
	"node (delegate's view)":               `{ node(id: "fbk_VIEW") { ... on Feedback { id person { id } } } }`,
	"answerMatrix":                         `{ answerMatrix(consultation: "con_OPEN", questions: ["Q_POSITION"]) { timeliness } }`,
	"answerMatrix (closed)":                `{ answerMatrix(consultation: "con_CLOSED", questions: ["Q_PRIORITY"]) { cells { count } } }`,
	"publishedCounts":                      `{ publishedCounts(consultation: "con_OPEN") { published } }`,
	"publishedCounts (closed)":             `{ publishedCounts(consultation: "con_CLOSED", questions: ["Q_PRIORITY"]) { published confidential } }`,
	"consultationResponses":                `{ consultationResponses(consultation: "con_OPEN") { cells { invited } } }`,
	"consultationResponses (closed)":       `{ consultationResponses(consultation: "con_CLOSED") { cells { inTime } } }`,
	"createLiaisonStatement":               `mutation { createLiaisonStatement(input: { reference: "NEW", source: "TDAG", addressees: { group: "RAG", role: FOR_ACTION }, title: { locale: EN, text: "a" }, pillars: [] }) { liaisonStatement { version } userErrors { code } } }`,
	"updateLiaisonStatement":               `mutation { updateLiaisonStatement(input: { id: "lia_TESTBED", expectedVersion: 1, statedIn: null }) { liaisonStatement { version } userErrors { code } } }`,
	"createConsultation":                   `mutation { createConsultation(input: { code: "NEW", statement: "lia_TESTBED", group: "RAG", title: { locale: EN, text: "a" }, audience: { kinds: ACADEMIA }, questions: { code: "Q", topic: "2", kind: TEXT, text: { locale: EN, text: "a" } }, closesOn: "2025-05-01" }) { consultation { version } userErrors { code } } }`,
	"updateConsultation":                   `mutation { updateConsultation(input: { id: "con_DRAFT", expectedVersion: 1, introduction: null }) { consultation { version } userErrors { code } } }`,
	"openConsultation":                     `mutation { openConsultation(input: { id: "con_DRAFT", expectedVersion: 1 }) { consultation { status } userErrors { code } } }`,
	"closeConsultation":                    `mutation { closeConsultation(input: { id: "con_PASSED", expectedVersion: 1 }) { consultation { status } userErrors { code } } }`,
	"saveFeedbackDraft":                    `mutation { saveFeedbackDraft(input: { consultation: "con_OPEN", entity: "mem_ACTIVE", answers: { question: "Q_PRIORITY", priority: 1 } }) { draft { answers { version } } userErrors { code } } }`,
	"saveFeedbackDraft (country)":          `mutation { saveFeedbackDraft(input: { consultation: "con_PASSED", entity: "cty_UG", answers: { question: "Q_PRIORITY", priority: 1 } }) { draft { answers { version } } userErrors { code } } }`,
	"submitFeedback":                       `mutation { submitFeedback(input: { consultation: "con_OPEN", entity: "mem_ACTIVE", publication: ATTRIBUTED, language: EN, answers: { question: "Q_POSITION", position: SUPPORT } }) { feedback { timeliness } userErrors { code } } }`,
	"submitFeedback (country)":             `mutation { submitFeedback(input: { consultation: "con_PASSED", entity: "cty_UG", publication: ATTRIBUTED, language: EN, answers: { question: "Q_POSITION", position: SUPPORT } }) { feedback { timeliness } userErrors { code } } }`,
	"amendFeedback":                        `mutation { amendFeedback(input: { id: "fbk_SECRET", expectedVersion: 1, language: FR }) { feedback { version } userErrors { code } } }`,
	"withdrawFeedback":                     `mutation { withdrawFeedback(input: { id: "fbk_SECRET", expectedVersion: 1 }) { feedback { status } userErrors { code } } }`,
	"classifyFeedback":                     `mutation { classifyFeedback(input: { id: "fbk_SECRET", expectedVersion: 1, tags: "NEW" }) { feedback { version } userErrors { code } } }`,
	"saveSynthesis":                        `mutation { saveSynthesis(input: { consultation: "con_OPEN", expectedVersion: 0, paragraphs: { topic: "2", kind: FINDING, text: { locale: EN, text: "a" }, citations: "fbk_SECRET" } }) { synthesis { version } userErrors { code } } }`,
	"makeFeedbackConfidential":             `mutation { makeFeedbackConfidential(input: { id: "fbk_ANONYMISED", expectedVersion: 1, reason: "asked" }) { feedback { publication } userErrors { code } } }`,
	"agreeToCitation":                      `mutation { agreeToCitation(input: { id: "fbk_CONFIDENTIAL", expectedVersion: 1 }) { feedback { version } userErrors { code } } }`,
	"publishSynthesis":                     `mutation { publishSynthesis(input: { consultation: "con_CLOSED", expectedVersion: 1 }) { synthesis { edition } userErrors { code } } }`,
	"recordDecision":                       `mutation { recordDecision(input: { consultation: "con_CLOSED", expectedVersion: 1, topic: "2", body: BDT, text: { locale: EN, text: "a" }, decidedOn: "2025-03-31", source: "a" }) { synthesis { version } userErrors { code } } }`,
	"createCalendarLink":                   `mutation { createCalendarLink(input: {  }) { calendarLink { version } userErrors { code } } }`,
	"revokeCalendarLink":                   `mutation { revokeCalendarLink(input: { id: "cal_ACTIVE", expectedVersion: 1 }) { calendarLink { version } userErrors { code } } }`,
	"viewer (person)":                      `{ viewer { person { id } mandates { id } } }`,
	"node (person)":                        `{ node(id: "usr_DELEGATE") { id } }`,
	"node (person of a country)":           `{ node(id: "usr_UGANDA") { id } }`,
	"node (mandate)":                       `{ node(id: "man_DELEGATE") { id } }`,
	"mandates":                             `{ mandates(entity: "mem_ACTIVE") { totalCount } }`,
	"mandates (country)":                   `{ mandates(entity: "cty_UG") { totalCount } }`,
	"mandates (pending)":                   `{ mandates(entity: "mem_PENDING") { totalCount } }`,
	"updatePerson":                         `mutation { updatePerson(input: { id: "usr_DELEGATE", expectedVersion: 1, name: "New" }) { person { version } userErrors { code } } }`,
	"confirmPersonEmail":                   `mutation { confirmPersonEmail(input: { id: "usr_DELEGATE", code: "a" }) { person { version } userErrors { code } } }`,
	"updatePerson (of a country)":          `mutation { updatePerson(input: { id: "usr_UGANDA", expectedVersion: 1, name: "New" }) { person { version } userErrors { code } } }`,
	"addDelegate":                          `mutation { addDelegate(input: { entity: "mem_ACTIVE", name: "New", email: "new@example.org" }) { mandate { version } userErrors { code } } }`,
	"addDelegate (country)":                `mutation { addDelegate(input: { entity: "cty_UG", name: "New", email: "new@example.org" }) { mandate { version } userErrors { code } } }`,
	"addDelegate (pending)":                `mutation { addDelegate(input: { entity: "mem_PENDING", name: "New", email: "new@example.org" }) { mandate { version } userErrors { code } } }`,
	"appointFocalPoint":                    `mutation { appointFocalPoint(input: { entity: "mem_ACTIVE", name: "New", email: "new@example.org" }) { mandate { version } userErrors { code } } }`,
	"invitation":                           `{ invitation(code: "TESTPERSONINVITATION") { role } }`,
	"node (invitation of a person)":        `{ node(id: "pin_OPEN") { id } }`,
	"personInvitations":                    `{ personInvitations(entity: "mem_ACTIVE") { totalCount } }`,
	"personInvitations (country)":          `{ personInvitations(entity: "cty_UG") { totalCount } }`,
	"resendInvitation":                     `mutation { resendInvitation(input: { id: "pin_OPEN", expectedVersion: 1 }) { invitation { version } userErrors { code } } }`,
	"withdrawInvitation":                   `mutation { withdrawInvitation(input: { id: "pin_OPEN", expectedVersion: 1 }) { invitation { version } userErrors { code } } }`,
	"acceptInvitation":                     `mutation { acceptInvitation(input: { code: "TESTPERSONINVITATION" }) { mandate { id } userErrors { code } } }`,
	"declineInvitation":                    `mutation { declineInvitation(input: { code: "TESTPERSONINVITATION" }) { declined userErrors { code } } }`,
	"endMandate":                           `mutation { endMandate(input: { id: "man_DELEGATE", expectedVersion: 1, endsOn: "2025-04-15" }) { mandate { version } userErrors { code } } }`,
	"endMandate (country)":                 `mutation { endMandate(input: { id: "man_UGANDA", expectedVersion: 1, endsOn: "2025-04-15" }) { mandate { version } userErrors { code } } }`,
	"endMandate (last focal point)":        `mutation { endMandate(input: { id: "man_FOCAL", expectedVersion: 1, endsOn: "2025-04-15" }) { mandate { version } userErrors { code } } }`,
	"grantRole":                            `mutation { grantRole(input: { name: "New", email: "new@example.org", role: SECRETARIAT }) { person { version } userErrors { code } } }`,
	"endGrant":                             `mutation { endGrant(input: { person: "usr_secretariat", expectedVersion: 1, grant: "grt_secretariat" }) { person { version } userErrors { code } } }`,
	"handOverFocalPoint":                   `mutation { handOverFocalPoint(input: { mandate: "man_FOCAL", expectedVersion: 1, to: "man_DELEGATE" }) { mandate { version } userErrors { code } } }`,
	"confirmHandOver":                      `mutation { confirmHandOver(input: { mandate: "man_FOCAL", expectedVersion: 1, accept: true }) { mandate { version } userErrors { code } } }`,
	"cancelHandOver":                       `mutation { cancelHandOver(input: { mandate: "man_FOCAL", expectedVersion: 1 }) { mandate { version } userErrors { code } } }`,
	"events":                               `{ events { totalCount } }`,
	"events (drafts)":                      `{ events(filter: { statuses: [DRAFT] }) { totalCount } }`,
	"events (for me)":                      `{ events(filter: { forMe: true }) { totalCount } }`,
	"event":                                `{ event(id: "evt_OPEN") { code } }`,
	"event (draft)":                        `{ event(id: "evt_DRAFT") { code } }`,
	"event (members only)":                 `{ event(id: "evt_MEMBERS") { code } }`,
	"event (documents)":                    `{ event(id: "evt_OPEN") { documents { readers } } }`,
	"event (my registration)":              `{ event(id: "evt_OPEN") { myRegistration { id } eligibility { eligible } } }`,
	"node (event, members only)":           `{ node(id: "evt_MEMBERS") { id } }`,
	"node (series)":                        `{ node(id: "ser_TESTBED") { id } }`,
	"eventSeries":                          `{ eventSeries(kinds: [BRIEFING]) { totalCount } }`,
	"createEventSeries":                    `mutation { createEventSeries(input: { code: "NEW", kind: OTHER, title: { locale: EN, text: "a" } }) { eventSeries { version } userErrors { code } } }`,
	"updateEventSeries":                    `mutation { updateEventSeries(input: { id: "ser_TESTBED", expectedVersion: 1, title: { locale: EN, text: "a" } }) { eventSeries { version } userErrors { code } } }`,
	"createEvent":                          `mutation { createEvent(input: { code: "NEW", series: "ser_TESTBED", title: { locale: EN, text: "a" }, time: { startsOn: "2025-09-01" }, format: VIRTUAL, audience: { everyone: true } }) { event { version } userErrors { code } } }`,
	"updateEvent":                          `mutation { updateEvent(input: { id: "evt_OPEN", expectedVersion: 1, venue: null }) { event { version } userErrors { code } } }`,
	"updateEvent (members only)":           `mutation { updateEvent(input: { id: "evt_MEMBERS", expectedVersion: 1, venue: "a" }) { event { version } userErrors { code } } }`,
	"publishEvent":                         `mutation { publishEvent(input: { id: "evt_DRAFT", expectedVersion: 1 }) { event { version } userErrors { code } } }`,
	"postponeEvent":                        `mutation { postponeEvent(input: { id: "evt_OPEN", expectedVersion: 1, reason: "a" }) { event { version } userErrors { code } } }`,
	"cancelEvent":                          `mutation { cancelEvent(input: { id: "evt_OPEN", expectedVersion: 1, reason: "a" }) { event { version } userErrors { code } } }`,
	"publishEventDocument":                 `mutation { publishEventDocument(input: { eventId: "evt_OPEN", expectedVersion: 1, kind: AGENDA, title: { locale: EN, text: "a" }, source: { link: "https://docs.example/a" }, language: EN, date: "2025-03-31", readers: PUBLIC }) { event { version } userErrors { code } } }`,
	"withdrawEventDocument":                `mutation { withdrawEventDocument(input: { eventId: "evt_OPEN", expectedVersion: 1, documentId: "doc_PUBLIC", reason: "a" }) { event { version } userErrors { code } } }`,
}

// aBenefit is a benefit of the fixture.
const aBenefit = "ben_014QMW39G02X5Q8AFYVNSW2BMH"

const matrixPath = "testdata/roles.txt"

// TestRoleMatrix asks every root field as everybody and holds what comes out against a file that is
// made by -update and read by people. A field without a question fails.
func TestRoleMatrix(t *testing.T) {
	for _, f := range rootFields(t) {
		if questions[f.Name] == "" {
			t.Errorf("%s has no question in the role matrix", f.Name)
		}
	}
	engine := testkit.Engines()[0]
	shared := golden.Serve(t, engine.Shared(t))
	names := make([]string, 0, len(questions))
	for name := range questions {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("What each asker gets of each field of Query and Mutation. The owner is mem_ACTIVE or Uganda.\n")
	b.WriteString("OK value: answered · null: it does not exist for the asker · a code in capitals: refused with it.\n")
	writable := &unchanged{stores: engine.Unwritten(t)}
	for _, name := range names {
		fmt.Fprintf(&b, "\n%s\n", name)
		for _, asker := range askers {
			got := ""
			if strings.HasPrefix(questions[name], "mutation") {
				got = writable.outcome(t, name, asker)
			} else {
				got = outcome(t, shared, asker, questions[name])
			}
			fmt.Fprintf(&b, "  %-34s %s\n", asker, got)
		}
	}
	kept.File(t, matrixPath, b.String())
}

// claimants are persons who ask for a role that the records do not give them: nobody of the records, a person whose
// mandate ended, one with a mandate for another member, and staff without the grant.
var claimants = []string{
	"FOCAL_POINT mem_ACTIVE usr_STRANGER", "DELEGATE mem_ACTIVE usr_STRANGER", "ADMINISTRATION UG usr_STRANGER", "DELEGATE mem_ACTIVE usr_FORMER",
	"FOCAL_POINT mem_ACTIVE usr_ABROAD", "ADMINISTRATION UG usr_LEAVING", "ADMINISTRATION UG usr_KENYA", "ADMINISTRATION UG usr_UGANDA",
	"SECRETARIAT usr_LEAVING", "OPERATOR usr_secretariat", "REVIEWER SG1 usr_reviewer",
}

// aboutOneself are questions that a person without any role gets another answer to than others, because they are about
// the person who asks; those of one claimant begin with its name.
var aboutOneself = []string{
	"viewer", "viewer (person)", "viewer (registrations)", "viewer (sessions)", "linkIdentity", "unlinkIdentity", "signOut",
	"setNotificationPreferences", "markNotificationsRead", "viewer (passkeys)", "beginPasskey", "addPasskey", "removePasskey",
	"ADMINISTRATION UG usr_UGANDA: node (person of a country)", "ADMINISTRATION UG usr_UGANDA: node (registration, country)",
}

// TestATokenGivesNothing asks every root field with a token that claims what the records do not give: each answer is
// that of a person who is signed in and has no role, and nothing is written.
func TestATokenGivesNothing(t *testing.T) {
	engine := testkit.Engines()[0]
	shared, writable := golden.Serve(t, engine.Shared(t)), &unchanged{stores: engine.Unwritten(t)}
	asked := 0
	for _, name := range slices.Sorted(maps.Keys(questions)) {
		if slices.Contains(aboutOneself, name) {
			continue
		}
		ask := func(asker string) string {
			if strings.HasPrefix(questions[name], "mutation") {
				return writable.outcome(t, name, asker)
			}
			return outcome(t, shared, asker, questions[name])
		}
		want := ask("DELEGATE usr_NOBODY")
		for _, asker := range claimants {
			if slices.Contains(aboutOneself, asker+": "+name) {
				continue
			}
			if asked++; ask(asker) != want {
				t.Errorf("%s: %s got %s, and whoever has no role %s", name, asker, ask(asker), want)
			}
		}
	}
	t.Logf("%d questions", asked)
}

const areasPath = "testdata/areas.txt"

// TestEveryMutationOfTheSecretariatHasAnArea asks every mutation that the secretariat may as persons whose grant is
// limited to one area. It holds in which areas each is done against a file that people read, and fails for one that is
// done in none or in all.
func TestEveryMutationOfTheSecretariatHasAnArea(t *testing.T) {
	writable := &unchanged{stores: testkit.Engines()[0].Unwritten(t)}
	var b strings.Builder
	b.WriteString("In which areas the secretariat may do what. Whoever is limited to others is refused.\n\n")
	for _, name := range slices.Sorted(maps.Keys(questions)) {
		if !strings.HasPrefix(questions[name], "mutation") {
			continue
		}
		whole := writable.outcome(t, name, "SECRETARIAT")
		if whole == "FORBIDDEN" || whole == "NOT_FOUND" || whole == writable.outcome(t, name, "OPERATOR") {
			continue
		}
		var areas []string
		for _, area := range kit.StaffAreas {
			if writable.outcome(t, name, "SECRETARIAT usr_"+strings.ToLower(string(area))) == whole {
				areas = append(areas, string(area))
			}
		}
		if len(areas) == 0 || len(areas) == len(kit.StaffAreas) {
			t.Errorf("%s is done in %v", name, areas)
		}
		fmt.Fprintf(&b, "%-40s %s\n", name, strings.Join(areas, ", "))
	}
	kept.File(t, areasPath, b.String())
}

// unchanged serves mutations from a store that is as the fixture left it: where one that was refused tried to
// write, it is checked that nothing was kept, and after any try the next gets another store.
type unchanged struct {
	stores *testkit.Unwritten
	server *golden.Server
}

func (u *unchanged) outcome(t *testing.T, name, asker string) string {
	if u.server == nil {
		u.server = golden.Serve(t, u.stores.Store())
		u.server.Store.TakeWrote()
	}
	got := outcome(t, u.server, asker, questions[name])
	if !u.server.Store.TakeWrote() {
		return got
	}
	if !strings.HasPrefix(got, "OK ") {
		if written := testkit.FixtureVersions(t).Differences(testkit.VersionsOf(t, u.server.Store)); len(written) > 0 {
			t.Errorf("%s: %s got %s, and yet\n%s", name, asker, got, strings.Join(written, "\n"))
		}
	}
	u.server = nil
	return got
}

// outcome is what an asker gets, in a word.
func outcome(t *testing.T, s *golden.Server, asker, question string) string {
	as := asker
	if asker == "expired" {
		as = "SECRETARIAT"
	}
	header := s.Header(t, as, "")
	if asker == "expired" {
		earlier := auth.Tokens{Keys: s.Tokens.Keys, Issuer: "test", Audience: "test", Now: func() time.Time { return time.Now().Add(-25 * time.Hour) }}
		token, err := earlier.Issue(testkit.Proof(as), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		header.Set("Authorization", "Bearer "+token)
	}
	var answer struct {
		Data   map[string]json.RawMessage
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal([]byte(s.Ask(t, header, question, "")), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Errors) > 0 {
		return answer.Errors[0].Extensions.Code
	}
	for _, value := range answer.Data {
		text := strings.Join(strings.Fields(string(value)), "")
		if text == "null" {
			return text
		}
		if len(text) > 90 {
			text = text[:90] + "…"
		}
		return "OK " + text
	}
	return "nothing"
}
