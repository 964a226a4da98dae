package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostile are documents that are as large as the limits allow, or larger, each meant to cost as much as
// it can before it is refused or answered.
func hostile() map[string]string {
	text := 16<<10 - 32 // BenchmarkHostile adds some
	fill := func(head, part, tail string) string {
		return head + strings.Repeat(part, (text-len(head)-len(tail))/len(part)) + tail
	}
	typeRef := " name kind ofType { name kind ofType { name kind ofType { name kind } } }"
	return map[string]string{
		"too long":             strings.Repeat("{", 1<<20-100),
		"16 KB of one field":   fill("{ viewer { ", "id ", "} }"),
		"1000 tokens repeated": "{" + strings.Repeat(" viewer", 998) + " }",
		"50 repeats merged":    "{" + strings.Repeat(" members {"+strings.Repeat(" totalCount", 16)+" }", 50) + " }",
		"50 repeats that merge in fragments": "{ viewer {" + strings.Repeat(" entities { ...F }", 50) + " } } fragment F on Member {" +
			strings.Repeat(" country { id }", 35) + " }",
		"distinct unknown fields":   "{" + times(998, " field%d") + " }",
		"distinct unknown aliases":  "{" + times(15, " a%d: field%d") + times(900, " memberz%d") + " }",
		"unknown arguments":         "{ members(" + times(300, "frst%d: 1 ") + ") { totalCount } }",
		"unknown enum values":       "{ members(filter: { regions: [" + times(900, "AFRI%d ") + "] }) { totalCount } }",
		"deep braces":               fill("", "{ a ", ""),
		"deep lists in an argument": "{ nodes(ids: " + strings.Repeat("[", 490) + strings.Repeat("]", 490) + ") { id } }",
		"deep objects":              "{ members(filter: " + strings.Repeat("{ a: ", 240) + "1" + strings.Repeat("}", 240) + ") { totalCount } }",
		"deep inline fragments":     "{" + strings.Repeat(" ... {", 330) + " viewer { id }" + strings.Repeat("}", 331),
		"fragments that double":     "{ viewer { entities { ...F0 } } }" + times(40, " fragment F%d on Member { ...G%d ...G%d }") + times(40, " fragment G%d on Member { ...F1 ...F2 ...F3 }"),
		"fragments that nest and double": "{ ...F0 }" + chain(60, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { viewer { ...V } ...F%d ...F%d }", i, i+1, i+1)
		}) + " fragment F60 on Query { __typename } fragment V on Viewer { id }",
		"levels that double": "{ ...F0 }" + chain(10, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Viewer { entities { ...F%d } person { ...F%d } }", i, i+1, i+1)
		}) + " fragment F10 on Viewer { id }",
		"fragments spread everywhere": "{ viewer {" + times(150, " ...F%d") + " } }" + times(150, " fragment F%d on Viewer { id }"),
		"a cycle of fragments": "{ ...F0 }" + chain(150, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { ...F%d }", i, (i+1)%150)
		}),
		"fragments in pairs":                 "{ viewer {" + times(45, " ...F%d") + " } }" + times(45, " fragment F%d on Viewer { id roles groups locale entities { __typename } person { id } }"),
		"100 operations":                     times(120, " query Q%d { viewer { id } }"),
		"variables":                          "query Q(" + times(240, " $v%d: Int") + ") { viewer { id } }",
		"15 searches":                        "{" + times(15, " a%d: search(query: \"organisation\", first: 100) { nodes { node { id } } }") + " }",
		"a search":                           "{" + times(1, " a%d: search(query: \"organisation\", first: 100) { nodes { node { id } } }") + " }",
		"6 counts":                           "{" + times(6, " a%d: members(first: 1) { totalCount }") + " }",
		"15 aliases of a page":               "{" + times(15, " a%d: members(first: 14) { nodes { id name contacts { email } country { id name { text } } } }") + " }",
		"a page of everything":               "{ members(first: 100) { nodes { id name history { id kind } contacts { email } sectors { sector } socialLinks { url } benefits { id } country { name { translations { text } } } } } }",
		"a page that may cost what it costs": "{ members(first: 100) { nodes { benefits { id } history { kind } contacts { email } sectors { sector } socialLinks { url } country { id } } } }",
		"introspection": "{ __schema { types { name fields { name args { name type {" + typeRef + " } } type {" + typeRef + " } } inputFields { name type {" + typeRef +
			" } } interfaces {" + typeRef + " } enumValues { name } possibleTypes { name } } directives { name args { name } } } }",
		"introspection, 15 times":        "{" + times(15, " s%d: __schema { types { name fields { name args { name } type { name } } } }") + " }",
		"introspection, nested lists":    "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
		"introspection, round and round": "{ __schema { types { possibleTypes { interfaces { possibleTypes { interfaces { name } } } } } } }",
		"introspection, deep":            "{ __type(name: \"Member\") {" + strings.Repeat(" ofType {", 320) + " name" + strings.Repeat(" }", 322),
	}
}

// hostileVariables are requests that are as large as a body may be, or larger, each with a small document
// whose variables, names or other members are meant to cost.
func hostileVariables() map[string]string {
	const body = 1<<20 - 1024
	many := func(part string, n int) string {
		return strings.TrimSuffix(strings.Repeat(part+",", min(n, body/(len(part)+1))), ",")
	}
	request := func(query, rest string) string { return fmt.Sprintf(`{"query":%q%s}`, query, rest) }
	variable := func(definition, query, value string) string {
		return request("query Q("+definition+") "+query, `,"variables":{"v":`+value+`}`)
	}
	fifteen := func(field string) string { return "{" + times(15, " a%d: "+field) + " }" }
	return map[string]string{
		"a list of an enum, 15 times":           variable("$v: [MembershipCategory!]", fifteen("benefitComparison(categories: $v) { benefit { id } }"), "["+many(`"ACADEMIA"`, 80_000)+"]"),
		"as many values as there may be":        variable("$v: [ID!]", fifteen("members(filter: { countries: $v }) { totalCount }"), "["+many(`"cty_UG"`, 9_990)+"]"),
		"as many entries as there may be":       variable("$v: [ID!]", fifteen("members(filter: { countries: $v }, first: 1) { nodes { id } }"), "["+many(`"cty_UG"`, 64)+"]"),
		"different entries, 15 times":           variable("$v: [ID!]", fifteen("members(filter: { countries: $v }, first: 1) { nodes { id } }"), "["+strings.TrimSuffix(times(64, `"cty_%d",`), ",")+"]"),
		"an enum for each of its values":        variable("$v: MemberFilter", fifteen("members(filter: $v, first: 1) { nodes { id } }"), `{"regions":["AFR","AMS","ARB","ASP","CIS","EUR","REGINTORG"],"statuses":["ACTIVE","SUSPENDED"],"categories":["SECTOR_MEMBER","ASSOCIATE","ACADEMIA"]}`),
		"100 ids, 15 times":                     variable("$v: [ID!]!", fifteen("nodes(ids: $v) { id }"), "["+many(`"mem_000001"`, 100)+"]"),
		"deep lists":                            variable("$v: [ID!]", fifteen("nodes(ids: $v) { id }"), strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)),
		"deep objects in a variable":            variable("$v: MemberFilter", fifteen("members(filter: $v) { totalCount }"), strings.Repeat(`{"a":`, 9_000)+"1"+strings.Repeat("}", 9_000)),
		"unknown fields of an object":           variable("$v: MemberFilter", fifteen("members(filter: $v) { totalCount }"), "{"+strings.TrimSuffix(times(9_000, `"f%d":1,`), ",")+"}"),
		"a large text, searched 15 times":       variable("$v: String!", fifteen("search(query: $v) { nodes { __typename } }"), `"`+strings.Repeat("a", body)+`"`),
		"a large text of escapes":               variable("$v: String!", "{ search(query: $v) { nodes { __typename } } }", `"`+strings.Repeat(`\u00e9`, body/6)+`"`),
		"a large text of words":                 variable("$v: String!", "{ search(query: $v) { nodes { __typename } } }", `"`+strings.Repeat("é ", body/3)+`"`),
		"a large id, 15 times":                  variable("$v: ID!", fifteen("member(id: $v) { id }"), `"mem_`+strings.Repeat("a", body)+`"`),
		"a large cursor, 15 times":              variable("$v: String", fifteen("members(after: $v) { nodes { id } }"), `"`+strings.Repeat("a", body)+`"`),
		"a large date, 15 times":                variable("$v: Date!", fifteen("membershipStatistics(asOf: $v) { asOf }"), `"`+strings.Repeat("1", body)+`"`),
		"a long number":                         variable("$v: Int", fifteen("members(first: $v) { nodes { id } }"), strings.Repeat("9", body)),
		"a long number in a document":           request("{ members(first: "+strings.Repeat("9", 16<<10-100)+") { totalCount } }", ""),
		"a large enum value":                    variable("$v: [Region!]", fifteen("members(filter: { regions: $v }) { totalCount }"), `["`+strings.Repeat("A", body)+`"]`),
		"a large name of the operation":         request("query Q { viewer { id } }", `,"operationName":"`+strings.Repeat("Q", body)+`"`),
		"members that nobody asked for":         "{" + strings.TrimSuffix(times(60_000, `"m%d":1,`), ",") + "}",
		"extensions":                            request("{ viewer { id } }", `,"extensions":{`+strings.TrimSuffix(times(9_000, `"e%d":[],`), ",")+"}"),
		"errors of 15 fields":                   variable("$v: Int", fifteen("members(first: $v) { nodes { id } }"), "101"),
		"errors of each country":                variable("$v: Locale", "{ countries(first: 100) { nodes { name { text(locale: $v) } } } }", "null"),
		"variables that are not declared":       request("query Q($v: Int) { members(first: $v) { totalCount } }", `,"variables":{`+strings.TrimSuffix(times(9_000, `"v%d":1,`), ",")+"}"),
		"the same fields with other arguments":  request("{"+times(40, " members(first: %d) { nodes { id } }")+" }", ""),
		"fields that overlap in many fragments": request("{ viewer {"+times(45, " ...F%d")+" } }"+times(45, " fragment F%d on Viewer { member { id name } member { id name } country { id } }"), ""),
		"a list of defaults":                    request("query Q($v: [ID!] = ["+strings.Repeat(`"a" `, 900)+"]) "+fifteen("nodes(ids: $v) { id }"), ""),
		"a list that is written 64 times":       request("{"+times(15, " a%d: members(first: 1, filter: { countries: ["+strings.Repeat(`"cty_UG" `, 40)+"] }) { nodes { id } }")+" }", ""),
		"a filter for each of a page":           variable("$v: [RespondentKind!]", "{ consultations(first: 100) { nodes { id feedback(first: 1, filter: { kinds: $v }) { totalCount } } } }", `["MEMBER_STATE","SECTOR_MEMBER"]`),
	}
}

// chain joins n parts.
func chain(n int, part func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(part(i))
	}
	return b.String()
}

// cpu is the processor time that this process has used, of all its threads.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkHostile sends each hostile document to a portal that has not seen it, and reports what it
// costs in processor time; over-50ms is 1 for what costs more than a request may.
func BenchmarkHostile(b *testing.B) {
	h := face(b, crowd(b, 1000), true, nil)
	requests := map[string]func(salt string) *http.Request{}
	for name, document := range hostile() {
		requests[name] = func(salt string) *http.Request { return asked(document + salt) }
	}
	for name, body := range hostileVariables() {
		requests[name] = func(salt string) *http.Request {
			salt = strings.ReplaceAll(salt, "\n", `\n`)
			return posted(strings.Replace(body, `{"query":"`, `{"query":"`+salt, 1))
		}
	}
	for name, request := range requests {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			n, used := 0, time.Duration(0)
			for b.Loop() {
				// White space makes it another document each time, which no cache knows.
				request := request(strings.NewReplacer("0", " ", "1", "\n").Replace(strconv.FormatInt(int64(n), 2)))
				answer := httptest.NewRecorder()
				before := cpu(b)
				h.ServeHTTP(answer, request)
				used += cpu(b) - before
				if n++; answer.Code != http.StatusOK && answer.Code != http.StatusBadRequest {
					b.Fatal(answer.Code, answer.Body)
				}
			}
			each := used.Seconds() * 1000 / float64(n)
			b.ReportMetric(each, "cpu-ms/op")
			over := 0.0
			if each > 50 {
				over = 1
			}
			b.ReportMetric(over, "over-50ms")
		})
	}
}
