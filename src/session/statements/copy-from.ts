// COPY FROM: bytes -> batches of the named columns -> whole rows (defaults, generated columns, casts by assignment) -> checks -> the
// transaction. What a row becomes is what INSERT INTO t (columns) VALUES ($1, ...) would make of it: that statement is planned
// once, and its expressions run over whole batches.
import { createReadStream } from 'node:fs';
import { pace } from '../../base/pace.ts';
import type { Relation } from '../../catalog/objects.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { BinaryCopyReader } from '../../connectors/formats/binary-copy-reader.ts';
import { CopyReader, type CopyReaderSettings } from '../../connectors/formats/copy-reader.ts';
import {
  type CopyOptionValue,
  checkBinaryOptions,
  readDelimitedOptions,
} from '../../connectors/formats/delimited-options.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan, ModifyPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { replaceExpression } from '../../plan/walk-expression.ts';
import type { Query, Target as SelectTarget } from '../../sql/ast.ts';
import type { Insert } from '../../sql/ast-change.ts';
import type { Copy } from '../../sql/ast-utility.ts';
import { fromFunction, functionCall, query, select, text } from '../../sql/make-ast.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { Format } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { requireWritableRelations } from '../temporary-schema.ts';
import { copyOptions } from './copy-options.ts';
import { ForeignKeys } from './foreign-keys.ts';
import { planStatement } from './plan-statement.ts';
import { requireRelation } from './resolve-names.ts';
import { RowChecks, RowProgram } from './row-program.ts';
import { type RunOf, unsupported } from './statement-run.ts';

interface Target {
  readonly relation: Relation;
  readonly columns: Relation['columns'];
}

export async function copyFrom(run: RunOf<Copy>): Promise<StatementResult> {
  const { state, statement } = run;
  if (statement.where !== null)
    unsupported('COPY ... WHERE', 'COPY into a table and INSERT ... SELECT from it.', statement.position);
  const target = copyTarget(state, statement);
  requireWritableRelations(state, 'COPY FROM', [target.relation.oid]);
  const given = copyOptions(statement.options);
  const fileReader = FILE_READERS.get(String(given.format ?? 'text').toLowerCase());
  if (fileReader !== undefined) return copyFromTable(run, target, fileReader, given);
  const openReader = readerOf(state, target, given);
  const program = new RowProgram(state);
  const owner = state.services.arena.addOwner(state.settings.number('work_mem') * 1024);
  try {
    const foreignKeys = ForeignKeys.of(state, target.relation);
    const sink = await rowSink(state, program, target, foreignKeys);
    const { pause, rows } = pace(BATCH_ROWS, () => state.checkCancelled());
    const { reader, format } = openReader(new Region(state.services.arena, owner), rows);
    let count = 0;
    const take = async (batches: Iterable<Batch>) => {
      for (const batch of batches) {
        await pause();
        count += batch.count;
        await sink(batch);
      }
    };
    const input = openInput(run, format, target.columns.length)[Symbol.asyncIterator]();
    for (;;) {
      const next = await input.next().catch(async (error: unknown) => {
        await take(reader.flush());
        throw withContext(error, `COPY ${target.relation.name}, line ${count + 1}`);
      });
      if (next.done === true) break;
      await take(reader.push(next.value));
    }
    await take(reader.end());
    await foreignKeys?.verify();
    return tagOnly(`COPY ${count}`);
  } finally {
    program.close();
    state.services.arena.freeOwner(owner);
  }
}

type Reader = Pick<CopyReader, 'push' | 'flush' | 'end'>;

/** Checks the options, then opens the reader of the format that they ask for. */
function readerOf(
  state: SessionState,
  { relation, columns }: Target,
  options: Record<string, CopyOptionValue>,
): (region: Region, rows: () => number) => { readonly reader: Reader; readonly format: Format } {
  if (String(options.format).toLowerCase() === 'binary') {
    checkBinaryOptions(options);
    return (region) => ({ reader: new BinaryCopyReader(region, columns, relation.name), format: 1 });
  }
  const delimited = readDelimitedOptions(options, 'from');
  const fields = columns.map(({ name, type }) => ({ name, type }));
  const settings = { types: state.typeSettings(), relation: relation.name, ...rejection(state, relation) };
  return (region, rows) => ({
    reader: new CopyReader(region, state.services.kernels, fields, delimited, { ...settings, rows }),
    format: 0,
  });
}

/** Formats that are not COPY's own, by the function that reads them. */
const FILE_READERS: ReadonlyMap<string, string> = new Map([
  ['parquet', 'read_parquet'],
  ['arrow', 'read_arrow'],
  ['json', 'read_json'],
]);

/** INSERT INTO t (columns) SELECT columns FROM read_parquet('path'): columns by name, values by assignment. */
async function copyFromTable(
  run: RunOf<Copy>,
  target: Target,
  reader: string,
  given: Readonly<Record<string, unknown>>,
): Promise<StatementResult> {
  const { endpoint } = run.statement;
  const extra = Object.keys(given).find((name) => name !== 'format');
  if (endpoint.kind !== 'file') {
    unsupported(`COPY FROM STDIN with FORMAT ${String(given.format)}`, `Use ${reader} over a file of the server.`);
  }
  if (extra !== undefined) {
    throw sqlError('invalid_parameter_value', `option "${extra}" is not one of FORMAT ${String(given.format)}`);
  }
  const insert = insertOf(run.state, target, tableOf(reader, endpoint.path, target));
  try {
    const result = await run.perform(run, insert);
    return { ...result, tag: (rows) => result.tag(rows).replace('INSERT 0 ', 'COPY ') };
  } catch (error) {
    throw missingInFile(error, endpoint.path);
  }
}

/** A column that the SELECT does not find is one that the file lacks: the SELECT is ours, its position says nothing. */
function missingInFile(error: unknown, path: string): unknown {
  if (!(error instanceof SqlError) || error.condition !== 'undefined_column') return error;
  return sqlError('undefined_column', `file "${path}" lacks a column: ${error.message}`, {
    hint: 'Name the columns that the file has: COPY table (column, ...) FROM ...',
  });
}

/** Types that these formats have no form for: they come as text. */
const TEXT_TYPES: ReadonlySet<string> = new Set(['json', 'jsonb', 'uuid', 'interval']);

function fileColumn({ name, type }: Relation['columns'][number]): SelectTarget['expression'] {
  const position = 1;
  const column = { kind: 'column' as const, parts: [name], position };
  if (!TEXT_TYPES.has(type.name)) return column;
  const plain = { modifiers: [], arrayBounds: [], setOf: false, intervalFields: null, percentType: false };
  return { kind: 'cast', operand: column, type: { ...plain, name: ['pg_catalog', type.name], position }, position };
}

/** SELECT columns FROM reader('path') */
function tableOf(reader: string, path: string, { columns }: Target): Query['body'] {
  const call = functionCall([reader], [text(path, 1)], null, 1);
  const targets = columns.map((column) => ({ expression: fileColumn(column), alias: null, position: 1 }));
  return select(targets, [fromFunction(call, 1)], 1);
}

/** Where the data broke off: CopyFail, a lost connection. Errors of the values themselves have their context already. */
function withContext(error: unknown, context: string): unknown {
  if (error instanceof SqlError) return new SqlError(error.condition, error.message, { context, ...error.details });
  const inner = (error as { fatal?: unknown }).fatal;
  if (inner instanceof SqlError) Object.assign(error as object, { fatal: withContext(inner, context) });
  return error;
}

function openInput(run: RunOf<Copy>, format: Format, columnCount: number): AsyncIterable<Uint8Array> {
  const { endpoint } = run.statement;
  if (endpoint.kind !== 'file') return run.out.copyIn(format, columnCount);
  const { path } = endpoint;
  return fileChunks(path);
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 262_144 })) yield chunk as Buffer;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof SqlError) throw error;
    const condition = code === 'ENOENT' ? 'undefined_file' : code === 'EACCES' ? 'insufficient_privilege' : 'io_error';
    const reason = code === 'ENOENT' ? 'No such file or directory' : message;
    const hint = "COPY FROM reads a file of the server. For one of the client use psql's \\copy.";
    throw sqlError(condition, `could not open file "${path}" for reading: ${reason}`, { hint });
  }
}

/** Malformed rows of a stream with ON ERROR REJECT are set aside; anywhere else the first one ends the statement. */
function rejection(state: SessionState, relation: Relation): Pick<CopyReaderSettings, 'reject'> {
  if (relation.kind !== 'stream' || relation.onError.kind === 'fail') return {};
  if (relation.onError.kind === 'into') {
    unsupported('ON ERROR INTO for COPY', 'Use ON ERROR REJECT and read headrace.rejected.');
  }
  return {
    reject: (row) => {
      state.services.streams.ingest.rejectMalformed(
        relation.oid,
        row.reason.message,
        Buffer.from(row.raw).toString('utf8'),
      );
      return true;
    },
  };
}

function copyTarget(state: SessionState, statement: Copy): Target {
  const relation = requireRelation(state, statement.table!);
  if (relation.kind !== 'table' && relation.kind !== 'stream') {
    const what = relation.kind.replace('-', ' ');
    throw sqlError('wrong_object_type', `cannot copy to ${what} "${relation.name}"`, {
      position: statement.table!.position,
    });
  }
  if (relation.kind === 'stream' && relation.connector !== 'internal') {
    throw sqlError('wrong_object_type', `stream "${relation.name}" is fed by its connector "${relation.connector}"`);
  }
  const seen = new Set<string>();
  const named = statement.columns.map((name) => {
    const column = relation.columns.find((one) => one.name === name);
    if (column === undefined) {
      throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
    }
    if (seen.has(name)) throw sqlError('duplicate_column', `column "${name}" specified more than once`);
    seen.add(name);
    if (column.generated === 'stored') {
      throw sqlError('invalid_column_reference', `column "${name}" is a generated column`, {
        detail: 'Generated columns cannot be used in COPY.',
      });
    }
    return column;
  });
  const columns = named.length > 0 ? named : relation.columns.filter((column) => column.generated !== 'stored');
  return { relation, columns };
}

/** Takes batches of the named columns into the transaction. */
async function rowSink(
  state: SessionState,
  program: RowProgram,
  target: Target,
  foreignKeys: ForeignKeys | null,
): Promise<(batch: Batch) => Promise<void>> {
  const { relation } = target;
  const planned = await planStatement(
    state,
    insertOf(state, target, parametersOf(target)),
    target.columns.map((column) => column.type),
  );
  const plan = planned.plan as ModifyPlan & { readonly kind: 'insert' };
  const row = singleRow(plan.input).map((expression) =>
    replaceExpression(expression, (node) =>
      node.kind === 'parameter' ? { kind: 'input', type: node.type, index: node.index } : undefined,
    ),
  );
  const isPlain =
    row.length === target.columns.length && row.every((one, i) => one.kind === 'input' && one.index === i);
  const evaluators = isPlain ? null : program.compile(row);
  const checks = new RowChecks(program, state, relation, plan.checks);
  return async (batch) => {
    program.nextBatch();
    const rows = evaluators === null ? batch : program.evaluate(evaluators, batch);
    checks.verify(rows);
    await state.transactions.transaction.insert(relation.oid, rows);
    foreignKeys?.added(program.rows(rows));
  };
}

/** The one row that the plan of INSERT ... VALUES ($1, ...) makes, as expressions over parameters. */
function singleRow(plan: BatchPlan): readonly Expression[] {
  if (plan.kind === 'values' && plan.rowsOf.length === 1) return plan.rowsOf[0]!;
  if (plan.kind !== 'project')
    throw sqlError('feature_not_supported', 'COPY into this relation is not supported', { hint: 'Use INSERT.' });
  const inner = singleRow(plan.input);
  return plan.expressions.map((expression) =>
    replaceExpression(expression, (node) => (node.kind === 'input' ? inner[node.index] : undefined)),
  );
}

/** VALUES ($1, $2, ..) */
function parametersOf({ columns }: Target): Query['body'] {
  const values = columns.map((_, i) => ({ kind: 'parameter' as const, index: i + 1, position: 1 }));
  return { kind: 'values', rows: [values], position: 1 };
}

function insertOf(state: SessionState, { relation, columns }: Target, body: Query['body']): Insert {
  const position = 1;
  const schema = state.catalog().schemas.get(relation.schemaOid)!.name;
  return {
    kind: 'insert',
    position,
    with: null,
    table: { parts: [schema, relation.name], position },
    alias: null,
    columns: columns.map((column) => ({ name: column.name, indirection: [], position })),
    overriding: 'system',
    source: query(body, position),
    onConflict: null,
    returning: [],
  };
}
