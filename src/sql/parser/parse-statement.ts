// One statement: dispatch on its first word. PostgreSQL's commands that have no tree here come back as `unsupported`.
import type { DataStatement, Statement } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { parseDelete, parseInsert, parseMerge, parseUpdate } from './parse-change.ts';
import { parseQuery, parseQueryBody, parseWith } from './parse-select.ts';

export function parseStatement(c: Cursor): Statement {
  switch (c.token.word) {
    case 'select':
    case 'values':
    case 'table':
    case '(':
      return parseQuery(c);
    case 'with':
      return parseWithStatement(c);
    case 'insert':
      return parseInsert(c, null);
    case 'update':
      return parseUpdate(c, null);
    case 'delete':
      return parseDelete(c, null);
    case 'merge':
      return parseMerge(c, null);
    default:
      throw c.fail();
  }
}

/** WITH .. before any of the data statements. */
function parseWithStatement(c: Cursor): DataStatement {
  const withClause = parseWith(c);
  switch (c.token.word) {
    case 'insert':
      return parseInsert(c, withClause);
    case 'update':
      return parseUpdate(c, withClause);
    case 'delete':
      return parseDelete(c, withClause);
    case 'merge':
      return parseMerge(c, withClause);
    default:
      return parseQueryBody(c, withClause);
  }
}
