package portal_test

import (
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// nouns are the nouns of rooms, each with the files that belong to it: those whose names begin with one of the words
// and an underscore, or are one. A file of the room's own name makes its services and belongs to no noun, and so does
// what is listed under an empty name. Package kit knows no noun.
var nouns = map[string]map[string]string{
	"country":      {"country": "country"},
	"files":        {"file": "file"},
	"applications": {"application": "application migration_drafts", "": "tellings"},
	"membership": {
		"category": "category", "member": "member about_member entity lifecycle arrears repayment", "exemption": "exemption",
		"change_request": "change_request", "fee": "fee tariff", "invoice": "invoice", "": "tellings",
	},
	"people": {"term": "term", "person": "person authority", "mandate": "mandate", "session": "session sign_in", "passkey": "passkey", "invitation": "invitation", "notification": "notification", "": "migration_held tellings"},
	"events": {
		"event": "event", "registration": "registration seat participant attendance", "guest": "guest", "contribution": "contribution", "calendar_link": "calendar_link", "": "tellings",
	},
	"consultations": {
		"liaison": "liaison", "consultation": "consultation question", "participation": "participation respondent",
		"feedback":  "feedback answer receipt publication tally matrix published_counts classification",
		"synthesis": "synthesis", "service_feedback": "service_feedback", "": "report_back migration_replies tellings",
	},
	"benefits":   {"benefit": "benefit", "comparison": "comparison", "": "tellings"},
	"reference":  {"entry": "entry", "": "tellings"},
	"statistics": {"ledger": "ledger", "statistics": "statistics"},
	"figures":    {"figures": "figures"},
	"jobs":       {"job": "job sheet", "": "tellings"},
}

// nounOfFile is the noun that a file of a room belongs to, by the longest word that its name begins with.
func nounOfFile(room, path string) (noun string, known bool) {
	file, longest := strings.TrimSuffix(filepath.Base(path), ".go"), ""
	if file == "doc" || file == room {
		return "", true
	}
	for name, words := range nouns[room] {
		for word := range strings.FieldsSeq(words) {
			if (file == word || strings.HasPrefix(file, word+"_")) && len(word) > len(longest) {
				noun, longest, known = name, word, true
			}
		}
	}
	return noun, known
}

// TestNounsReferToEachOtherInNoCircle holds that the nouns of a room have an order: what comes first names nothing of
// what comes later, and asks it by an interface of its own.
func TestNounsReferToEachOtherInNoCircle(t *testing.T) {
	seen := 0
	for _, room := range house(t) {
		if nouns[room.Name] == nil {
			if room.Name != "kit" && room.Name != "portal" {
				t.Errorf("say which nouns the room %s has", room.Name)
			}
			continue
		}
		names := map[string][]string{}
		for _, file := range room.Syntax {
			path := room.Fset.Position(file.Pos()).Filename
			from, known := nounOfFile(room.Name, path)
			if !known {
				t.Errorf("%s/%s belongs to no noun", room.Name, filepath.Base(path))
			}
			if from == "" {
				continue
			}
			for _, to := range nounsNamed(room, file) {
				if to != "" && to != from && !slices.Contains(names[from], to) {
					names[from] = append(names[from], to)
					seen++
				}
			}
		}
		for _, noun := range slices.Sorted(maps.Keys(names)) {
			if way := cycle(names, noun, nil); way != nil {
				t.Errorf("%s: nouns name each other: %s", room.Name, strings.Join(way, " → "))
			}
		}
	}
	if seen < 25 {
		t.Errorf("only %d references between nouns were seen", seen)
	}
}

// nounsNamed are the nouns of the package-level names, fields and methods that a file uses.
func nounsNamed(room *packages.Package, file *ast.File) (all []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		o := room.TypesInfo.Uses[id]
		if o == nil || o.Pkg() != room.Types {
			return true
		}
		if v, ok := o.(*types.Var); ok && !v.IsField() && v.Parent() != room.Types.Scope() {
			return true // a local
		}
		noun, _ := nounOfFile(room.Name, room.Fset.Position(o.Pos()).Filename)
		all = append(all, noun)
		return true
	})
	return all
}
