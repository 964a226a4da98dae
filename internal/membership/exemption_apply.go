package membership

import (
	"context"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// RequestFor records the request of an organisation that asked for an exemption when it applied, in the caller's
// transaction and without checking the caller's rights or the answers. It takes the files from the application. The member
// must be new, so that it has no other request. The Council decides about it as about any other.
func (s *FeeExemptionService) RequestFor(ctx context.Context, note func(kit.Change), m *Member, criteria []CriterionAnswer, evidence []string, evidenceFiles []files.File, by kit.ID) error {
	x := &FeeExemption{
		ID: s.core.NewID(exemptionPrefix), Member: m.ID, Criteria: criteria, Evidence: evidence, StoredEvidenceFiles: evidenceFiles,
		RequestedOn: s.core.Clock.Today(), RequestedBy: by, Dataset: kit.DatasetOf(ctx),
	}
	if err := s.exemptions.Insert(ctx, x); err != nil {
		return err
	}
	for i := range evidenceFiles {
		if err := s.files.Pass(ctx, &evidenceFiles[i], x.ID); err != nil {
			return err
		}
	}
	note(kit.Changed(FeeExemptionNoun, x, kit.Created, "member", "criteria", "evidence"))
	return nil
}

// exemptionBook reads requests for exemptions without checking the caller's rights, for rules that depend on them. It does
// not read members.
type exemptionBook struct {
	exemptions store.Collection[FeeExemption]
}

// Asked returns those of some members whose request for an exemption is not decided yet, without checking the caller's
// rights; see kit.EachOf. A member has one such request at most.
func (b *exemptionBook) Asked(ctx context.Context, members []kit.ID) (map[kit.ID]bool, error) {
	asked := map[kit.ID]bool{}
	return asked, kit.EachOf(ctx, b.exemptions, "member", members, store.Where{"state": {string(ExemptionRequested)}}, "requestedOn", func(x *FeeExemption) {
		asked[x.Member] = true
	})
}
