package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheListIsCurrent also holds every licence of what is linked to those that are allowed.
func TestTheListIsCurrent(t *testing.T) {
	want, err := collect("../..")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(filepath.Join("..", list))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes that are not these %d: cd release && go run ./licenses", list, len(got), len(want))
	}
}

// TestWhatIsNotAllowedIsRefused gives ofModule modules with one file that has to stop the list.
func TestWhatIsNotAllowedIsRefused(t *testing.T) {
	apache, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a module without a licence":         {map[string]string{"x.go": "package x"}, "no licence"},
		"a licence that nobody knows":        {map[string]string{"LICENSE": "All rights reserved."}, "no licence"},
		"a licence and a reservation":        {map[string]string{"LICENSE": mit + strings.Repeat("It must not be used in a country that the author does not like.\n", 6)}, "of it is a licence"},
		"a licence that is not allowed":      {map[string]string{"LICENSE": agpl}, "AGPL-3.0-only is not allowed"},
		"another one in a folder":            {map[string]string{"LICENSE": string(apache), "sub/COPYING": agpl}, "AGPL-3.0-only is not allowed"},
		"one in a notice":                    {map[string]string{"LICENSE": string(apache), "THIRD-PARTY-NOTICES": agpl}, "AGPL-3.0-only is not allowed"},
		"one in the header of a source file": {map[string]string{"LICENSE": string(apache), "x.go": "// SPDX-License-Identifier: GPL-2.0-only\npackage x"}, "GPL-2.0-only, which is not allowed"},
		"a header whose licence has no text": {map[string]string{"LICENSE": string(apache), "x.go": "// SPDX-License-Identifier: MIT AND Apache-2.0\npackage x"}, "LICENSES"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
			var compiled []string
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(file, ".go") {
					compiled = append(compiled, filepath.Join(dir, file))
				}
			}
			if p, err := ofModule("example.org/x", "v1.0.0", dir, []string{dir, filepath.Join(dir, "sub")}, compiled); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v", p.licences, err)
			}
		})
	}
}

func TestThePackagesOfTheExplorerHaveALicenceThatIsAllowed(t *testing.T) {
	for text, want := range map[string]string{
		"It is made of these.\n\na 1.0.0 (MIT)\n\ntext":                                           "",
		"It is made of these.\n\na 1.0.0 (MIT)\n\ntext\n\n@b/c 2.0.0-rc.1 (GPL-3.0-only)\n\ntext": "@b/c 2.0.0-rc.1 of the explorer is under GPL-3.0-only",
		"text": "names no package",
	} {
		if err := explorerAllowed(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

const mit = `MIT License

Copyright (c) 2025 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation
the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT,
TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

// agpl is how a program says that it is under the AGPL.
const agpl = `This program is free software: you can redistribute it and/or modify it under the terms of the GNU Affero
General Public License as published by the Free Software Foundation, version 3 of the License.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the
implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU Affero General Public
License for more details.

You should have received a copy of the GNU Affero General Public License along with this program. If not, see
<https://www.gnu.org/licenses/>.`
