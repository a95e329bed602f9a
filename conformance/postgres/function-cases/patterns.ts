// LIKE, SIMILAR TO, POSIX regular expressions and their functions.
// biome-ignore-all format: long tables of short texts
import { calls, operators, texts } from './cross.ts';

const TEXT = texts('', 'abc', 'ABC', 'foobarbequebaz', 'a.b*c', 'line1\nline2', 'naïve Éa', 'aaa', '50%_x', 'x\\y', null);
const LIKES = texts('', '%', '_', 'a%', '%c', 'A_C', '%bar%', '%\\%%', 'x\\\\y', '___', '%e%e%', 'n%É_', null);
const REGEXPS = texts('', 'b', '^a', 'c$', '[a-c]+', '(b)(a)?', '\\w+', '\\d', 'a|b', '(?i)abc', 'ba.', '[[:upper:]]', '^line2', 'a{2}', 'a{2,}?', '(?:fo+)b', '(a', '[', 'a**', '\\mbar', 'x*', '.', '\\s', '[^a]', '(?=b)', 'É', null);

export const PATTERN_CASES: readonly string[] = [
  ...operators('LIKE', TEXT, LIKES),
  ...['NOT LIKE', 'ILIKE', 'NOT ILIKE'].flatMap((symbol) => TEXT.slice(1, 7).flatMap((a) => LIKES.map((b) => `${a} ${symbol} ${b}`))),
  ...["'a%c' LIKE 'a#%c' ESCAPE '#'", "'abc' LIKE 'a\\' ", "'a_c' LIKE 'a!_c' ESCAPE '!'", "'a\\c' LIKE 'a\\c' ESCAPE ''", "'abc' LIKE 'abc' ESCAPE 'xx'", "'a' LIKE 'a#' ESCAPE '#'", "'ABC' ILIKE 'a#bc' ESCAPE '#'", "'日本語' LIKE '_本%'", "'日本語' LIKE '__'"],
  ...["'abc' SIMILAR TO 'abc'", "'abc' SIMILAR TO 'a'", "'abc' SIMILAR TO '%(b|d)%'", "'abc' SIMILAR TO '(b|c)%'", "'abc' NOT SIMILAR TO 'a_c'", "'a.c' SIMILAR TO 'a.c'", "'axc' SIMILAR TO 'a.c'", "'aaa' SIMILAR TO 'a{3}'", "'a%' SIMILAR TO 'a#%' ESCAPE '#'", "'ab' SIMILAR TO '[a-b]+'", "'xyz' SIMILAR TO '[^a]%'", "NULL SIMILAR TO 'a'", "'a|b' SIMILAR TO 'a\\|b'", "'ab' SIMILAR TO 'a|ab'", "'abc' SIMILAR TO '^abc$'", "substring('foobar' similar '%#\"o_b#\"%' escape '#')", "substring('foobar' from '%#\"o_b#\"%' for '#')"],
  ...operators('~', TEXT, REGEXPS),
  ...operators('!~ ~* !~*', TEXT.slice(1, 7), REGEXPS.slice(0, 16)),
  ...calls('regexp_match', TEXT.slice(1, 8), REGEXPS),
  ...calls('regexp_match', TEXT.slice(2, 6), texts('abc', '(B)(.)', 'a.b', '^line2'), texts('i', 'n', 'x', 'g', 'q', 'z', '')),
  ...calls('regexp_replace', TEXT.slice(0, 8), texts('a', '(b)(a)?', '', '[a-z]', 'x*'), texts('X', '<\\&>', '\\2\\1', '\\\\', '')),
  ...calls('regexp_replace', TEXT.slice(1, 8), texts('a', '(b)(a)?', '', 'x*', '.'), texts('X', '[\\1]'), texts('g', 'gi', 'z', '')),
  ...calls('regexp_replace', texts('foobarbequebaz'), texts('b'), texts('X'), ['0', '1', '5', '100'], ['0', '1', '2', '-1']),
  ...calls('regexp_replace', texts('foobarBequebaz'), texts('b'), texts('X'), ['1', '5'], ['0', '2'], texts('i', '')),
  ...calls('regexp_replace', texts('foobarBequebaz'), texts('b'), texts('X'), ['1', '5']),
  ...calls('regexp_count', TEXT, texts('a', '', '[a-c]', '(b)', '\\w+')),
  ...calls('regexp_count', texts('ABCABCaBc', 'foobar'), texts('b', 'a.c'), ['0', '1', '3', '20'], texts('i', '', 'z')),
  ...calls('regexp_count', texts('ABCABCaBc'), texts('B'), ['1', '3']),
  ...calls('regexp_like', TEXT, texts('a', '^A', '(')),
  ...calls('regexp_like', TEXT.slice(1, 4), texts('A', 'b.*Z'), texts('i', 'c', 'g', '')),
  ...calls('regexp_instr regexp_substr', TEXT.slice(1, 8), texts('b', '(b)(a)', 'zzz', '')),
  ...calls('regexp_instr', texts('ABCABCaBc'), texts('b(c)'), ['1', '3', '0'], ['1', '2', '0'], ['0', '1', '2'], texts('i', ''), ['0', '1', '2', '-1']),
  ...calls('regexp_substr', texts('ABCABCaBc'), texts('b(c)'), ['1', '3', '0'], ['1', '2', '0'], texts('i', ''), ['0', '1', '2']),
  ...calls('substring', TEXT, texts('b', 'o(.)b', '(x)?a', 'zzz', '', null)),
  ...calls('regexp_split_to_array', TEXT, texts(',', 'b', '', 'a*', '[aeiou]', '\\s*')),
  ...calls('regexp_split_to_array', texts('the Quick brown'), texts('\\s+', 'q', ''), texts('i', 'g', '', 'z')),
  ...["SELECT regexp_split_to_table('a1b22c', '[0-9]+')", "SELECT regexp_split_to_table('abc', '')", "SELECT regexp_split_to_table('aXbxc', 'x', 'i')", "SELECT regexp_matches('foobarbequebaz', 'ba.', 'g')", "SELECT regexp_matches('foobarbequebaz', '(b)(a.)', 'g')", "SELECT regexp_matches('foo', 'z')", "SELECT (regexp_matches('foobar', 'o(.)'))[1]", "SELECT regexp_matches('aAbB', 'a', 'gi')", "SELECT regexp_matches('abc', '', 'g')", "SELECT regexp_matches('x', 'y', 'q')"].map((query) => `ARRAY(${query})::text`),
  ...texts('a\\.b', 'a\\tb', '\\x41', '\\u00e9', '\\Abc', 'c\\Z', '[[:<:]]b', '[\\d]', '[\\w-]+', '\\y', '(?x) a b # c', '***=a.b*', '***:a', '(?q)a.b', 'a+?', '(a)\\1', '(?<x>a)', '[a-]', '[]a]', '[^]a]', '[z-a]', 'a{1', 'a{,2}', '{1}', '*a', '+', 'a|*', '()', '(|a)', '\\', '[[.a.]]', '[[=a=]]', '[[:foo:]]', '\\B', '(?!a)b', '(?<=a)b', '(?<!a)b', '\\D\\S\\W', '\\M', '\\m').flatMap((regexp) => [`'a.b*c' ~ ${regexp}`, `regexp_match('ab aa b', ${regexp})`]),
];
