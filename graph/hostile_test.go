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
		"50 repeats that merge in fragments": "{ viewer {" + strings.Repeat(" member { ...F }", 50) + " } } fragment F on Member {" +
			strings.Repeat(" country { id }", 35) + " }",
		"distinct unknown fields":   "{" + times(998, " field%d") + " }",
		"distinct unknown aliases":  "{" + times(15, " a%d: field%d") + times(900, " memberz%d") + " }",
		"unknown arguments":         "{ members(" + times(300, "frst%d: 1 ") + ") { totalCount } }",
		"unknown enum values":       "{ members(filter: { regions: [" + times(900, "AFRI%d ") + "] }) { totalCount } }",
		"deep braces":               fill("", "{ a ", ""),
		"deep lists in an argument": "{ nodes(ids: " + strings.Repeat("[", 490) + strings.Repeat("]", 490) + ") { id } }",
		"deep objects":              "{ members(filter: " + strings.Repeat("{ a: ", 240) + "1" + strings.Repeat("}", 240) + ") { totalCount } }",
		"deep inline fragments":     "{" + strings.Repeat(" ... {", 330) + " viewer { id }" + strings.Repeat("}", 331),
		"fragments that double":     "{ viewer { member { ...F0 } } }" + times(40, " fragment F%d on Member { ...G%d ...G%d }") + times(40, " fragment G%d on Member { ...F1 ...F2 ...F3 }"),
		"fragments that nest and double": "{ ...F0 }" + chain(60, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { viewer { ...V } ...F%d ...F%d }", i, i+1, i+1)
		}) + " fragment F60 on Query { __typename } fragment V on Viewer { id }",
		"levels that double": "{ ...F0 }" + chain(10, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Viewer { member { ...F%d } country { ...F%d } }", i, i+1, i+1)
		}) + " fragment F10 on Viewer { id }",
		"fragments spread everywhere": "{ viewer {" + times(150, " ...F%d") + " } }" + times(150, " fragment F%d on Viewer { id }"),
		"a cycle of fragments": "{ ...F0 }" + chain(150, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { ...F%d }", i, (i+1)%150)
		}),
		"fragments in pairs":                 "{ viewer {" + times(45, " ...F%d") + " } }" + times(45, " fragment F%d on Viewer { id roles groups locale member { id } country { id } }"),
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
	for name, document := range hostile() {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			n, used := 0, time.Duration(0)
			for b.Loop() {
				// White space makes it another document each time, which no cache knows.
				request := asked(document + strings.NewReplacer("0", " ", "1", "\n").Replace(strconv.FormatInt(int64(n), 2)))
				answer := httptest.NewRecorder()
				before := cpu(b)
				h.ServeHTTP(answer, request)
				used += cpu(b) - before
				if n++; answer.Code != http.StatusOK {
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
