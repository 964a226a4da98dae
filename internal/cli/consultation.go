package cli

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/kit"
	"memberportal/internal/report"
)

type consultationFlags struct {
	Export exportConsultation `cmd:"" help:"Write the report back on a closed consultation: what everybody may read of it, and nothing else."`
}

type exportConsultation struct {
	onStore
	Ref      string       `arg:"" help:"The consultation's code, or the full reference of a statement on which there is no other, such as CWG-FHR-20/20(Rev.1)."`
	Out      outputFolder `required:"" help:"The folder for report.html, report.md, report.json and replies.csv; made if there is none, what is there is replaced." type:"path" placeholder:"DIR"`
	Language string       `help:"The report's language: AR, EN, ES, FR, RU or ZH." enum:"AR,EN,ES,FR,RU,ZH" default:"EN"`
}

// Run writes the report back on a consultation, and prints the paths of its files.
func (f exportConsultation) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal consultation export", true)
	if err != nil {
		return err
	}
	found, err := p.ReportBack(ctx, f.Ref)
	if err = errors.Join(ofConsultation(f.Ref, err), done()); err != nil {
		return err
	}
	files, err := report.Files(found, kit.Locale(f.Language))
	if err != nil {
		return err
	}
	paths, err := f.Out.write(ctx, files...)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, err := fmt.Fprintln(stdout, path); err != nil {
			return err
		}
	}
	return nil
}

// ofConsultation says in place of NOT_FOUND which consultation is not there.
func ofConsultation(ref string, err error) error {
	if r, ok := errors.AsType[*kit.Refusal](err); ok && r.Code == kit.NotFound {
		return fmt.Errorf("there is no consultation with the code %q, nor one on a statement with that reference, that is or was open", ref)
	}
	return err
}
