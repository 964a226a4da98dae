package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/store"
)

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// side is the table of a listing with a multi-valued key: a row for each value of each document.
func side(k *store.Kind, l store.Listing) string { return k.Name + "/" + l.Name() }

// keyColumns are the single-valued columns of a kind's table, in order: equality keys, sort tokens,
// unique keys.
func keyColumns(k *store.Kind) []string {
	var columns []string
	for _, key := range k.Keys {
		equal := slices.ContainsFunc(k.Listings, func(l store.Listing) bool {
			return l.Has == "" && slices.Contains(l.Equal, key.Name)
		})
		if equal {
			columns = append(columns, "k_"+key.Name)
		}
	}
	for _, name := range k.SortKeys() {
		columns = append(columns, "s_"+name)
	}
	for _, key := range k.Keys {
		if key.Unique {
			columns = append(columns, "u_"+key.Name)
		}
	}
	return columns
}

// columnValues are the values for keyColumns, in the same order.
func columnValues(columns []string, v store.Values) []any {
	values := make([]any, len(columns))
	for i, c := range columns {
		name := c[2:]
		switch key := v.Key[name]; {
		case c[0] == 's':
			values[i] = v.Sort[name]
		case c[0] == 'k':
			values[i] = key[0]
		case len(key) > 0:
			values[i] = key[0]
		}
	}
	return values
}

func token(l store.Listing) string {
	if l.Sort == "" {
		return "id"
	}
	return "s_" + l.Sort
}

// statements are the declared tables and indexes of a kind by name, each with the statement that
// makes it.
func statements(k *store.Kind) (tables, indexes map[string]string) {
	tables, indexes = map[string]string{}, map[string]string{}
	tables[k.Name] = fmt.Sprintf("CREATE TABLE %s (id TEXT PRIMARY KEY, version INTEGER NOT NULL, doc BLOB NOT NULL)", quote(k.Name))
	for _, l := range k.Listings {
		if l.Has != "" {
			name := side(k, l)
			columns := []string{"value"}
			for _, e := range l.Equal {
				columns = append(columns, quote("k_"+e))
			}
			columns = append(columns, "token")
			tables[name] = fmt.Sprintf("CREATE TABLE %s (%s TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (%s)) WITHOUT ROWID",
				quote(name), strings.Join(columns, " TEXT NOT NULL, "), strings.Join(columns, ", "))
			indexes[name+".id"] = fmt.Sprintf("CREATE INDEX %s ON %s (id)", quote(name+".id"), quote(name))
			continue
		}
		var columns []string
		for _, e := range l.Equal {
			columns = append(columns, quote("k_"+e))
		}
		columns = append(columns, quote(token(l)))
		name := k.Name + "." + l.Name()
		indexes[name] = fmt.Sprintf("CREATE INDEX %s ON %s (%s)", quote(name), quote(k.Name), strings.Join(columns, ", "))
	}
	for _, key := range k.Keys {
		if key.Unique {
			name, column := k.Name+".unique."+key.Name, quote("u_"+key.Name)
			indexes[name] = fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s) WHERE %s IS NOT NULL", quote(name), quote(k.Name), column, column)
		}
	}
	return tables, indexes
}

// Prepare makes tables, columns and indexes that are declared and drops key columns, side tables
// and indexes that are declared no longer. Documents are never dropped.
func (s *Store) Prepare(ctx context.Context, kinds []*store.Kind) error {
	err := s.Tx(ctx, func(ctx context.Context) error {
		for _, k := range kinds {
			if err := s.prepare(ctx, k); err != nil {
				return fmt.Errorf("preparing %s: %w", k.Name, translate(err))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.hold.settle()
}

func (s *Store) prepare(ctx context.Context, k *store.Kind) error {
	tables, indexes := statements(k)
	haveTables, haveIndexes, err := s.existing(ctx, k)
	if err != nil {
		return err
	}
	var todo []string
	for name, sql := range haveIndexes {
		if indexes[name] != sql {
			todo = append(todo, "DROP INDEX "+quote(name))
		}
	}
	for name, sql := range haveTables {
		if name != k.Name && tables[name] != sql {
			todo = append(todo, "DROP TABLE "+quote(name))
			delete(haveTables, name)
		}
	}
	for name, sql := range tables {
		if haveTables[name] == "" {
			todo = append(todo, sql)
		}
	}
	changes, err := s.columnChanges(ctx, k)
	if err != nil {
		return err
	}
	todo = append(todo, changes...)
	for name, sql := range indexes {
		if haveIndexes[name] != sql || strings.HasSuffix(name, ".id") && haveTables[strings.TrimSuffix(name, ".id")] == "" {
			todo = append(todo, sql)
		}
	}
	for _, sql := range todo {
		if _, err := s.writer.conn.ExecContext(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// existing are a kind's real tables and indexes by name with the statement that made each.
func (s *Store) existing(ctx context.Context, k *store.Kind) (tables, indexes map[string]string, err error) {
	tables, indexes = map[string]string{}, map[string]string{}
	q := "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND (name = ? OR substr(name, 1, ?) = ? OR substr(name, 1, ?) = ?)"
	n := len(k.Name) + 1
	err = s.query(ctx, q, []any{k.Name, n, k.Name + ".", n, k.Name + "/"}, func(rows *sql.Rows) error {
		var kind, name, text string
		if err := rows.Scan(&kind, &name, &text); err != nil {
			return err
		}
		if kind == "index" {
			indexes[name] = text
		} else {
			tables[name] = text
		}
		return nil
	})
	return tables, indexes, err
}

func (s *Store) columnChanges(ctx context.Context, k *store.Kind) ([]string, error) {
	var have []string
	err := s.query(ctx, "SELECT name FROM pragma_table_info(?)", []any{k.Name}, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		have = append(have, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	want, alter := keyColumns(k), "ALTER TABLE "+quote(k.Name)
	var changes []string
	for _, c := range want {
		if !slices.Contains(have, c) {
			column := quote(c) + " TEXT"
			if c[0] != 'u' {
				column += " NOT NULL DEFAULT ''"
			}
			changes = append(changes, alter+" ADD COLUMN "+column)
		}
	}
	for _, c := range have {
		if len(c) > 2 && c[1] == '_' && !slices.Contains(want, c) {
			changes = append(changes, alter+" DROP COLUMN "+quote(c))
		}
	}
	return changes, nil
}

// Indexes says which tables and indexes are missing, differ or are not declared.
func (s *Store) Indexes(ctx context.Context, kinds []*store.Kind) ([]string, error) {
	var faults []string
	for _, k := range kinds {
		tables, indexes := statements(k)
		haveTables, haveIndexes, err := s.existing(ctx, k)
		if err != nil {
			return nil, err
		}
		// A kind's own table grows by ALTER TABLE, so its text is no guide to its columns.
		if haveTables[k.Name] != "" {
			haveTables[k.Name] = tables[k.Name]
		}
		faults = append(faults, differences(k, "table", tables, haveTables)...)
		faults = append(faults, differences(k, "index", indexes, haveIndexes)...)
		changes, err := s.columnChanges(ctx, k)
		if err != nil {
			return nil, err
		}
		for _, c := range changes {
			faults = append(faults, k.Name+": needs "+c)
		}
	}
	slices.Sort(faults)
	return faults, nil
}

func differences(k *store.Kind, what string, declared, actual map[string]string) []string {
	var faults []string
	for name, sql := range declared {
		switch actual[name] {
		case sql:
		case "":
			faults = append(faults, fmt.Sprintf("%s: %s %s is missing", k.Name, what, name))
		default:
			faults = append(faults, fmt.Sprintf("%s: %s %s is not as declared", k.Name, what, name))
		}
	}
	for name := range actual {
		if declared[name] == "" {
			faults = append(faults, fmt.Sprintf("%s: %s %s is not declared", k.Name, what, name))
		}
	}
	return faults
}
