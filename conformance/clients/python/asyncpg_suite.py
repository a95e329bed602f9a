"""asyncpg against a Headrace server: binary everywhere, prepared statements, cursors, COPY, codecs, listeners. Argument: port."""
import asyncio
import datetime
import decimal
import sys
import uuid

import asyncpg

where = dict(host="127.0.0.1", port=int(sys.argv[1]), user="postgres", database="postgres")


async def values(c):
    at = datetime.datetime(2024, 5, 1, 12, 30, 0, 123456, tzinfo=datetime.timezone.utc)
    given = (True, -7, 70000, 1 << 40, 1.5, 2.25, "wheel ü", b"\x00\xff", at, datetime.date(2024, 2, 29), datetime.time(1, 2, 3),
             decimal.Decimal("12.50"), uuid.UUID("12345678-1234-5678-1234-567812345678"), [1, None, 3], ["x", "y,z"],
             datetime.timedelta(days=1, hours=2), at.replace(tzinfo=None), '{"a": [1, null]}', None)
    found = await c.fetchrow("""SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float4, $6::float8, $7::text, $8::bytea, $9::timestamptz, $10::date,
        $11::time, $12::numeric(10,2), $13::uuid, $14::int4[], $15::text[], $16::interval, $17::timestamp, $18::jsonb, $19::text""", *given)
    assert tuple(found) == given, found
    for text in ("NaN", "0", "-0.001", "12345678901234567890.123456789", "1e-10"):
        assert (await c.fetchval("SELECT $1::numeric", decimal.Decimal(text))).compare(decimal.Decimal(text)).is_zero() or text == "NaN"
    assert await c.fetchval("SELECT ARRAY[ARRAY[1,2],ARRAY[3,4]]") == [[1, 2], [3, 4]]
    assert await c.fetchval("SELECT row(1, 'a')") is not None
    assert await c.fetchval("SELECT 'infinity'::timestamp") == datetime.datetime.max


async def work(c):
    await c.execute("CREATE TABLE apg (id int PRIMARY KEY, name text, price numeric(8,2))")
    await c.executemany("INSERT INTO apg VALUES ($1, $2, $3)", [(i, f"row {i}", decimal.Decimal(i)) for i in range(500)])
    statement = await c.prepare("SELECT name, price FROM apg WHERE id = $1")
    assert [p.name for p in statement.get_parameters()] == ["int4"]
    assert [(a.name, a.type.name) for a in statement.get_attributes()] == [("name", "text"), ("price", "numeric")]
    assert (await statement.fetchrow(7))["name"] == "row 7"
    async with c.transaction():
        seen = 0
        async for _ in c.cursor("SELECT * FROM apg ORDER BY id", prefetch=60):
            seen += 1
        assert seen == 500
        cursor = await c.cursor("SELECT id FROM apg ORDER BY id")
        await cursor.forward(10)
        assert (await cursor.fetchrow())["id"] == 10
    try:
        async with c.transaction():
            await c.execute("DELETE FROM apg")
            async with c.transaction():
                await c.execute("SELECT 1")
            raise RuntimeError("undo")
    except RuntimeError:
        pass
    assert await c.fetchval("SELECT count(*) FROM apg") == 500
    try:
        await c.execute("INSERT INTO apg VALUES (1, 'double', 0)")
        raise AssertionError("taken twice")
    except asyncpg.UniqueViolationError as error:
        assert (error.constraint_name, error.table_name) == ("apg_pkey", "apg")
    for isolation in ("read_committed", "repeatable_read"):
        async with c.transaction(isolation=isolation, readonly=True):
            assert await c.fetchval("SELECT count(*) FROM apg") == 500
    try:
        await c.fetchval("SELECT count(*) FROM generate_series(1, 2000000000) g WHERE g % 3 = 1", timeout=0.3)
        raise AssertionError("not cancelled")
    except asyncio.TimeoutError:
        pass
    assert await c.fetchval("SELECT 1") == 1
    try:
        await c.copy_records_to_table("apg", records=[(i, f"row {i}", None) for i in range(1000, 2000)], columns=["id", "name", "price"])
    except asyncpg.FeatureNotSupportedError:
        print("asyncpg: binary COPY is refused with 0A000")
    else:
        assert await c.fetchval("SELECT count(*) FROM apg") == 1500
    lines = []
    result = await c.copy_from_query("SELECT id FROM apg ORDER BY id LIMIT 2", output=sink(lines), format="csv")
    assert result == "COPY 2" and b"".join(lines) == b"0\n1\n"


def sink(lines):
    async def take(data):
        lines.append(data)
    return take


async def streams(c):
    other = await asyncpg.connect(**where)
    await other.execute("CREATE STREAM apg_events (k int); CREATE MATERIALIZED VIEW apg_counts AS SELECT k, count(*) AS n FROM apg_events GROUP BY k")
    async with c.transaction():
        await c.execute("DECLARE pushed CURSOR FOR SUBSCRIBE apg_counts")
        await other.execute("INSERT INTO apg_events VALUES (1), (1), (2)")
        rows = await c.fetch("FETCH 10 pushed WITH (timeout = '2s')")
        assert sorted(tuple(row)[1:] for row in rows) == [(1, 1, 2), (1, 2, 1)], rows
    heard = asyncio.get_running_loop().create_future()
    await c.add_listener("apg_news", lambda _c, _pid, _channel, payload: heard.set_result(payload))
    await other.execute("NOTIFY apg_news, 'hello'")
    assert await asyncio.wait_for(heard, 5) == "hello"
    await other.close()


async def pools():
    async with asyncpg.create_pool(**where, min_size=2, max_size=4) as pool:
        async def one(i):
            async with pool.acquire() as c:
                return await c.fetchval("SELECT $1::int * 2", i)
        assert await asyncio.gather(*(one(i) for i in range(40))) == [2 * i for i in range(40)]


async def main():
    c = await asyncpg.connect(**where)
    await values(c)
    await work(c)
    await streams(c)
    await c.reset()
    await c.close()
    await pools()
    print("asyncpg: values, prepared statements, cursors, COPY, errors, timeouts, subscriptions, listeners, pools work")


asyncio.run(main())
