// Where DuckDB means something else than PostgreSQL, by kind. A query that differs and fits none of these is a new difference.
export interface KnownDifference {
  readonly kind: string;
  /** what the query's text has */
  readonly queries: RegExp;
  /** where the text alone would say too little: in files whose path has this */
  readonly files?: RegExp;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { kind: 'types have names of their own', queries: /\bpg_typeof\b|\bformat_type\b/ },
  {
    kind: 'system catalogs hold less',
    queries:
      /\bpg_(?:views|tables|type|namespace|database|settings|constraint|prepared_statements)\b|\binformation_schema\b|\b(?:obj|col)_description\b/,
  },
  { kind: 'dates are truncated and counted to timestamps without zone', queries: /date_trunc\('month', d\)|generate_series\(date/ },
  { kind: 'infinite dates and those before Christ print and order otherwise', queries: /^SELECT id, d FROM [dt] ORDER BY|^SELECT id, d \+ 1, d - 1 FROM d|^SELECT min\(d\), max\(d\) FROM d|extract\(isodow FROM d\)/, files: /types\/date|ordering\// },
  { kind: 'time zones of the session are not followed', queries: /timestamptz '2024-03-31|'2024-03-31 02:30:00'::timestamptz/i },
  { kind: 'fields of timestamps are whole numbers', queries: /extract\(second FROM t\)/ },
  { kind: 'a bare number is seconds in any interval', queries: /'90'::interval minute/ },
  { kind: 'literals take the decimal or padded type of what they stand beside', queries: /\bprices\b|'1\.456'|\bx \* 1\.5\b/ },
  { kind: 'numeric of no precision has three digits behind the point', queries: /\)::numeric, \d\)/ },
  { kind: 'numbers past a double are infinite', queries: /\b1e400\b|\bexp\(1000\.0\)/ },
  { kind: 'a slice of a slice is cut from its list, not from the next dimension', queries: /\[:\]\[2:\]/ },
  { kind: 'float4 compares as what it was written', queries: /\br = 1\.1\b/ },
  { kind: 'round of floats goes away from zero, and zero has no sign', queries: /round\(2\.5::float8\)|'-0'/ },
  { kind: 'varchar(n) and char(n) neither cut nor pad', queries: /::char\b|::varchar\(|\bcodes\b|\bc = 'ab {3}'|\bmax\(v\) FROM t|v \|\| '\|'|SELECT \* FROM t ORDER BY id/, files: /types\/text|expressions\/casts|regressions\// },
  { kind: 'rows of NULLs are not NULL', queries: /\) IS (?:NOT )?NULL/i },
  { kind: 'rows compare NULLs as values, and in IN as a whole', queries: /\(1, NULL\) =|\(salary, id\) >|\(a, b\) (?:NOT )?IN \(SELECT|\(1, 2\) IN \(SELECT/ },
  { kind: 'rows without names lose fields on their way here', queries: /\brow\(|GROUP BY ROLLUP \(\(region, product\)\)/i },
  { kind: 'a table as a value is a struct, of NULLs for an outer row; so is a function of one column', queries: /points AS p|LEFT JOIN t r\b|\bLATERAL generate_series|\bpg_sleep\b/ },
  { kind: 'json_each has more columns; json prints times and decimals otherwise', queries: /\bjson_each\b|\brow_to_json\b/ },
  { kind: 'a window that extends another loses its partitions', queries: /w2 AS \(w ORDER BY id\)/ },
  { kind: 'views follow columns that are added', queries: /^select \* from v$/, files: /ddl\/dependencies/ },
  { kind: 'regular expressions match whole texts', queries: /!?~ '|SIMILAR TO '%\(disk/ },
  { kind: 'bytea literals are texts', queries: /::bytea\b|\bblobs\b/ },
  { kind: 'format has other marks, to_hex other letters, splitting nothing gives a text', queries: /\bformat\(|\bto_hex\(|string_to_array\(line/ },
  { kind: "the order inside a list of distinct values is nobody's", queries: /array_agg\(distinct/i },
]; // biome-ignore format: a table
