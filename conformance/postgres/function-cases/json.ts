// json and jsonb: text forms, operators, accessors, changes, constructors, set-returning forms as arrays, SQL/JSON paths.
// biome-ignore-all format: long tables of short texts
import { calls, casts, literals, operators, texts } from './cross.ts';

const DOCUMENTS = ['{"a": 1, "b": [1, 2, {"c": null}], "d": {"e": "x"}}', '[1, "two", null, true, [3]]', '"str"', '12.50', 'null', 'true', '{}', '[]', '{"b": 1, "a": 2, "b": 3}', '{"é": "日本", "": 0}'];
const PLAIN = literals('json', [...DOCUMENTS, null]);
const JSONB = literals('jsonb', [...DOCUMENTS, null]);
const SMALL = literals('jsonb', ['{"a": 1}', '[1, 2]', '"a"', '{}', '[]', 'null', '1', '{"a": {"b": 2}}', '[[1]]', null]);
const PATHS = texts('{}', '{a}', '{b,2,c}', '{b,-1}', '{1}', '{d,e}', '{x,y}', null);

const READING = [
  ...casts(texts(' {"a" : 1 , "b":[ ]} ', '1e3', '-0', '01', '"\\u00e9\\n"', "\"\\u0000\"", '{a:1}', '[1,]', '', 'tru', '"a', '{"a":1}x', '1.0', '1E+2', '"\\ud83d\\ude00"', '"\\ud83d"', 'NaN', '[[[[]]]]', '{"a":{"a":{}}}', '-', '"\t"', '0.10'), 'json', 'jsonb'),
  ...operators('->', [...PLAIN, ...JSONB], ["'a'", "'b'", "'é'", "''", '0', '-1', '9', 'NULL::text']),
  ...operators('->>', [...PLAIN, ...JSONB], ["'a'", "'d'", '1', '2', '-1']),
  ...operators('#> #>>', [...PLAIN.slice(0, 4), ...JSONB], PATHS),
  ...calls('json_extract_path json_extract_path_text', PLAIN.slice(0, 3), texts('b', '1', 'd'), texts('2', 'e')),
  ...calls('jsonb_extract_path jsonb_extract_path_text', JSONB.slice(0, 3), texts('b', '1', 'd'), texts('2', 'e')),
  ...calls('json_typeof json_array_length json_strip_nulls', PLAIN),
  ...calls('jsonb_typeof jsonb_array_length jsonb_strip_nulls jsonb_pretty', JSONB),
  ...['json', 'jsonb'].flatMap((type) => ['array_elements', 'array_elements_text', 'object_keys', 'each', 'each_text'].flatMap((name) => (type === 'json' ? PLAIN : JSONB).map((value) => `ARRAY(SELECT ${type}_${name}(${value})::text)`))),
  ...casts(JSONB, 'text', 'json', 'int4', 'numeric', 'bool', 'float8', 'int8'),
  ...casts(PLAIN.slice(0, 3), 'text', 'jsonb'),
];

const OPERATORS = [
  ...operators('@> <@ || = < >', SMALL),
  ...operators('?', SMALL, texts('a', 'b', '', '1')),
  ...operators('?| ?&', SMALL, ["ARRAY['a', 'b']", "ARRAY['a']", "'{}'::text[]"]),
  ...operators('-', [...SMALL, ...JSONB.slice(0, 2)], ["'a'::text", '0', '-1', '5', "'{a,b}'::text[]", "'{}'::text[]"]),
  ...operators('#-', [...SMALL, ...JSONB.slice(0, 2)], ["'{a}'::text[]", "'{a,b}'", "'{0}'", "'{-1,0}'", "'{}'", "'{b,2,c}'", "'{b,x}'"]),
  ...operators('@>', JSONB, literals('jsonb', ['{"b": [2]}', '"two"', '[null]', '{"d": {}}', '[[3]]'])),
];

const CHANGES = [
  ...calls('jsonb_set', [...SMALL, JSONB[0]!, JSONB[1]!], ["'{a}'", "'{0}'", "'{a,b}'", "'{b,2,c}'", "'{5}'", "'{-9}'", "'{}'", "'{x,y}'", "'{b,z}'"], ["'\"new\"'"]),
  ...calls('jsonb_set', SMALL.slice(0, 3), ["'{z}'", "'{0}'"], ["'9'", 'NULL'], ['true', 'false']),
  ...calls('jsonb_insert', [...SMALL, JSONB[0]!, JSONB[1]!], ["'{a}'", "'{0}'", "'{-1}'", "'{b,1}'", "'{z}'", "'{9}'"], ["'\"new\"'"]),
  ...calls('jsonb_insert', [SMALL[1]!, JSONB[1]!], ["'{0}'", "'{-1}'", "'{9}'"], ["'9'"], ['true', 'false']),
  ...calls('jsonb_set_lax', [SMALL[0]!, SMALL[1]!], ["'{a}'", "'{0}'"], ["'5'", 'NULL'], ['true'], texts('use_json_null', 'delete_key', 'return_target', 'raise_exception', 'bogus', null)),
];

const MAKING = [
  ...calls('to_json to_jsonb', ['1', '1.50', "'it''s \"q\"'::text", 'true', 'NULL::int', "date '2024-02-29'", "timestamp '2024-02-29 13:14:15.5'", "timestamptz '2024-02-29 13:14:15+02'", "timestamp 'infinity'", 'ARRAY[1, NULL, 3]', 'ARRAY[[1, 2], [3, 4]]', "ROW(1, 'a')", "'NaN'::float8", "'Infinity'::numeric", "'1e20'::float8", "'\\xff'::bytea", "'{\"a\": 1}'::json", "interval '1 day'", "E'\\n\\t\\\\'::text", "'x'::char(3)", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "ARRAY['a\"b', NULL]", "'{}'::int[]", "time '10:00'", "1e400::numeric"]),
  ...["json_build_array()", "json_build_array(1, 'a', NULL, true, 1.5, ARRAY[1])", "jsonb_build_array(1, 'a', NULL, true, 1.50)", "json_build_object()", "json_build_object('a', 1, 'b', ARRAY[1, 2])", "json_build_object('a')", "json_build_object(NULL, 1)", "jsonb_build_object('b', 1, 'a', 2, 'b', 3)", "jsonb_build_object(1, 2)", "json_build_object('a', '{\"x\": 1}'::json)", "json_build_array(variadic ARRAY['a', 'b'])", "json_build_object(variadic ARRAY['a', 'b'])", "jsonb_build_array()", "jsonb_build_object()", "jsonb_build_object(NULL, 1)", "json_build_object(ARRAY[1], 2)"],
  ...["row_to_json(ROW(1, 'a', NULL))", "row_to_json(ROW(1, ROW(2, 3)))", "row_to_json(ROW(1, 'a'), true)", "array_to_json(ARRAY[1, 2, NULL])", "array_to_json(ARRAY[[1, 2], [3, 4]], true)", "array_to_json('{}'::int[])", "array_to_json(ARRAY['a', 'b'], false)"],
  ...["'{a,1,b,2}'", "'{{a,1},{b,NULL}}'", "'{a,1,b}'", "'{}'", "'{{a,b,c}}'", "'{NULL,1}'", "'{{{a,b}}}'"].flatMap((value) => [`json_object(${value}::text[])`, `jsonb_object(${value}::text[])`]),
  ...["json_object('{a,b}', '{1,2}')", "jsonb_object('{a,b}', '{1,NULL}')", "json_object('{a}', '{1,2}')", "json_object('{a,NULL}', '{1,2}')", "json_object('{{a}}', '{1}')", "jsonb_object('{}', '{}')"],
  ...["SELECT a || '-' || b FROM json_to_record('{\"a\": 1, \"b\": \"x\", \"c\": 9}') AS t(a int, b text)", "SELECT a::text || '-' || coalesce(b, 'none') FROM jsonb_to_recordset('[{\"a\": 1, \"b\": \"x\"}, {\"a\": 2}]') AS t(a int, b text)", "SELECT t::text FROM json_to_record('{\"a\": [1, 2], \"b\": {\"c\": 1}, \"d\": \"2024-01-01\"}') AS t(a int[], b jsonb, d date)", "SELECT t::text FROM jsonb_to_record('{\"a\": \"x\"}') AS t(a int)", "SELECT t::text FROM json_to_recordset('{\"a\": 1}') AS t(a int)", "SELECT key || value FROM json_each_text('{\"a\": 1, \"b\": \"x\"}')", "SELECT value::text FROM jsonb_each('{\"b\": 1, \"a\": 2}')", "SELECT value FROM jsonb_array_elements_text('[1, null]')"].map((query) => `ARRAY(${query})`),
];

const PATH_TEXTS = ['$', '$.a', '$.b[*]', '$.b[0]', '$.b[last]', '$.b[0 to 1]', '$.*', '$.**', '$.b[*] ? (@ > 1)', '$.d.e ? (@ starts with "x")', '$.d.e ? (@ like_regex "^X" flag "i")', '$.a + 1', '$.a * 2.5', '-$.a', '$.b.size()', '$.a.type()', '$.b[*].type()', '$.d.keyvalue()', '$.a.double()', '$.missing', 'strict $.missing', 'lax $.b.c', 'strict $.b.c', '$.b[9]', 'strict $.b[9]', '$ ? (exists(@.a))', '$.a == 1', '$.a > 0 && $.d.e == "x"', '!($.a == 2)', '($.a == 2) is unknown', '$.a / 0', '$.d.e.ceiling()', '$.a.floor()', '$.b[*].abs()', '$."a"', "$.a ? (@ == $x)", '1', '"s"', 'null', 'true', '$.b[*] ? (@.type() == "number")', '$[', '', '$.a %% 2', '$.b ? (@[0] == 1)', '$.b[1,0]', '$.a % 2', '$.**{1}', '$.**{2 to last}', '$.a <> 1', '$.a ? (@ == "x" || @ < 5)', '$.b[*] ? (@ == null)', '$.d.e.datetime()'];
const PATH_CASES = [
  ...PATH_TEXTS.flatMap((path) => [`ARRAY(SELECT jsonb_path_query(${JSONB[0]}, '${path}'))::text`, `${JSONB[0]} @? '${path}'`, `${JSONB[0]} @@ '${path}'`]),
  ...calls('jsonb_path_query_array jsonb_path_query_first jsonb_path_exists', JSONB.slice(0, 5), texts('$[*]', '$.a', '$.b[*] ? (@ > 1)', 'strict $.x')),
  ...calls('jsonb_path_match', JSONB.slice(0, 2), texts('$.a == 1', '$.a', 'exists($.b)')),
  ...calls('jsonb_path_exists jsonb_path_query_array', [JSONB[0]!], texts('$.b[*] ? (@ >= $min)', 'strict $.x'), ["'{\"min\": 2}'"], ['true', 'false']),
  ...casts(texts('$.a', ' $ . a [ * ] ', 'strict $.a ? (@ > 1 && @ < 3)', '$.a.b.*', '$."x y"', '$.a[0 to last]', 'lax $', '$.**{2}', '$.a + 2 * 3', '-1', '$x', '$.'), 'jsonpath::text').map((e) => e.replace("::jsonpath::text", '::jsonpath::text')),
];

export const JSON_CASES: readonly string[] = [...READING, ...OPERATORS, ...CHANGES, ...MAKING];
export const JSONPATH_CASES: readonly string[] = PATH_CASES;
