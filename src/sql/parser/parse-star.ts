// What may follow the * of a select list in other engines: * EXCEPT (a, b) of BigQuery and Databricks, * EXCLUDE (a) of Snowflake and
// DuckDB. In PostgreSQL's grammar neither can stand there: EXCEPT ( is followed by a query.
import type { Star } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { isColId, parseColId } from './names.ts';

/** The star that has just been read. */
export function parseStar(c: Cursor, qualifier: readonly string[], position: number): Star {
  if (!c.at('except') && !c.at('exclude')) return { kind: 'star', qualifier, position };
  const behind = c.peek(3).word;
  const list = c.peek(1).word === '(' && isColId(c.peek(2)) && (behind === ',' || behind === ')');
  if (!list) return { kind: 'star', qualifier, position };
  c.advance();
  return { kind: 'star', qualifier, except: c.parenthesized(parseColId), position };
}
