package testkit

import (
	"memberportal/internal/consultations"
	"memberportal/internal/kit"
)

// ServiceFeedback is, for mem_ACTIVE, sfb_GIVEN of usr_DELEGATE, which waits for an answer, and
// sfb_ANSWERED of usr_FOCAL.
func ServiceFeedback() []*consultations.ServiceFeedback {
	given := serviceFeedback("GIVEN", "usr_DELEGATE", consultations.AreaTool, "2025-03-02")
	given.Subject, given.Text = "Testbed tool", "The delegate finds no filter."
	answered := serviceFeedback("ANSWERED", "usr_FOCAL", consultations.AreaProcess, "2025-03-01")
	answered.Subject, answered.Text = "Testbed process", "The focal point waits for weeks."
	answered.Answer = &consultations.ServiceAnswer{Text: "The secretariat hires somebody.", Language: new(kit.English), At: "2025-03-03T09:00:00.000Z"}
	return []*consultations.ServiceFeedback{given, answered}
}

func serviceFeedback(id string, person kit.ID, area consultations.ServiceArea, on kit.Date) *consultations.ServiceFeedback {
	return &consultations.ServiceFeedback{
		ID: kit.ID("sfb_" + id), Area: area, Language: kit.English, EntityID: "mem_ACTIVE", PersonID: person,
		SubmittedAt: kit.DateTime(on + "T09:00:00.000Z"), Dataset: kit.Demonstration,
	}
}
