// Printing queries, FROM items and data changes.
import type {
  Alias,
  CommonTableExpression,
  DataStatement,
  EmitClause,
  Expression,
  FromItem,
  FromJoin,
  GroupingElement,
  LockingClause,
  Query,
  QueryBody,
  RowsFromItem,
  Select,
  SortKey,
  TableSample,
  Target,
  WithClause,
} from '../ast.ts';
import type { Assignment, ColumnTarget, IndexElement, Insert, Merge, MergeClause, OnConflict } from '../ast-change.ts';
import type { FromMatchRecognize, MatchPattern } from '../ast-match.ts';
import {
  printExpression as printAny,
  printExpressionType,
  printOrderBy as printKeys,
  printWindow,
} from './print-expression.ts';
import { join, printColumns, printName, printNames, printParts, printQualifiedName } from './print-name.ts';

/** One expression, subqueries included. */
export function printExpression(e: Expression): string {
  return printAny(e, printQuery);
}

function printList(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(', ');
}

function printOrderBy(keys: readonly SortKey[]): string {
  return printKeys(keys, printQuery);
}

export function printData(statement: DataStatement): string {
  switch (statement.kind) {
    case 'query':
      return printQuery(statement);
    case 'insert':
      return printInsert(statement);
    case 'update': {
      const { table, only, alias, assignments, from, where, returning } = statement;
      return (
        printWith(statement.with) +
        join(
          'UPDATE',
          printRelation(table, only, alias),
          `SET ${printAssignments(assignments)}`,
          from.length > 0 && `FROM ${from.map(printFromItem).join(', ')}`,
          where && `WHERE ${printExpression(where)}`,
          printReturning(returning),
        )
      );
    }
    case 'delete': {
      const { table, only, alias, using, where, returning } = statement;
      return (
        printWith(statement.with) +
        join(
          'DELETE FROM',
          printRelation(table, only, alias),
          using.length > 0 && `USING ${using.map(printFromItem).join(', ')}`,
          where && `WHERE ${printExpression(where)}`,
          printReturning(returning),
        )
      );
    }
    case 'merge':
      return printMerge(statement);
  }
}

export function printQuery(query: Query): string {
  const { body, orderBy, limit, withTies, offset, locking, emit } = query;
  return (
    printWith(query.with) +
    printBody(body) +
    printOrderBy(orderBy) +
    (offset === null ? '' : ` OFFSET ${printExpression(offset)}`) +
    printLimit(limit, withTies) +
    locking.map(printLocking).join('') +
    (emit === null ? '' : printEmit(emit))
  );
}

function printLimit(limit: Expression | null, withTies: boolean): string {
  if (limit === null) return '';
  if (withTies) return ` FETCH FIRST (${printExpression(limit)}) ROWS WITH TIES`;
  return limit.kind === 'null' ? ' LIMIT ALL' : ` LIMIT ${printExpression(limit)}`;
}

export function printLocking({ strength, of, wait }: LockingClause): string {
  const names = of.length === 0 ? '' : ` OF ${of.map(printQualifiedName).join(', ')}`;
  const waits = { block: '', nowait: ' NOWAIT', skip_locked: ' SKIP LOCKED' };
  return ` FOR ${strength.replaceAll('_', ' ').toUpperCase()}${names}${waits[wait]}`;
}

function printEmit({ mode, delay, timeout }: EmitClause): string {
  const words = { changes: ' EMIT CHANGES', complete: ' EMIT COMPLETE', on_window_close: ' EMIT ON WINDOW CLOSE' };
  const late = delay === null ? '' : ` WITH DELAY ${printExpression(delay)}`;
  return `${words[mode]}${late}${timeout === null ? '' : ` AND TIMEOUT ${printExpression(timeout)}`}`;
}

function printWith(clause: WithClause | null): string {
  if (clause === null) return '';
  const ctes = clause.ctes.map((cte) => printCommonTable(cte, printData(cte.statement)));
  return `WITH ${clause.recursive ? 'RECURSIVE ' : ''}${ctes.join(', ')} `;
}

/** `statement` is the query's text. */
export function printCommonTable(cte: CommonTableExpression, statement: string): string {
  const { materialized, search, cycle } = cte;
  const hint = materialized === null ? '' : `${materialized ? '' : 'NOT '}MATERIALIZED `;
  const depth = search?.depthFirst ? 'DEPTH' : 'BREADTH';
  const order =
    search && ` SEARCH ${depth} FIRST BY ${printNames(search.columns)} SET ${printName(search.sequenceColumn)}`;
  const values =
    cycle?.markValue && cycle.markDefault
      ? ` TO ${printExpression(cycle.markValue)} DEFAULT ${printExpression(cycle.markDefault)}`
      : '';
  const loop =
    cycle &&
    ` CYCLE ${printNames(cycle.columns)} SET ${printName(cycle.markColumn)}${values} USING ${printName(cycle.pathColumn)}`;
  const head = `${printName(cte.name)}${printColumns(cte.columns).trimStart()} AS ${hint}`;
  return `${head}(${statement})${order ?? ''}${loop ?? ''}`;
}

function printBody(body: QueryBody): string {
  switch (body.kind) {
    case 'query':
      return `(${printQuery(body)})`;
    case 'values':
      return `VALUES ${body.rows.map((row) => `(${printList(row)})`).join(', ')}`;
    case 'select':
      return printSelect(body);
    case 'set_operation': {
      // a left-deep chain of one operator needs no parentheses, however long
      const chain = body.left.kind === 'set_operation' && body.left.operator === body.operator;
      const left = body.left.kind === 'set_operation' && !chain ? `(${printBody(body.left)})` : printBody(body.left);
      const right = body.right.kind === 'set_operation' ? `(${printBody(body.right)})` : printBody(body.right);
      return `${left} ${body.operator.toUpperCase()}${body.all ? ' ALL' : ''} ${right}`;
    }
  }
}

function printSelect(select: Select): string {
  const { distinct, targets, into, from, where, groupBy, groupByDistinct, having, windows, qualify } = select;
  const on = distinct === null || distinct.on.length === 0 ? '' : ` ON (${printList(distinct.on)})`;
  return join(
    `SELECT${distinct === null ? '' : ` DISTINCT${on}`}`,
    targets.map(printTarget).join(', '),
    into && `INTO ${into.persistence === 'permanent' ? '' : `${into.persistence} `}${printQualifiedName(into.table)}`,
    from.length > 0 && `FROM ${from.map(printFromItem).join(', ')}`,
    where && `WHERE ${printExpression(where)}`,
    groupBy.length > 0 && `GROUP BY ${groupByDistinct ? 'DISTINCT ' : ''}${groupBy.map(printGrouping).join(', ')}`,
    having && `HAVING ${printExpression(having)}`,
    windows.length > 0 &&
      `WINDOW ${windows.map((window) => `${printName(window.name ?? '')} AS ${printWindow(window, printQuery)}`).join(', ')}`,
    qualify !== undefined && `QUALIFY ${printExpression(qualify)}`,
  );
}

function printTarget({ expression, alias }: Target): string {
  return `${printExpression(expression)}${alias === null ? '' : ` AS ${printName(alias)}`}`;
}

export function printGrouping(element: GroupingElement): string {
  switch (element.kind) {
    case 'grouping_empty':
      return '()';
    case 'grouping_expression':
      return printExpression(element.expression);
    case 'grouping_sets':
      return `GROUPING SETS (${element.elements.map(printGrouping).join(', ')})`;
    case 'grouping_rollup':
    case 'grouping_cube':
      return `${element.kind === 'grouping_cube' ? 'CUBE' : 'ROLLUP'} (${printList(element.elements)})`;
  }
}

// ----------------------------------------------------------------------------------------------------------- from items
function printAlias(alias: Alias | null): string {
  return alias === null ? '' : ` AS ${printName(alias.name)}${printColumns(alias.columns)}`;
}

export function printFromItem(item: FromItem): string {
  switch (item.kind) {
    case 'from_table': {
      const time = item.systemTime === null ? '' : ` FOR SYSTEM_TIME AS OF ${printExpression(item.systemTime)}`;
      const table = `${item.only ? 'ONLY ' : ''}${printQualifiedName(item.table)}`;
      return `${table}${time}${printAlias(item.alias)}${item.sample === null ? '' : printSample(item.sample)}`;
    }
    case 'from_subquery':
      return `${item.lateral ? 'LATERAL ' : ''}(${printQuery(item.query)})${printAlias(item.alias)}`;
    case 'from_function':
      return printFromFunction(item);
    case 'from_join':
      return printJoin(item);
    case 'from_match_recognize':
      return printMatch(item);
  }
}

export function printSample({ method, arguments: args, repeatable }: TableSample): string {
  const seed = repeatable === null ? '' : ` REPEATABLE (${printExpression(repeatable)})`;
  return ` TABLESAMPLE ${printParts(method)} (${printList(args)})${seed}`;
}

function printFromFunction(item: Extract<FromItem, { kind: 'from_function' }>): string {
  const { functions, rowsFrom, lateral, withOrdinality, alias } = item;
  const ordinality = withOrdinality ? ' WITH ORDINALITY' : '';
  const prefix = lateral ? 'LATERAL ' : '';
  if (rowsFrom) {
    const items = functions.map((f) => {
      const columns = f.columnDefinitions.length === 0 ? '' : ` AS (${printFunctionColumns(f)})`;
      return printExpression(f.call) + columns;
    });
    return `${prefix}ROWS FROM (${items.join(', ')})${ordinality}${printAlias(alias)}`;
  }
  const only = functions[0]!;
  const call = `${prefix}${printExpression(only.call)}${ordinality}`;
  if (only.columnDefinitions.length === 0) return `${call}${printAlias(alias)}`;
  return `${call} AS ${alias === null ? '' : printName(alias.name)}(${printFunctionColumns(only)})`;
}

function printFunctionColumns(item: RowsFromItem): string {
  return item.columnDefinitions
    .map(({ name, type, collation }) => {
      const collate = collation.length === 0 ? '' : ` COLLATE ${printParts(collation)}`;
      return `${printName(name)} ${printExpressionType(type, printQuery)}${collate}`;
    })
    .join(', ');
}

export function joinSide(type: FromJoin['type']): string {
  if (type === 'inner') return '';
  return type === 'semi' || type === 'anti' ? `LEFT ${type.toUpperCase()} ` : `${type.toUpperCase()} `;
}

function printJoin(join_: Extract<FromItem, { kind: 'from_join' }>): string {
  const { type, asof, natural, left, right, on, using, usingAlias, alias } = join_;
  const cross = !asof && !natural && on === null && using === null;
  const side = joinSide(type);
  const words = cross ? 'CROSS JOIN' : `${asof ? 'ASOF ' : ''}${natural ? 'NATURAL ' : ''}${side}JOIN`;
  // a join on the right is only reached by parentheses
  const rightText =
    right.kind === 'from_join' && right.alias === null ? `(${printFromItem(right)})` : printFromItem(right);
  let text = `${printFromItem(left)} ${words} ${rightText}`;
  if (on !== null) text += ` ON ${printExpression(on)}`;
  if (using !== null)
    text += ` USING (${printNames(using)})${usingAlias === null ? '' : ` AS ${printName(usingAlias)}`}`;
  return alias === null ? text : `(${text})${printAlias(alias)}`;
}

function printMatch(item: FromMatchRecognize): string {
  const { partitionBy, measures, rowsPerMatch, afterMatch, afterVariable, within, define } = item;
  const after = afterMatch.startsWith('past') || afterMatch === 'next_row' ? afterMatch : afterMatch.split('_')[0]!;
  const target = afterVariable === null ? '' : ` ${printName(afterVariable)}`;
  const skip = after === 'past_last_row' ? 'PAST LAST ROW' : `TO ${after.replace('_', ' ').toUpperCase()}${target}`;
  const inside = join(
    partitionBy.length > 0 && `PARTITION BY ${printList(partitionBy)}`,
    printOrderBy(item.orderBy).trim(),
    measures.length > 0 && `MEASURES ${measures.map(printTarget).join(', ')}`,
    rowsPerMatch === 'one' ? 'ONE ROW PER MATCH' : 'ALL ROWS PER MATCH',
    `AFTER MATCH SKIP ${skip}`,
    `PATTERN (${printPattern(item.pattern)})`,
    within && `WITHIN ${printExpression(within)}`,
    define.length > 0 &&
      `DEFINE ${define.map((d) => `${printName(d.variable)} AS ${printExpression(d.condition)}`).join(', ')}`,
  );
  return `${printFromItem(item.input)} MATCH_RECOGNIZE (${inside})${printAlias(item.alias)}`;
}

function printPattern(pattern: MatchPattern): string {
  switch (pattern.kind) {
    case 'variable':
      return printName(pattern.name);
    case 'sequence':
      return pattern.parts
        .map((part) => (part.kind === 'alternation' ? `(${printPattern(part)})` : printPattern(part)))
        .join(' ');
    case 'alternation':
      return pattern.parts.map(printPattern).join(' | ');
    case 'repeat': {
      const part = pattern.part.kind === 'variable' ? printPattern(pattern.part) : `(${printPattern(pattern.part)})`;
      return `${part}{${pattern.min},${pattern.max ?? ''}}${pattern.reluctant ? ' ?' : ''}`;
    }
  }
}

// --------------------------------------------------------------------------------------------------------- data changes
function printRelation(table: Insert['table'], only: boolean, alias: Alias | null): string {
  return `${only ? 'ONLY ' : ''}${printQualifiedName(table)}${printAlias(alias)}`;
}

function printReturning(targets: readonly Target[]): string {
  return targets.length === 0 ? '' : `RETURNING ${targets.map(printTarget).join(', ')}`;
}

function printColumnTarget({ name, indirection }: ColumnTarget): string {
  const steps = indirection.map((step) => {
    switch (step.kind) {
      case 'field':
        return `.${printName(step.field)}`;
      case 'index':
        return `[${printExpression(step.index)}]`;
      case 'slice':
        return `[${step.lower ? printExpression(step.lower) : ''}:${step.upper ? printExpression(step.upper) : ''}]`;
    }
    return '';
  });
  return printName(name) + steps.join('');
}

function printColumnTargets(columns: readonly ColumnTarget[]): string {
  return columns.length === 0 ? '' : `(${columns.map(printColumnTarget).join(', ')})`;
}

function printAssignments(assignments: readonly Assignment[]): string {
  return assignments
    .map(({ targets, multiple, value }) => {
      const left = multiple ? printColumnTargets(targets) : printColumnTarget(targets[0]!);
      return `${left} = ${printExpression(value)}`;
    })
    .join(', ');
}

function printInsert(insert: Insert): string {
  const { table, alias, columns, overriding, source, onConflict, returning } = insert;
  return (
    printWith(insert.with) +
    join(
      `INSERT INTO ${printQualifiedName(table)}`,
      alias && `AS ${printName(alias)}`,
      printColumnTargets(columns),
      overriding && `OVERRIDING ${overriding.toUpperCase()} VALUE`,
      source === null ? 'DEFAULT VALUES' : printQuery(source),
      onConflict && printOnConflict(onConflict),
      printReturning(returning),
    )
  );
}

function printOnConflict(conflict: OnConflict): string {
  const { targets, targetWhere, constraint, action, assignments, where } = conflict;
  return join(
    'ON CONFLICT',
    targets.length > 0 && `(${targets.map(printIndexElement).join(', ')})`,
    targetWhere && `WHERE ${printExpression(targetWhere)}`,
    constraint && `ON CONSTRAINT ${printName(constraint)}`,
    action === 'nothing' ? 'DO NOTHING' : `DO UPDATE SET ${printAssignments(assignments)}`,
    where && `WHERE ${printExpression(where)}`,
  );
}

export function printIndexElement(element: IndexElement): string {
  const { column, expression, collation, operatorClass, direction, nulls } = element;
  return join(
    expression === null ? printName(column!) : `(${printExpression(expression)})`,
    collation.length > 0 && `COLLATE ${printParts(collation)}`,
    operatorClass.length > 0 && printParts(operatorClass),
    direction?.toUpperCase() ?? null,
    nulls && `NULLS ${nulls.toUpperCase()}`,
  );
}

function printMerge(merge: Merge): string {
  return (
    printWith(merge.with) +
    join(
      `MERGE INTO ${printRelation(merge.table, merge.only, merge.alias)}`,
      `USING ${printFromItem(merge.source)} ON ${printExpression(merge.on)}`,
      ...merge.clauses.map(printMergeClause),
      printReturning(merge.returning),
    )
  );
}

function printMergeClause(clause: MergeClause): string {
  const { match, condition, action, assignments, columns, overriding, values } = clause;
  const matches = {
    matched: 'MATCHED',
    not_matched_by_target: 'NOT MATCHED',
    not_matched_by_source: 'NOT MATCHED BY SOURCE',
  };
  const head = `WHEN ${matches[match]}${condition === null ? '' : ` AND ${printExpression(condition)}`} THEN`;
  switch (action) {
    case 'nothing':
      return `${head} DO NOTHING`;
    case 'delete':
      return `${head} DELETE`;
    case 'update':
      return `${head} UPDATE SET ${printAssignments(assignments)}`;
    case 'insert':
      return join(
        `${head} INSERT`,
        printColumnTargets(columns),
        overriding && `OVERRIDING ${overriding.toUpperCase()} VALUE`,
        values.length === 0 ? 'DEFAULT VALUES' : `VALUES (${printList(values)})`,
      );
  }
}
