package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"memberportal/internal/consultations"
)

// csvColumns are those of replies.csv, whatever its language.
var csvColumns = []string{"reply", "respondent", "kind", "region", "capacity", "timeliness", "publication", "language", "question", "answer"}

// csv writes a line for each answer, with codes as in report.json; a reply without answers has one line.
func (f *facts) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	for _, x := range f.Replies {
		var name, kind, region string
		if r := x.Respondent; r != nil {
			kind, region = string(r.Kind), string(r.Region)
			if r.Name != nil {
				name = r.Name.Text
			}
		}
		answers := x.Answers
		if len(answers) == 0 {
			answers = []answerFacts{{}}
		}
		for _, a := range answers {
			cells := []string{
				x.Number, name, kind, region, string(x.Capacity), string(deref(x.Timeliness)), string(x.Publication), string(deref(x.Language)), a.Question, a.coded(),
			}
			for i := range cells {
				cells[i] = cellOf(cells[i])
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// cellOf is a text of one line that no spreadsheet takes for a formula. Some take the wide signs of
// Chinese and Japanese for the narrow ones.
func cellOf(text string) string {
	text = consultations.CSVCell(line(text))
	if strings.HasPrefix(text, "＝") || strings.HasPrefix(text, "＋") || strings.HasPrefix(text, "－") || strings.HasPrefix(text, "＠") {
		return "'" + text
	}
	return text
}

// coded is an answer by codes, numbers, or its text; several stand behind each other.
func (a answerFacts) coded() string {
	var parts []string
	if a.Text != nil {
		parts = append(parts, *a.Text)
	}
	if a.Position != nil {
		parts = append(parts, string(*a.Position))
	}
	if a.Priority != nil {
		parts = append(parts, strconv.Itoa(*a.Priority))
	}
	parts = append(parts, a.Options...)
	if a.Members != nil {
		parts = append(parts, "members "+strconv.Itoa(*a.Members))
	}
	if a.Amount != nil {
		parts = append(parts, string(a.Amount.Currency)+" "+a.Amount.Amount.String())
	}
	for _, b := range a.Bodies {
		parts = append(parts, string(b))
	}
	return strings.Join(parts, "; ")
}
