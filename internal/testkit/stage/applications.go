package stage

import (
	"memberportal/internal/applications"
	"memberportal/internal/kit"
)

// AskCode asks for a code by mail, for a new application or for one that there is, and gives the challenge.
func (s Stage) AskCode(email string, application *kit.ID) kit.ID {
	s.Helper()
	asked, err := s.Portal.Applications.RequestCode(By(Nobody), applications.RequestApplicationCodeInput{Email: email, Locale: kit.French, Application: application})
	s.Must(err)
	if asked.Challenge == nil || asked.ExpiresAt == nil || len(asked.UserErrors) > 0 {
		s.Fatalf("%+v", asked)
	}
	return *asked.Challenge
}
