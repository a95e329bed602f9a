// Strings and bytes: case, slices, padding, search, encodings, quoting.
// biome-ignore-all format: long tables of short texts
import { calls, casts, literals, operators, texts } from './cross.ts';

const TEXT = literals('text', ['', 'a', 'Hello World', 'héllo ÉÀÿ', '日本語テキスト', '😀 x', '  padded  ', 'a\nb\tc', null]);
const SHORT = literals('text', ['', 'abc', 'ünï', '日本', null]);
const BYTES = literals('bytea', ['', '\\x00', '\\xdeadbeef', '\\x00ff10616263', '\\xc3a9', null]);

const SLICES = [
  ...calls('left right repeat', SHORT, ['-2', '0', '1', '2', '3', '7', 'NULL']),
  ...calls('substring substr', TEXT.slice(0, 6), ['-2', '0', '1', '3', '100']),
  ...calls('substring substr', TEXT.slice(2, 6), ['-2', '0', '2', '2147483647'], ['-1', '0', '1', '3', '2147483647']),
  ...calls('lpad rpad', SHORT, ['-1', '0', '2', '6', 'NULL']),
  ...calls('lpad rpad', SHORT, ['2', '7'], texts('', 'xy', '日', null)),
  ...calls('overlay', literals('text', ['abcdef', '日本語', '']), texts('XX', ''), ['-1', '0', '1', '3', '10']).map((e) => e.replace(/, ('[^']*'), (-?\d+)\)/, ' placing $1 from $2)')),
  ...calls('overlay', literals('text', ['abcdef', '日本語']), texts('XX'), ['1', '3'], ['-1', '0', '2', '10']),
  ...calls('split_part', literals('text', ['a,b,c', 'a,,c', '', 'abc']), texts(',', '', 'b'), ['-4', '-1', '0', '1', '2', '5']),
  ...calls('btrim ltrim rtrim', [...TEXT, "'xyxabcyx'::text"]),
  ...calls('btrim ltrim rtrim', literals('text', ['xyxabcyx', 'ééaéé', '', 'xxx']), texts('xy', 'é', '', null)),
  "trim(both from '  a ')", "trim(leading 'x' from 'xxa')", "trim(trailing from 'a  ')", "trim('  b  ')", "substring('abc' from 2)", "substring('abcdef' from 2 for 3)", "substring('abc' for 2)",
  ...calls('position', ["'' in 'abc'", "'b' in 'abc'", "'語' in '日本語'", "'z' in 'abc'", "NULL in 'abc'", "'a' in ''"]),
  ...calls('strpos', TEXT, texts('', 'l', 'é', '本', null)),
  ...calls('starts_with', TEXT, texts('', 'H', 'hé', '日本', null)),
  ...operators('^@', TEXT.slice(0, 5), texts('', 'H', '日')),
];

const CASES = [
  ...calls('upper lower initcap reverse length char_length character_length octet_length bit_length ascii md5', TEXT),
  ...calls('upper lower initcap', literals('text', ['straße', 'ΑΣ ΟΔΟΣ', 'İstanbul', 'ǆ Ǆ ǅ', 'ﬁ', 'o\'neil mc-donald', 'x1y2 3z_w', 'ÀÉÎ àéî'])),
  ...calls('translate', TEXT.slice(1, 6), texts('lo', 'é日', ''), texts('', 'XYZ', '語')),
  ...calls('replace', TEXT.slice(0, 7), texts('', 'l', '本', 'ell', null), texts('', 'LL', '日', null)),
  ...calls('chr', ['0', '1', '65', '233', '26085', '128512', '55296', '1114112', '-1', 'NULL']),
  ...calls('concat', texts('a', null), ['1', 'true', 'NULL'], ['2.50', "date '2024-02-29'", "'x'::bpchar(3)"]),
  ...calls('concat_ws', texts(',', '', null), texts('a', null), ['1', 'NULL'], ['false']),
  ...operators('||', literals('text', ['', 'ab', '日', null]), ["'x'::text", '1', '1.50', 'true', 'NULL', "'y'::varchar(2)", "'z'::char(3)"]),
  ...['lower', 'upper', 'length', 'reverse', 'octet_length'].map((name) => `${name}('Ab '::char(5))`),
  ...operators('= <> < <= > >=', literals('text', ['', 'a', 'B', 'é', 'z', null]), literals('text', ['a', 'é', 'ab'])),
  ...operators('= < >', literals('char(3)', ['a', 'a ', 'ab']), ["'a'::char(5)", "'a'::text", "'a'"]),
  ...operators('~<~ ~>=~', texts('a', 'b'), literals('text', ['b'])),
  ...calls('string_to_array', texts('a,b,,c', '', 'abc', null), texts(',', '', null)),
  ...calls('string_to_array', texts('a,NULL,c', 'x'), texts(',', null), texts('NULL', 'x', '', null)),
  ...calls('array_to_string', ["ARRAY['a', NULL, 'c']", 'ARRAY[1, 2, 3]', "'{}'::int[]", 'ARRAY[true, false]', 'ARRAY[[1, 2], [3, 4]]'], texts(',', '', null)),
  ...calls('array_to_string', ["ARRAY['a', NULL, 'c']"], texts(','), texts('*', '', null)),
  ...calls('array', ["SELECT string_to_table('a,b,,c', ',')", "SELECT string_to_table('abc', NULL)", "SELECT string_to_table('a,x,c', ',', 'x')", "SELECT string_to_table('', ',')"]),
];

const QUOTING = [
  ...calls('quote_ident quote_literal quote_nullable', texts('', 'abc', 'Abc', 'a b', 'select', 'a"b', "it's", 'back\\slash', 'table', 'x1', '1x', 'é', null)),
  ...calls('quote_literal quote_nullable', ['1', 'true', '2.50', "date '2024-01-01'", 'ARRAY[1, 2]']),
  ...calls('format', texts('Hello %s', '%%', '%I and %s', '%L', '%2$s %1$s', '%10s|', '%-10s|', '%s %s %s', '%', '%x', '%1$', '%0$s', 'plain'), texts('World', 'a b', "it's", null), ['1']),
  ...["format('%*s|', 10, 'foo')", "format('%-*s|', 10, 'foo')", "format('%*s|', -10, 'foo')", "format('%2$*1$s|', 10, 'foo')", "format('%2$-5L|', NULL, 'x')", "format('%1$s %s %s', 'a', 'b')", "format('%I', NULL)", "format('%s', NULL)", "format('%L', NULL)", "format('%s', ARRAY[1,2])", "format('%s', true)", "format('%s', 1.50)", "format('%s %s', variadic array['a','b'])", "format('abc')", "format(NULL)", "format('%5L|', 'a')", "format('%-8I|', 'A b')", "format('%*2$s|', 'a', 3)", "format('%1$*2$s|', 'a', 3)"],
  ...calls('parse_ident', texts('a.b', '"A b".c', 'foo.bar.baz', 'FooBar', '1a', 'a.', '.a', '"a', 'a b', ' a . b ', '', 'select.x')),
  ...calls('parse_ident', texts('a.b extra', 'f(x)'), ['true', 'false']),
  ...calls('unistr', texts('d\\0061t\\+000061', '\\u0441\\U0001F600', 'plain', '\\\\', '\\zzzz', '\\D800', null)),
  ...calls('normalize', texts('a\u0308', 'ﬁ'), ['NFC', 'NFD', 'NFKC', 'NFKD']),
  "normalize('e\u0301')", "'é' is normalized", "'e\u0301' is nfc normalized", "'abc' is not nfd normalized", "is_normalized('x', 'nfq')",
  ...calls('to_ascii', texts('abc')).slice(0, 0),
];

const BYTE_CASES = [
  ...calls('length octet_length bit_length md5 sha224 sha256 sha384 sha512 bit_count', BYTES),
  ...calls('encode', BYTES, texts('hex', 'base64', 'escape', 'rot13')),
  ...calls('decode', texts('', 'deadBEEF', 'abc', 'zz', 'de ad'), texts('hex')),
  ...calls('decode', texts('', 'YWJj', 'YQ==', 'YQ', 'Y Q = =', 'Y*==', 'YWJjZA'), texts('base64')),
  ...calls('decode', texts('abc', 'a\\\\b', '\\000x', '\\9', 'é'), texts('escape')),
  ...calls('get_byte set_bytes'.split(' ')[0]!, BYTES, ['-1', '0', '3', '10']),
  ...calls('set_byte', BYTES, ['0', '3'], ['7', '256', '-1']),
  ...calls('get_bit', BYTES, ['-1', '0', '9', '31', '100']),
  ...calls('set_bit', BYTES, ['0', '9'], ['0', '1', '2']),
  ...calls('substring substr', BYTES, ['-1', '1', '2'], ['0', '2', '-1']),
  ...calls('substring', BYTES, ['-1', '2', '9']),
  ...calls('position', ["'\\xad'::bytea in '\\xdeadbeef'::bytea", "''::bytea in '\\x01'::bytea", "'\\x99'::bytea in '\\x01'::bytea"]),
  ...calls('btrim ltrim rtrim', literals('bytea', ['\\x0001020001']), literals('bytea', ['\\x0001', '', '\\x02'])),
  ...calls('overlay', literals('bytea', ['\\x01020304']), literals('bytea', ['\\xffff']), ['1', '3', '0']),
  ...calls('reverse', BYTES.slice(0, 1)).slice(0, 0),
  ...operators('|| = < >', BYTES, literals('bytea', ['\\xde', '\\x00ff10'])),
  ...calls('convert_to', texts('abc', 'é', '日'), texts('UTF8', 'LATIN1', 'nonsense')),
  ...calls('convert_from', BYTES, texts('UTF8', 'LATIN1', 'nonsense')),
  ...calls('convert', literals('bytea', ['\\xc3a9', 'abc']), texts('UTF8', 'LATIN1'), texts('LATIN1', 'UTF8')),
  ...casts(BYTES, 'text'),
  ...casts(texts('\\x0g', '\\x123', '\\xDEAD', 'abc', 'a\\\\b', '\\101', '\\8', '\\'), 'bytea'),
];

const TEXT_CASTS = [
  ...casts(TEXT, 'varchar(3)', 'char(4)', 'name', '"char"', 'varchar', 'bpchar'),
  ...casts(literals('char(5)', ['a', 'ab  ', '']), 'text', 'varchar(2)', 'char(2)', 'varchar', 'name'),
  ...casts(literals('text', ['t', 'true', 'TRUE', ' yes ', 'on', 'off', 'no', 'f', '1', '0', 'tr', 'o', '', 'maybe', '2']), 'bool'),
  ...casts(['true', 'false', 'NULL::bool'], 'text', 'int4', 'varchar(2)'),
  ...casts(literals('text', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'a0eebc999c0b4ef8bb6d6bb9bd380a11', 'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11', 'a0eebc99-9c0b', 'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '']), 'uuid'),
  ...operators('= < >', literals('uuid', ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '7fffffff-ffff-ffff-ffff-ffffffffffff', null])),
  ...operators('= <> < <= > >=', ['true', 'false', 'NULL::bool']),
  ...operators('AND OR', ['true', 'false', 'NULL::bool']),
];

export const STRING_CASES: readonly string[] = [...SLICES, ...CASES, ...QUOTING, ...BYTE_CASES, ...TEXT_CASTS];
