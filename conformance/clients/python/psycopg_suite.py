"""psycopg 3 against a Headrace server: what a Python program does first. Arguments: port."""
import datetime
import decimal
import sys
import uuid

import psycopg

port = int(sys.argv[1])
dsn = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"

with psycopg.connect(dsn) as connection:
    assert connection.info.server_version >= 150000
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE py (id int PRIMARY KEY, name text, price numeric(10,2), at timestamptz, day date, key uuid, data jsonb, tags text[])")
    row = (1, "wheel ü", decimal.Decimal("10.50"), datetime.datetime(2024, 5, 1, 12, 0, tzinfo=datetime.timezone.utc),
           datetime.date(2024, 2, 29), uuid.UUID("12345678-1234-5678-1234-567812345678"), psycopg.types.json.Jsonb({"a": [1, None]}), ["x", None, "y,z"])
    cursor.execute("INSERT INTO py VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
    for binary in (False, True):
        with connection.cursor(binary=binary) as reader:
            reader.execute("SELECT id, name, price, at, day, key, data, tags FROM py WHERE id = %s", (1,))
            found = reader.fetchone()
            assert found[:6] == row[:6], found
            assert found[6] == {"a": [1, None]} and found[7] == ["x", None, "y,z"], found
    cursor.executemany("INSERT INTO py (id, name) VALUES (%s, %s)", [(i, str(i)) for i in range(2, 50)])
    with cursor.copy("COPY py (id, name) FROM STDIN") as copy:
        for i in range(50, 1050):
            copy.write_row((i, f"row\t{i}"))
    cursor.execute("SELECT count(*), min(name) FROM py WHERE id >= 50")
    assert cursor.fetchone() == (1000, "row\t100")
    with cursor.copy("COPY (SELECT id FROM py ORDER BY id LIMIT 3) TO STDOUT") as copy:
        assert [line[0] for line in copy.rows()] == ["1", "2", "3"]
    connection.commit()
    try:
        cursor.execute("INSERT INTO py (id) VALUES (1)")
        raise AssertionError("the duplicate was taken")
    except psycopg.errors.UniqueViolation as error:
        assert error.diag.constraint_name == "py_pkey" and error.diag.table_name == "py", error.diag
    connection.rollback()
    try:
        with connection.transaction():
            cursor.execute("DELETE FROM py")
            raise RuntimeError("undo")
    except RuntimeError:
        pass
    cursor.execute("SELECT count(*) FROM py")
    assert cursor.fetchone() == (1049,)
    with connection.cursor(name="server_side") as portal:
        portal.itersize = 100
        portal.execute("SELECT id FROM py ORDER BY id")
        assert sum(1 for _ in portal) == 1049
    connection.commit()
    with connection.pipeline():
        one = connection.execute("SELECT 1")
        two = connection.execute("SELECT %s::int + 1", (1,))
        assert (one.fetchone(), two.fetchone()) == ((1,), (2,))
    connection.commit()

with psycopg.connect(dsn, autocommit=True) as connection, psycopg.connect(dsn) as subscriber:
    connection.execute("CREATE STREAM py_events (k int)")
    connection.execute("CREATE MATERIALIZED VIEW py_counts AS SELECT k, count(*) AS n FROM py_events GROUP BY k")
    subscriber.execute("DECLARE pushed CURSOR FOR SUBSCRIBE py_counts")
    connection.execute("INSERT INTO py_events VALUES (1), (1), (2)")
    rows = subscriber.execute("FETCH 10 pushed WITH (timeout = '2s')").fetchall()
    assert sorted(row[1:] for row in rows) == [(1, 1, 2), (1, 2, 1)], rows
    listener = psycopg.connect(dsn, autocommit=True)
    listener.execute("LISTEN news")
    connection.execute("NOTIFY news, 'hello'")
    assert next(listener.notifies(timeout=5, stop_after=1)).payload == "hello"
    listener.close()

print("psycopg: values, COPY, errors, cursors, pipelines, subscriptions, notifications work")
