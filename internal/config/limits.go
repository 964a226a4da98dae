package config

import (
	"errors"
	"fmt"
	"time"
)

// Limits bound what one GraphQL request may ask for. Page sizes are 1 to 100 and no setting.
type Limits struct {
	Body          int64          `name:"limit-body" help:"Bytes of a request." default:"1048576" env:"MEMBERPORTAL_LIMIT_BODY"`
	Text          int            `name:"limit-text" help:"Bytes of a GraphQL document." default:"16384" env:"MEMBERPORTAL_LIMIT_TEXT"`
	Tokens        int            `name:"limit-tokens" help:"Lexical tokens of a document." default:"1000" env:"MEMBERPORTAL_LIMIT_TOKENS"`
	Fields        int            `name:"limit-fields" help:"Selections of a document with its fragments unfolded." default:"2000" env:"MEMBERPORTAL_LIMIT_FIELDS"`
	Repeats       int            `name:"limit-repeats" help:"Times that one field may stand in one selection." default:"50" env:"MEMBERPORTAL_LIMIT_REPEATS"`
	Aliases       int            `name:"limit-aliases" help:"Aliases in a document; 0 for none." default:"15" env:"MEMBERPORTAL_LIMIT_ALIASES"`
	Directives    int            `name:"limit-directives" help:"Directives in a document; 0 for none." default:"20" env:"MEMBERPORTAL_LIMIT_DIRECTIVES"`
	Depth         int            `name:"limit-depth" help:"Levels of fields, introspection apart." default:"12" env:"MEMBERPORTAL_LIMIT_DEPTH"`
	Cost          int            `name:"limit-cost" help:"Cost of an operation of a visitor: objects that the answer can hold." default:"5000" env:"MEMBERPORTAL_LIMIT_COST"`
	RoleCost      map[string]int `name:"limit-role-cost" help:"Cost of an operation of who holds a role, where that is more." default:"DELEGATE=10000;FOCAL_POINT=10000;ADMINISTRATION=20000;REVIEWER=20000;SECRETARIAT=50000;OPERATOR=50000" placeholder:"ROLE=N;…" env:"MEMBERPORTAL_LIMIT_ROLE_COST"`
	Introspection int            `name:"limit-introspection" help:"Cost of what an operation asks about the schema." default:"20000" env:"MEMBERPORTAL_LIMIT_INTROSPECTION"`
	Errors        int            `name:"limit-errors" help:"Errors in an answer." default:"5" env:"MEMBERPORTAL_LIMIT_ERRORS"`
	Persisted     int            `name:"limit-persisted" help:"Automatically persisted documents that are kept; 0 for none." default:"1000" env:"MEMBERPORTAL_LIMIT_PERSISTED"`
	Values        int            `name:"limit-values" help:"JSON values of a request, its variables above all: entries of lists and fields of objects." default:"10000" env:"MEMBERPORTAL_LIMIT_VALUES"`
	Answer        int64          `name:"limit-answer" help:"Bytes of an answer." default:"4194304" env:"MEMBERPORTAL_LIMIT_ANSWER"`
	ExecutionTime time.Duration  `name:"limit-time" help:"How long one request may run. Its answer may take as long again to be written." default:"10s" env:"MEMBERPORTAL_LIMIT_TIME"`
}

// longest is less than what the server waits for an answer to be written.
const longest = 25 * time.Second

func (l Limits) faults() (errs []error) {
	for _, f := range []struct {
		flag        string
		value, from int64
	}{
		{"body", l.Body, 1}, {"text", int64(l.Text), 1}, {"tokens", int64(l.Tokens), 1}, {"fields", int64(l.Fields), 1},
		{"repeats", int64(l.Repeats), 1}, {"aliases", int64(l.Aliases), 0}, {"directives", int64(l.Directives), 0},
		{"depth", int64(l.Depth), 1}, {"cost", int64(l.Cost), 1}, {"introspection", int64(l.Introspection), 1},
		{"errors", int64(l.Errors), 1}, {"persisted", int64(l.Persisted), 0}, {"values", int64(l.Values), 1}, {"answer", l.Answer, 1},
	} {
		if f.value < f.from {
			errs = append(errs, fmt.Errorf("--limit-%s: must be at least %d", f.flag, f.from))
		}
	}
	for role, cost := range l.RoleCost {
		if cost < 1 {
			errs = append(errs, fmt.Errorf("--limit-role-cost: %s must be at least 1", role))
		}
	}
	if l.ExecutionTime <= 0 || l.ExecutionTime > longest {
		errs = append(errs, errors.New("--limit-time: must be more than 0 and at most "+longest.String()))
	}
	return errs
}
