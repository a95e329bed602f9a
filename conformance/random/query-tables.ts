// The tables that random queries read: the same columns of every kind with NULLs, duplicates and equal values of unlike bytes, in sizes from
// nothing to more than one row group.
export const SIZES: Readonly<Record<string, number>> = { z0: 0, z1: 1, z3: 3, z5k: 5_000, zbig: 100_000 };

const COLUMNS = `id int, g smallint, k bigint, n numeric, m numeric(12,2), f float8, v real, s text, c char(4), o boolean, d date, ts timestamp,
  iv interval, a int[], na numeric[], ia interval[], j jsonb`;

const VALUES = `SELECT x,
  CASE WHEN x % 11 = 3 THEN NULL ELSE x % 7 END,
  CASE WHEN x % 13 = 5 THEN NULL ELSE (x::bigint * 7919) % 101 - 50 END,
  trim_scale(CASE x % 5 WHEN 0 THEN NULL WHEN 1 THEN (x % 50) / 10.0 WHEN 2 THEN x % 9 WHEN 3 THEN -(x % 17) * 0.125 ELSE (x % 3) + 0.10 END),
  CASE WHEN x % 6 = 1 THEN NULL ELSE (x % 1000) * 0.25 - 100 END,
  CASE WHEN x % 17 = 2 THEN NULL WHEN x % 9001 = 77 THEN 'NaN'::float8 ELSE (x % 64) * 0.25 - 4 END,
  CASE WHEN x % 21 = 1 THEN NULL ELSE (x % 32) * 0.5 END,
  CASE x % 8 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a' WHEN 3 THEN 'A' || (x % 5) WHEN 4 THEN 'é' || (x % 3) ELSE 'key-' || (x % 23) END,
  CASE WHEN x % 9 = 1 THEN NULL ELSE chr(97 + x % 4) || ' ' END,
  CASE x % 3 WHEN 0 THEN NULL ELSE x % 2 = 0 END,
  CASE WHEN x % 19 = 4 THEN NULL ELSE date '2023-12-25' + (x * 37) % 90 END,
  CASE WHEN x % 19 = 9 THEN NULL ELSE timestamp '2024-01-01' + (x * 7919 % 100000) * interval '1 minute' END,
  CASE WHEN x % 7 = 1 THEN NULL ELSE (x % 40) * interval '1 hour' + (x % 3) * interval '1 month' END,
  CASE x % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}'::int[] WHEN 2 THEN array[x % 5, NULL] ELSE array[x % 3, x % 4, x % 5] END,
  CASE x % 4 WHEN 0 THEN NULL WHEN 1 THEN array[(x % 3)::numeric] WHEN 2 THEN array[round((x % 3)::numeric, x % 7)] ELSE array[x % 9, NULL, 1.50] END,
  CASE x % 3 WHEN 0 THEN NULL WHEN 1 THEN array[(x % 2) * interval '1 month'] ELSE array[(x % 3) * interval '30 days'] END,
  CASE x % 6 WHEN 0 THEN NULL WHEN 1 THEN jsonb_build_object('a', x % 4, 'b', 'q' || x % 3) WHEN 2 THEN to_jsonb(array[x % 3, x % 2])
    WHEN 3 THEN 'null'::jsonb WHEN 4 THEN to_jsonb(round((x % 6)::numeric, x % 4)) ELSE to_jsonb(x % 6) END`;

/** Statements that make the tables anew. */
export function tableStatements(): string[] {
  return Object.entries(SIZES).flatMap(([table, rows]) => [
    `DROP TABLE IF EXISTS ${table}`,
    `CREATE TABLE ${table} (${COLUMNS})`,
    `INSERT INTO ${table} ${VALUES} FROM generate_series(1, ${rows}) x`,
  ]);
}
