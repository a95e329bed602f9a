// Go's two drivers against a Headrace server: pgx (binary, batches, pipelines) and lib/pq (database/sql, text). Argument: port.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/lib/pq"
)

var failed bool

func check(what string, err error) {
	if err != nil {
		failed = true
		fmt.Printf("FAILED %s: %v\n", what, err)
	}
}

func same(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		check(what, fmt.Errorf("got %#v instead of %#v", got, want))
	}
}

func must(what string, err error) {
	if err != nil {
		fmt.Printf("FAILED %s: %v\n", what, err)
		os.Exit(1)
	}
}

func pgxValues(ctx context.Context, conn *pgx.Conn) {
	at := time.Date(2024, 5, 1, 12, 30, 0, 123456000, time.UTC)
	var (
		b                       bool
		i2                      int16
		i4                      int32
		i8                      int64
		f4                      float32
		f8                      float64
		text, char              string
		bytes                   []byte
		when                    time.Time
		day                     time.Time
		ints                    []int32
		texts                   []*string
		object                  map[string]any
		number                  pgtype.Numeric
		id                      pgtype.UUID
		span                    pgtype.Interval
		null                    *int32
	)
	word := "x"
	row := conn.QueryRow(ctx, `SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float4, $6::float8, $7::text, $8::varchar(5), $9::bytea,
		$10::timestamptz, $11::date, $12::int4[], $13::text[], $14::jsonb, $15::numeric(10,2), $16::uuid, $17::interval, $18::int4`,
		true, int16(-7), int32(70000), int64(1)<<40, float32(1.5), 2.25, "wheel ü", "abc", []byte{0, 255, 1},
		at, at.Truncate(24*time.Hour), []int32{1, 2, 3}, []*string{&word, nil}, map[string]any{"a": []any{1.0, nil}}, "12.50",
		"12345678-1234-5678-1234-567812345678", 90*time.Minute, nil)
	check("pgx values", row.Scan(&b, &i2, &i4, &i8, &f4, &f8, &text, &char, &bytes, &when, &day, &ints, &texts, &object, &number, &id, &span, &null))
	same("bool", b, true)
	same("int2", i2, int16(-7))
	same("int4", i4, int32(70000))
	same("int8", i8, int64(1)<<40)
	same("float4", f4, float32(1.5))
	same("float8", f8, 2.25)
	same("text", text, "wheel ü")
	same("varchar", char, "abc")
	same("bytea", bytes, []byte{0, 255, 1})
	same("timestamptz", when.UTC(), at)
	same("date", day, at.Truncate(24*time.Hour))
	same("int4[]", ints, []int32{1, 2, 3})
	if len(texts) != 2 || *texts[0] != "x" || texts[1] != nil {
		check("text[]", fmt.Errorf("%v", texts))
	}
	same("jsonb", object, map[string]any{"a": []any{1.0, nil}})
	exact, _ := number.Value()
	same("numeric", exact, "12.50")
	same("uuid", fmt.Sprintf("%x", id.Bytes), "12345678123456781234567812345678")
	same("interval", span.Microseconds, int64(90*60*1000000))
	same("null", null, (*int32)(nil))
}

func pgxModes(ctx context.Context, dsn string) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		config, err := pgx.ParseConfig(dsn)
		must("config", err)
		config.DefaultQueryExecMode = mode
		conn, err := pgx.ConnectConfig(ctx, config)
		must("connect "+mode.String(), err)
		for i := 0; i < 3; i++ {
			var sum int64
			var label string
			check(mode.String(), conn.QueryRow(ctx, "SELECT sum(g) + $1::int8, $2::text FROM generate_series(1, 10) g", int64(i), "é").Scan(&sum, &label))
			same(mode.String(), sum, int64(55+i))
			same(mode.String(), label, "é")
		}
		conn.Close(ctx)
	}
}

func pgxWork(ctx context.Context, conn *pgx.Conn) {
	_, err := conn.Exec(ctx, "CREATE TABLE go_items (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), at timestamptz)")
	must("create", err)
	rows := [][]any{}
	for i := 0; i < 1000; i++ {
		rows = append(rows, []any{int32(i), fmt.Sprintf("item %d", i), pgtype.Numeric{Int: nil, Valid: false}, time.Unix(int64(i), 0)})
	}
	copied, err := conn.CopyFrom(ctx, pgx.Identifier{"go_items"}, []string{"id", "name", "price", "at"}, pgx.CopyFromRows(rows))
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "0A000" {
		fmt.Println("pgx CopyFrom: binary COPY is refused with 0A000")
		reader := strings.NewReader(strings.Repeat("", 0) + lines(1000))
		tag, err := conn.PgConn().CopyFrom(ctx, reader, "COPY go_items (id, name) FROM STDIN")
		check("text COPY", err)
		copied = tag.RowsAffected()
	} else {
		check("COPY", err)
	}
	same("copied", copied, int64(1000))

	batch := &pgx.Batch{}
	for i := 0; i < 50; i++ {
		batch.Queue("UPDATE go_items SET price = $2 WHERE id = $1", i, fmt.Sprintf("%d.25", i))
	}
	batch.Queue("SELECT count(*), sum(price)::text FROM go_items WHERE price IS NOT NULL")
	results := conn.SendBatch(ctx, batch)
	for i := 0; i < 50; i++ {
		tag, err := results.Exec()
		check("batch", err)
		same("batch rows", tag.RowsAffected(), int64(1))
	}
	var count int64
	var sum string
	check("batch query", results.QueryRow().Scan(&count, &sum))
	same("batch count", count, int64(50))
	same("batch sum", sum, "1237.50")
	check("batch close", results.Close())

	failing := &pgx.Batch{}
	failing.Queue("INSERT INTO go_items (id, name) VALUES (5000, 'kept?')")
	failing.Queue("INSERT INTO go_items (id, name) VALUES (1, 'double')")
	err = conn.SendBatch(ctx, failing).Close()
	if !errors.As(err, &refused) || refused.Code != "23505" || refused.ConstraintName != "go_items_pkey" || refused.TableName != "go_items" {
		check("unique violation", fmt.Errorf("%#v", err))
	}
	var exists bool
	check("rolled back", conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM go_items WHERE id = 5000)").Scan(&exists))
	same("a batch is one transaction", exists, false)

	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM go_items WHERE id < 10"); err != nil {
			return err
		}
		nested, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		if _, err := nested.Exec(ctx, "DELETE FROM go_items"); err != nil {
			return err
		}
		return nested.Rollback(ctx)
	})
	check("transaction", err)
	check("count", conn.QueryRow(ctx, "SELECT count(*) FROM go_items").Scan(&count))
	same("savepoint", count, int64(990))

	_, err = conn.Exec(ctx, "SELECT * FROM no_such_table")
	if !errors.As(err, &refused) || refused.Code != "42P01" || refused.Position != 15 {
		check("position", fmt.Errorf("%#v", err))
	}
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	_, err = conn.Exec(short, "SELECT count(*) FROM generate_series(1, 2000000000) g WHERE g % 3 = 1")
	cancel()
	if err == nil {
		check("timeout", errors.New("not cancelled"))
	}
}

func lines(n int) string {
	var text strings.Builder
	for i := 0; i < n; i++ {
		fmt.Fprintf(&text, "%d\titem %d\n", i, i)
	}
	return text.String()
}

func pgxStreams(ctx context.Context, dsn string) {
	conn, err := pgx.Connect(ctx, dsn)
	must("connect", err)
	other, err := pgx.Connect(ctx, dsn)
	must("connect", err)
	_, err = other.Exec(ctx, "CREATE STREAM go_events (k int); CREATE MATERIALIZED VIEW go_counts AS SELECT k, count(*) AS n FROM go_events GROUP BY k")
	must("stream", err)
	tx, err := conn.Begin(ctx)
	must("begin", err)
	_, err = tx.Exec(ctx, "DECLARE pushed CURSOR FOR SUBSCRIBE go_counts")
	check("declare", err)
	_, err = other.Exec(ctx, "INSERT INTO go_events VALUES (1), (1), (2)")
	check("insert", err)
	rows, err := tx.Query(ctx, "FETCH 10 pushed WITH (timeout = '2s')")
	check("fetch", err)
	var seen [][3]int64
	for rows.Next() {
		var epoch, diff, n int64
		var k int32
		check("scan", rows.Scan(&epoch, &diff, &k, &n))
		seen = append(seen, [3]int64{diff, int64(k), n})
	}
	check("rows", rows.Err())
	if len(seen) != 2 || seen[0][2]+seen[1][2] != 3 {
		check("subscription", fmt.Errorf("%v", seen))
	}
	check("commit", tx.Commit(ctx))
	_, err = conn.Exec(ctx, "LISTEN news")
	check("listen", err)
	_, err = other.Exec(ctx, "SELECT pg_notify('news', 'hello')")
	check("notify", err)
	wait, cancel := context.WithTimeout(ctx, 3*time.Second)
	notification, err := conn.WaitForNotification(wait)
	cancel()
	check("notification", err)
	if notification != nil {
		same("payload", notification.Payload, "hello")
	}
	conn.Close(ctx)
	other.Close(ctx)
}

func libpq(dsn string) {
	db, err := sql.Open("postgres", dsn+"?sslmode=disable")
	must("open", err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE pq_items (id serial PRIMARY KEY, name text, tags text[], data bytea, at timestamp)")
	must("create", err)
	at := time.Date(2024, 2, 29, 1, 2, 3, 4000, time.UTC)
	var id int
	check("insert", db.QueryRow("INSERT INTO pq_items (name, tags, data, at) VALUES ($1, $2, $3, $4) RETURNING id", "a", pq.Array([]string{"x", "y,z"}), []byte{1, 0}, at).Scan(&id))
	same("id", id, 1)
	var tags []string
	var data []byte
	var when time.Time
	var name sql.NullString
	check("select", db.QueryRow("SELECT name, tags, data, at FROM pq_items WHERE id = $1", id).Scan(&name, pq.Array(&tags), &data, &when))
	same("tags", tags, []string{"x", "y,z"})
	same("data", data, []byte{1, 0})
	same("at", when.UTC(), at)
	tx, err := db.Begin()
	must("begin", err)
	statement, err := tx.Prepare(pq.CopyIn("pq_items", "name", "tags"))
	must("copy in", err)
	for i := 0; i < 500; i++ {
		_, err = statement.Exec(fmt.Sprintf("row\t%d", i), pq.Array([]string{"t"}))
		check("copy row", err)
	}
	_, err = statement.Exec()
	check("copy end", err)
	check("copy close", statement.Close())
	check("commit", tx.Commit())
	var count int
	check("count", db.QueryRow("SELECT count(*) FROM pq_items WHERE name LIKE E'row\\t%'").Scan(&count))
	same("copied", count, 500)
	prepared, err := db.Prepare("SELECT name FROM pq_items WHERE id = $1")
	must("prepare", err)
	for i := 1; i <= 5; i++ {
		var text string
		check("prepared", prepared.QueryRow(i).Scan(&text))
	}
	_, err = db.Exec("INSERT INTO pq_items (id) VALUES (1)")
	var refused *pq.Error
	if !errors.As(err, &refused) || refused.Code.Name() != "unique_violation" || refused.Constraint != "pq_items_pkey" {
		check("unique", fmt.Errorf("%#v", err))
	}
	types, err := db.Query("SELECT id, name, at, 1.5::numeric(6,3) AS n FROM pq_items LIMIT 0")
	must("types", err)
	columns, err := types.ColumnTypes()
	check("column types", err)
	names := []string{}
	for _, column := range columns {
		names = append(names, column.DatabaseTypeName())
	}
	same("column types", names, []string{"INT4", "TEXT", "TIMESTAMP", "NUMERIC"})
	types.Close()
	listener := pq.NewListener(dsn+"?sslmode=disable", time.Second, time.Second, nil)
	check("listen", listener.Listen("pq_news"))
	_, err = db.Exec("NOTIFY pq_news, 'there'")
	check("notify", err)
	select {
	case notification := <-listener.Notify:
		same("payload", notification.Extra, "there")
	case <-time.After(5 * time.Second):
		check("notification", errors.New("none came"))
	}
	listener.Close()
}

func main() {
	ctx := context.Background()
	dsn := fmt.Sprintf("postgres://postgres@127.0.0.1:%s/postgres", os.Args[1])
	conn, err := pgx.Connect(ctx, dsn)
	must("connect", err)
	pgxValues(ctx, conn)
	pgxModes(ctx, dsn)
	pgxWork(ctx, conn)
	conn.Close(ctx)
	pgxStreams(ctx, dsn)
	libpq(dsn)
	if failed {
		os.Exit(1)
	}
	fmt.Println("Go: pgx and lib/pq: values, modes, batches, COPY, errors, transactions, subscriptions, notifications work")
}
