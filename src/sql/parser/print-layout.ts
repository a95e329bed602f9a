// A query over several lines, as PostgreSQL's pg_get_viewdef lays it out: a column a line, a clause a line, JOINs under their FROM, and what
// stands in parentheses eight to the right. The words are print-query.ts's; only the whitespace, and the alias that every computed column
// shows, are this file's.
import type { Alias, Expression, FromItem, FromJoin, Query, QueryBody, Select, SetOperation, Target } from '../ast.ts';
import { printExpression as printAny, printOrderBy as printKeys, printWindow } from './print-expression.ts';
import { printColumns, printName, printNames, printQualifiedName } from './print-name.ts';
import {
  joinSide,
  printCommonTable,
  printData,
  printFromItem,
  printGrouping,
  printLocking,
  printSample,
} from './print-query.ts';

const DEEPER = 8;

/** `columns`: the view's own names of the columns, shown where the query calls them otherwise. */
export function printLaidOut(query: Query, columns: readonly string[]): string {
  return layQuery(query, 0, columns);
}

/** A new line at `indent` and text. */
function line(indent: number, text: string): string {
  return `\n${' '.repeat(indent)}${text}`;
}

function lay(e: Expression, at: number): string {
  return printAny(e, (query) => layQuery(query, at + DEEPER));
}

function layList(expressions: readonly Expression[], at: number): string {
  return expressions.map((e) => lay(e, at)).join(', ');
}

/** Begins with a space: what opened it stands in front. */
function layQuery(query: Query, at: number, columns?: readonly string[]): string {
  const { body, orderBy, limit, withTies, offset, locking } = query;
  let text = layWith(query, at) + layBody(body, at, columns);
  if (orderBy.length > 0) {
    text += line(at + 2, printKeys(orderBy, (inner) => layQuery(inner, at + DEEPER)).trimStart());
  }
  if (offset !== null) text += line(at + 1, `OFFSET ${lay(offset, at)}`);
  if (limit !== null && withTies) text += line(at + 1, `FETCH FIRST (${lay(limit, at)}) ROWS WITH TIES`);
  else if (limit !== null) text += line(at + 1, `LIMIT ${limit.kind === 'null' ? 'ALL' : lay(limit, at)}`);
  return text + locking.map((clause) => line(at + 1, printLocking(clause).trimStart())).join('');
}

function layWith({ with: clause }: Query, at: number): string {
  if (clause === null) return '';
  const ctes = clause.ctes.map((cte) => {
    const { statement } = cte;
    if (statement.kind !== 'query') return printCommonTable(cte, printData(statement));
    return printCommonTable(cte, `${line(at + DEEPER, layQuery(statement, at + DEEPER))}${line(at + DEEPER, '')}`);
  });
  return ` WITH ${clause.recursive ? 'RECURSIVE ' : ''}${ctes.join(', ')}${line(at, '')}`;
}

function layBody(body: QueryBody, at: number, columns?: readonly string[]): string {
  switch (body.kind) {
    case 'query':
      return `(${layQuery(body, at, columns)})`;
    case 'values':
      return ` VALUES ${body.rows.map((row) => `(${layList(row, at)})`).join(', ')}`;
    case 'select':
      return laySelect(body, at, columns);
    case 'set_operation':
      return laySetOperation(body, at, columns);
  }
}

function laySetOperation(body: SetOperation, at: number, columns?: readonly string[]): string {
  const words = `${body.operator.toUpperCase()}${body.all ? ' ALL' : ''}`;
  const same = (side: QueryBody) =>
    side.kind === 'set_operation' && side.operator === body.operator && side.all === body.all;
  const operand = (side: QueryBody, open: boolean, names?: readonly string[]) =>
    open ? layBody(side, at, names) : `(${line(at + DEEPER, layBody(side, at + DEEPER, names))}${line(at, ')')}`;
  const left = operand(body.left, body.left.kind !== 'set_operation' || same(body.left), columns);
  const right = operand(body.right, body.right.kind !== 'set_operation');
  const between = left.endsWith(')') && left.startsWith('(') ? ` ${words}` : line(at, words);
  return `${left}${between}${line(at, right)}`;
}

function laySelect(select: Select, at: number, columns?: readonly string[]): string {
  const { distinct, targets, from, where, groupBy, groupByDistinct, having, windows, qualify } = select;
  const on = distinct === null || distinct.on.length === 0 ? '' : ` ON (${layList(distinct.on, at)})`;
  let text = ` SELECT${distinct === null ? '' : ` DISTINCT${on}`}`;
  if (targets.length > 0) {
    text += ` ${targets.map((target, i) => layTarget(target, columns?.[i], at)).join(`,${line(at + 4, '')}`)}`;
  }
  if (from.length > 0) {
    text += line(at + 3, `FROM ${from.map((item) => layFrom(item, at)).join(`,${line(at + 4, '')}`)}`);
  }
  if (where !== null) text += line(at + 2, `WHERE ${lay(where, at)}`);
  if (groupBy.length > 0) {
    text += line(at + 2, `GROUP BY ${groupByDistinct ? 'DISTINCT ' : ''}${groupBy.map(printGrouping).join(', ')}`);
  }
  if (having !== null) text += line(at + 1, `HAVING ${lay(having, at)}`);
  if (windows.length > 0) {
    const one = (window: (typeof windows)[number]) =>
      `${printName(window.name ?? '')} AS ${printWindow(window, (query) => layQuery(query, at + DEEPER))}`;
    text += line(at + 2, `WINDOW ${windows.map(one).join(', ')}`);
  }
  return qualify === undefined ? text : text + line(at + 2, `QUALIFY ${lay(qualify, at)}`);
}

/** A column shows a name that is not its own, and everything else whatever name it has. */
function layTarget({ expression, alias }: Target, column: string | undefined, at: number): string {
  const name = column ?? alias;
  const own = expression.kind === 'column' ? expression.parts.at(-1) : '?column?';
  const isShown = name !== null && (column === undefined || column !== own) && expression.kind !== 'star';
  return `${lay(expression, at)}${isShown ? ` AS ${printName(name)}` : ''}`;
}

function layAlias(alias: Alias | null): string {
  return alias === null ? '' : ` ${printName(alias.name)}${printColumns(alias.columns).trimStart()}`;
}

function layFrom(item: FromItem, at: number): string {
  switch (item.kind) {
    case 'from_table': {
      const { only, table, alias, sample, systemTime } = item;
      const time = systemTime === null ? '' : ` FOR SYSTEM_TIME AS OF ${lay(systemTime, at)}`;
      const sampled = sample === null ? '' : printSample(sample);
      return `${only ? 'ONLY ' : ''}${printQualifiedName(table)}${time}${layAlias(alias)}${sampled}`;
    }
    case 'from_subquery':
      return `${item.lateral ? 'LATERAL ' : ''}(${layQuery(item.query, at + DEEPER)})${layAlias(item.alias)}`;
    case 'from_join':
      return layJoin(item, at);
    default:
      return printFromItem(item);
  }
}

function layJoin({ type, asof, natural, left, right, on, using, usingAlias, alias }: FromJoin, at: number): string {
  const cross = !asof && !natural && on === null && using === null;
  const side = joinSide(type);
  const words = cross ? 'CROSS JOIN' : `${asof ? 'ASOF ' : ''}${natural ? 'NATURAL ' : ''}${side}JOIN`;
  const other = layFrom(right, at);
  const isNested = right.kind === 'from_join' && right.alias === null;
  let text = `${layFrom(left, at)}${line(at + 5, `${words} ${isNested ? `(${other})` : other}`)}`;
  if (on !== null) text += ` ON ${lay(on, at)}`;
  if (using !== null)
    text += ` USING (${printNames(using)})${usingAlias === null ? '' : ` AS ${printName(usingAlias)}`}`;
  return alias === null ? text : `(${text})${layAlias(alias)}`;
}
