// `npm run trace -- "SELECT ..."`: prints every stage that a statement passes, with its time: tokens, syntax tree, the tree printed as SQL,
// bound plan, what each optimizer rule changed, batch plan with rows and time per operator, answer. Statements before the last (separated
// by ;) prepare the ground.
import { evaluateConstant } from '../engine/expressions/evaluate-constant.ts';
import { toSqlError } from '../errors/sql-error.ts';
import { explainLogical } from '../plan/explain.ts';
import type { Expression } from '../plan/expression.ts';
import type { LogicalPlan } from '../plan/logical.ts';
import type { DataStatement } from '../sql/ast.ts';
import { bindStatement } from '../sql/binder/bind-statement.ts';
import { tokenize } from '../sql/lexer/lexer.ts';
import { optimize, RULES } from '../sql/optimizer/optimize.ts';
import { parseStatements } from '../sql/parser/parse.ts';
import { printStatement } from '../sql/parser/print.ts';
import { InProcessTarget } from './in-process-target.ts';
import { sltRow } from './slt-file.ts';

const WIDTH = 120;

function stage(title: string, timeMs: number | null, lines: readonly string[]): void {
  console.log(`== ${title}${timeMs === null ? '' : `  (${timeMs.toFixed(2)} ms)`}`);
  for (const line of lines) console.log(`  ${line}`);
}

function timed<T>(work: () => T): [T, number] {
  const began = performance.now();
  const value = work();
  return [value, performance.now() - began];
}

/** Words as lines of a readable width. */
function wrapped(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last}  ${word}`;
    else lines.push(word);
  }
  return lines;
}

function tokenLines(text: string): string[] {
  const tokens = tokenize(text).filter(({ type }) => type !== 'end');
  return wrapped(
    tokens.map(({ type, keyword, start, end }) => `${keyword === null ? type : 'keyword'}:${text.slice(start, end)}`),
  );
}

/** A syntax tree with what says something: no positions, nulls, false, empty lists; short nodes on one line. */
function treeLines(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  const entries = (Array.isArray(value) ? value.map((each, i) => [`${i}`, each]) : Object.entries(value)).filter(
    ([key, each]) =>
      key !== 'position' &&
      each !== null &&
      each !== false &&
      each !== undefined &&
      !(Array.isArray(each) && each.length === 0),
  ) as [string, unknown][];
  const isList = Array.isArray(value);
  const shown = entries.map(([key, each]): [string, string[]] => [
    key,
    key === 'kind' ? [String(each)] : treeLines(each),
  ]);
  const short = shown.every(([, lines]) => lines.length === 1)
    ? shown
        .map(([key, lines]) => (isList || key === 'kind' ? lines[0]! : `${key}: ${lines[0]}`))
        .join(isList ? ', ' : ' ')
    : null;
  if (short !== null && short.length < WIDTH - 20) return [isList ? `[${short}]` : `(${short})`];
  const kind = entries.find(([key]) => key === 'kind')?.[1];
  const rest = shown.filter(([key]) => key !== 'kind');
  const body = rest.flatMap(([key, [first, ...more]]) => [
    `  ${isList ? '-' : `${key}:`} ${first}`,
    ...more.map((line) => `  ${isList ? '  ' : ''}${line}`),
  ]);
  return kind === undefined ? ['', ...body] : [`(${String(kind)}`, ...body, ')'];
}

class TraceTarget extends InProcessTarget {
  /** Binds and optimizes as a session would, showing each step. */
  plan(statement: DataStatement): void {
    const { services } = this.database!;
    const catalog = services.storage.catalog();
    const functions = services.functions(catalog);
    const evaluation = { nowMicros: BigInt(Date.now()) * 1000n, timeZone: 'UTC' };
    const [bound, bindMs] = timed(() =>
      bindStatement(statement, {
        catalog,
        functions,
        searchPath: ['pg_catalog', 'public'],
        parameterTypes: [],
        currentUser: 'postgres',
        database: 'postgres',
        evaluation,
      }),
    );
    stage('bound plan', bindMs, explainLogical(bound.plan));
    const { arena, kernels } = services;
    const fold = (expression: Expression): Expression => ({
      kind: 'constant',
      type: expression.type,
      value: evaluateConstant(expression, { arena, kernels, functions, evaluation }),
    });
    const idle: string[] = [];
    const trace = (rule: string, before: LogicalPlan, after: LogicalPlan, timeMs: number) => {
      if (explainLogical(before).join('\n') === explainLogical(after).join('\n'))
        idle.push(`${rule} (${timeMs.toFixed(2)} ms)`);
      else
        stage(`optimizer: ${rule}: ${RULES.find(({ name }) => name === rule)!.reason}`, timeMs, explainLogical(after));
    };
    optimize(bound.plan, {
      functions,
      fold,
      trace,
      verify: true,
      statistics: (relation) => services.storage.estimatedRows(relation),
    });
    if (idle.length > 0) stage('optimizer: rules with nothing to do', null, wrapped(idle));
  }
}

async function traceLast(
  target: TraceTarget,
  { statement, text }: ReturnType<typeof parseStatements>[number],
): Promise<void> {
  const [tokens, lexMs] = timed(() => tokenLines(text));
  stage('tokens', lexMs, tokens);
  const [, parseMs] = timed(() => parseStatements(text));
  stage('syntax tree', parseMs, treeLines(statement));
  stage('as SQL', null, printStatement(statement).split('\n'));
  const plannable = ['query', 'insert', 'update', 'delete'].includes(statement.kind);
  if (plannable) {
    target.plan(statement as DataStatement);
    const analyze = statement.kind === 'query' ? '(ANALYZE)' : '';
    const { rows } = await target.execute(`EXPLAIN ${analyze} ${text}`);
    stage(
      statement.kind === 'query' ? 'batch plan, run' : 'batch plan',
      null,
      (rows ?? []).map((row) => row[0]!),
    );
  }
  const began = performance.now();
  const { rows, count } = await target.execute(text);
  const done = rows === null ? [`done${count === undefined ? '' : `, ${count} rows`}`] : rows.map(sltRow);
  stage('answer', performance.now() - began, done);
}

async function main(text: string): Promise<void> {
  const target = new TraceTarget();
  try {
    const statements = parseStatements(text);
    await target.execute('SELECT 1');
    for (const { text: sql } of statements.slice(0, -1)) await target.execute(sql);
    const last = statements.at(-1);
    if (last !== undefined) await traceLast(target, last);
  } catch (error) {
    const failed = error instanceof Error && error.name === 'TargetError' ? error : toSqlError(error);
    const { sqlstate } = failed as { sqlstate?: string | null };
    console.log(`== stops here: ${sqlstate ?? ''} ${failed.message}`);
    process.exitCode = 1;
  } finally {
    await target.close();
  }
}

const text = process.argv.slice(2).join(' ');
if (text.trim() === '') {
  process.stderr.write('usage: npm run trace -- "CREATE TABLE t (a int); SELECT * FROM t"\n');
  process.exit(1);
}
await main(text);
