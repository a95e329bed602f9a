// Arrays and records: text forms, subscripts, operators, functions, unnest.
// biome-ignore-all format: long tables of short texts
import { calls, casts, literals, operators, texts } from './cross.ts';

const ARRAYS = ["'{}'::int[]", 'ARRAY[1, 2, 3]', 'ARRAY[1, NULL, 1]', "'[0:2]={5,6,7}'::int[]", 'ARRAY[[1, 2], [3, 4]]', 'NULL::int[]'];
const TEXT_ARRAYS = ["ARRAY['a', 'b']", "'{a,NULL,\"x y\"}'::text[]", "'{}'::text[]"];
const DIMENSIONS = ['0', '1', '2', '-1', 'NULL'];

export const ARRAY_CASES: readonly string[] = [
  ...casts(texts('{}', '{1,2}', '{1, NULL ,3}', '{{1,2},{3,4}}', '[2:3]={7,8}', '{1,2', '1,2', '{1,,2}', '{{1},{2,3}}', '{a}', '{"1"}', '{ 1 , 2 }', '[1:1]={1,2}', '{1}}', '{{1,2},3}', '[0:1][1:2]={{1,2},{3,4}}', '', '{nUll}', '{}x', '{,}', '{{}}', '[2:1]={}', '{1 2}'), 'int[]'),
  ...casts(texts('{a,"b c","d\\"e",NULL,"NULL",""}', '{"a\\\\b"}', '{a b}', '{ a }', '{"a"b}', '{a"b"}', '{é,日}', "{'x'}", '{{a,b},{c,d}}', '{\\a}'), 'text[]', 'varchar(1)[]'),
  ...casts([...ARRAYS, 'ARRAY[1.5, 2.5]', "ARRAY['1', '2']"], 'text', 'int8[]', 'text[]', 'numeric(4,1)[]', 'float8[]'),
  ...casts(["ARRAY['x']"], 'int[]'),
  ...["ARRAY[true, NULL]::text", "ARRAY['a b', '', 'NULL', 'q\"', 'b\\s', '{', ',', ' ']::text", "ARRAY[date '2024-01-01', NULL]::text", "ARRAY['\\xff'::bytea]::text", "ARRAY[1.50, 2]::text", "ARRAY[ROW(1, 'a b')]::text", "ARRAY[]::int[]", "ARRAY[NULL]", "ARRAY[1, 2.5]", "ARRAY['a', 1]", "ARRAY[ARRAY[1], ARRAY[2, 3]]", "ARRAY[interval '1 day']::text"],
  ...ARRAYS.flatMap((array) => ['[1]', '[0]', '[-1]', '[4]', '[NULL]', '[1][2]', '[2][1]', '[1:2]', '[2:]', '[:2]', '[:]', '[2:1]', '[1:2][1:1]', '[0:1]', '[1][1][1]', '[:][2]'].map((subscript) => `(${array})${subscript}`)),
  ...calls('array_length array_lower array_upper', [...ARRAYS, TEXT_ARRAYS[1]!], DIMENSIONS),
  ...calls('array_ndims array_dims cardinality', [...ARRAYS, ...TEXT_ARRAYS]),
  ...calls('array_append', ARRAYS, ['9', 'NULL']),
  ...calls('array_prepend', ['9', 'NULL'], ARRAYS),
  ...calls('array_cat', ARRAYS, ARRAYS),
  ...operators('||', ARRAYS, [...ARRAYS, '9', "'{7,8}'", 'NULL::int']),
  ...operators('||', ['9', 'NULL::int'], ARRAYS),
  ...operators('= <> < > @> <@ &&', ARRAYS),
  ...operators('= < ||', TEXT_ARRAYS, [...TEXT_ARRAYS, "'{z}'"]),
  ...calls('array_position array_positions array_remove', ARRAYS, ['1', '5', 'NULL']),
  ...calls('array_position', ARRAYS, ['1', '6'], ['0', '2', 'NULL']),
  ...calls('array_replace', ARRAYS, ['1', 'NULL'], ['9', 'NULL']),
  ...calls('array_fill', ['0', 'NULL::int'], ['ARRAY[3]', 'ARRAY[2, 2]', 'ARRAY[0]', 'ARRAY[-1]', 'ARRAY[]::int[]', 'NULL::int[]', 'ARRAY[NULL]::int[]', 'ARRAY[[1]]', 'ARRAY[1,1,1,1,1,1,1]', 'ARRAY[1000000000]']),
  ...calls('array_fill', ["'x'::text"], ['ARRAY[2]', 'ARRAY[2, 1]'], ['ARRAY[5]', 'ARRAY[0, -1]', 'NULL::int[]']),
  ...calls('trim_array', ARRAYS, ['0', '1', '3', '4', '-1']),
  ...["SELECT unnest(ARRAY[1, NULL, 3])", "SELECT unnest(ARRAY[[1, 2], [3, 4]])", "SELECT unnest('{}'::int[])", "SELECT unnest(NULL::int[])", "SELECT x || coalesce(y, '-') FROM unnest(ARRAY['a', 'b'], ARRAY['c']) AS t(x, y)", "SELECT x || n FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, n)", "SELECT generate_subscripts('[0:2]={5,6,7}'::int[], 1)", "SELECT generate_subscripts(ARRAY[[1, 2], [3, 4]], 2, true)", "SELECT generate_subscripts(ARRAY[1], 3)"].map((query) => `ARRAY(${query})`),
  ...operators('= ANY', ['1', 'NULL::int'], ARRAYS.map((a) => `(${a})`)),
  ...operators('= ALL', ['1', 'NULL::int'], ARRAYS.map((a) => `(${a})`)),
  ...operators('= <> < >', ['ROW(1, 2)', 'ROW(1, NULL)', 'ROW(2, 1)'], ['ROW(1, 2)', 'ROW(1, NULL)', 'ROW(0, 5)']),
  ...['ROW(1, 2)', 'ROW(1, NULL)', 'ROW(NULL, NULL)'].flatMap((row) => [`${row} IS NULL`, `${row} IS NOT NULL`, `${row} IS DISTINCT FROM ROW(1, NULL)`]),
  ...["ROW(1, 'a b', NULL, '', 'q\"c', '(', 'x,y')::text", "ROW()::text", "ROW(ARRAY[1, 2], ROW(1))::text", "ROW(true, 1.50, date '2024-01-01')::text"],
  ...literals('int2vector', ['1 2']).map((v) => `${v}::text`),
];
