// COPY: table or query, to or from stdin, stdout, a file or a program. The old option words become the new options.
import { sqlError } from '../../errors/sql-error.ts';
import type { Option, OptionValue, QualifiedName } from '../ast-definition.ts';
import type { Copy } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { parseColId, parseOptionalColumns, parseQualifiedName } from './names.ts';
import { parseGenericOption } from './parse-options.ts';
import { parseDataStatement } from './parse-select.ts';
import { atSubscribe, parseSubscribe } from './parse-view.ts';

export function parseCopy(c: Cursor): Copy {
  const { position } = c.expect('copy');
  let table: QualifiedName | null = null;
  let columns: readonly string[] = [];
  let query: Copy['query'] = null;
  const before: Option[] = [];
  if (c.at('(')) {
    c.advance();
    query = atSubscribe(c) ? parseSubscribe(c) : parseDataStatement(c);
    c.expect(')');
  } else {
    if (c.at('binary')) before.push(formatOption('binary', c.advance().position));
    table = parseQualifiedName(c);
    columns = parseOptionalColumns(c);
  }
  const direction = query === null ? c.expectOneOf('from', 'to') : c.expectOneOf('to');
  const program = c.accept('program');
  const endpoint = parseEndpoint(c, program);
  const options = [...before, ...parseDelimiters(c), ...parseCopyOptions(c)];
  const at = c.token.position;
  const where = c.accept('where') ? c.expression() : null;
  if (where !== null && direction === 'to') {
    throw sqlError('syntax_error', 'WHERE clause not allowed with COPY TO', { position: at });
  }
  return { kind: 'copy', table, columns, query, direction, endpoint, options, where, position };
}

function parseEndpoint(c: Cursor, program: boolean): Copy['endpoint'] {
  const { token } = c;
  if (token.type === 'string') {
    c.advance();
    return program ? { kind: 'program', command: token.value } : { kind: 'file', path: token.value };
  }
  const { position } = token;
  c.expectOneOf('stdin', 'stdout');
  if (program) {
    throw sqlError('syntax_error', 'STDIN/STDOUT not allowed with PROGRAM', { position });
  }
  return { kind: 'stdio' };
}

/** The oldest syntax: [USING] DELIMITERS 'c' before WITH. */
function parseDelimiters(c: Cursor): readonly Option[] {
  if (!c.at('delimiters') && !c.at('using')) return [];
  const { position } = c.token;
  c.accept('using');
  c.expect('delimiters');
  return [stringOption('delimiter', c.expectString(), position)];
}

function parseCopyOptions(c: Cursor): readonly Option[] {
  c.accept('with');
  if (c.at('(')) return c.parenthesized(parseGenericOption);
  const options: Option[] = [];
  for (;;) {
    const option = parseOldOption(c);
    if (option === null) return options;
    options.push(option);
  }
}

function makeOption(name: string, value: OptionValue | null, position: number): Option {
  return { name, namespace: null, value, position };
}

function stringOption(name: string, text: string, position: number): Option {
  return makeOption(name, { kind: 'string', text }, position);
}

function formatOption(text: string, position: number): Option {
  return makeOption('format', { kind: 'word', text }, position);
}

/** BINARY, FREEZE, CSV, HEADER, DELIMITER 'c', NULL 's', QUOTE 'c', ESCAPE 'c', FORCE .., ENCODING 'e' */
function parseOldOption(c: Cursor): Option | null {
  const { position, word } = c.token;
  switch (word) {
    case 'binary':
    case 'csv':
    case 'json':
      c.advance();
      return formatOption(word, position);
    case 'freeze':
    case 'header':
      c.advance();
      return makeOption(word, { kind: 'boolean', value: true }, position);
    case 'delimiter':
    case 'null':
    case 'quote':
    case 'escape':
      c.advance();
      c.accept('as');
      return stringOption(word, c.expectString(), position);
    case 'encoding':
      c.advance();
      return stringOption(word, c.expectString(), position);
    case 'force': {
      c.advance();
      const which = c.expectOneOf('quote', 'not', 'null');
      if (which === 'not') c.expect('null');
      const name = which === 'not' ? 'force_not_null' : `force_${which}`;
      if (c.accept('*')) return makeOption(name, { kind: 'star' }, position);
      return makeOption(name, { kind: 'list', items: c.list(parseColId) }, position);
    }
    default:
      return null;
  }
}
