package stage

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"memberportal/internal/kit"
)

// English is a text in English alone.
func English(text string) []kit.TranslationInput {
	return []kit.TranslationInput{{Locale: kit.English, Text: &text}}
}

// Hostile are texts that a careless reader or writer of CSV spoils.
var Hostile = []string{
	`comma, "quote" and 'apostrophe'`, "=1+1", "+256 41", "-1", "@SUM(A1)", "'=cmd", "''=cmd", "'plain", `\.`, "#comment", "a;b|c", "名称，“引号”", "شركة الاتصالات", "👩🏽‍💻 emoji", "ﬁn \u00a0 space", `"`, `""`, "'",
}

// Quiet is progress that nobody follows.
func Quiet(int) func(int) { return func(int) {} }

// CSV is the table that write writes, as CSV.
func CSV(write func(to kit.Rows) error) (string, error) {
	var out bytes.Buffer
	rows := kit.NewCSV(&out)
	err := errors.Join(write(rows), rows.Close())
	return out.String(), err
}

// MemberColumns are the first line of every CSV file of members.
const MemberColumns = "name,category,country,region,study_group,sectors,fee_class,admitted_on,activated_on,dataset,display_name,website,logo_url,original,description_ar,description_en,description_es,description_fr,description_ru,description_zh,machine"

// FirstDifference names the first line in which a text differs from the wanted one.
func FirstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\n got %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// FaultList are faults as «row column CODE».
func FaultList(faults []kit.ImportFault) []string {
	list := []string{}
	for _, f := range faults {
		list = append(list, fmt.Sprintf("%d %s %s", f.Row, f.Column, f.Code))
	}
	slices.Sort(list)
	return list
}

// ContainsAny says whether a text contains one of the parts.
func ContainsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

// Together does something with all items of a list at the same moment.
func Together[T any](list []T, do func(T)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for _, item := range list {
		all.Go(func() {
			<-start
			do(item)
		})
	}
	close(start)
	all.Wait()
}
