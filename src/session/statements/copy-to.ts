// COPY TO: the rows of a relation, a query or a subscription as COPY text or CSV to the client, or into a file of the server.

import { Region } from '../../columns/region.ts';
import { ArrowChunk } from '../../connectors/formats/arrow-export.ts';
import { ArrowWriter } from '../../connectors/formats/arrow-file.ts';
import { BinaryCopyWriter } from '../../connectors/formats/binary-copy-writer.ts';
import { type CopyChunk, CopyWriter } from '../../connectors/formats/copy-writer.ts';
import {
  type CopyOptionValue,
  checkBinaryOptions,
  readDelimitedOptions,
} from '../../connectors/formats/delimited-options.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { Copy, Subscribe } from '../../sql/ast-utility.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type CopyOutput, openCopyFile } from '../copy-file.ts';
import { type RowSource, type StatementResult, tagOnly } from '../row-source.ts';
import type { Format, ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { copyOptions } from './copy-options.ts';
import { openQuery } from './open-query.ts';
import { planStatement } from './plan-statement.ts';
import { requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { openSubscription, wholeRelation } from './subscribe.ts';

/** Formats that are not COPY's own. */
const FILE_FORMATS = ['parquet', 'arrow', 'json'];

export async function copyTo(run: RunOf<Copy>): Promise<StatementResult> {
  const { state, statement } = run;
  const options = copyOptions(statement.options);
  const format = String(options.format ?? 'text').toLowerCase();
  if (FILE_FORMATS.includes(format) || options.partition_by !== undefined) {
    if (statement.endpoint.kind === 'file') return copyToFile(run, { ...options, format }, statement.endpoint.path);
    if (format === 'arrow') return copyArrowOut(run);
    unsupported(`COPY TO STDOUT with FORMAT ${format}`, 'Use FORMAT arrow, csv or text, or a file of the server.');
  }
  const openWriter = writerOf(state, format, options);
  const rows = await openRows(run);
  const owner = state.services.arena.addOwner(state.settings.number('work_mem') * 1024);
  const writer = openWriter(new Region(state.services.arena, owner), rows.fields);
  const output =
    statement.endpoint.kind === 'file'
      ? openCopyFile(statement.endpoint.path)
      : clientOutput(run, format === 'binary' ? 1 : 0, rows.fields.length);
  let count = 0;
  try {
    const header = writer.header();
    if (header !== null) await output.write(header);
    for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
      state.checkCancelled();
      for (const chunk of writer.write(batch)) await sendRows(output, chunk);
      count += batch.count;
      if (rows.endless === true) await run.out.flush();
    }
    const trailer = writer.end();
    if (trailer !== null) await output.write(trailer);
    await output.end();
  } finally {
    await rows.close();
    await output.abandon();
    state.services.arena.freeOwner(owner);
  }
  return tagOnly(`COPY ${count}`);
}

type Writer = Pick<CopyWriter, 'write'> & { header(): Uint8Array | null; end(): Uint8Array | null };

/** Checks the options, then opens the writer of the format that they ask for. */
function writerOf(
  state: SessionState,
  format: string,
  options: Record<string, CopyOptionValue>,
): (region: Region, fields: readonly ResultField[]) => Writer {
  const { arena, kernels } = state.services;
  if (format === 'binary') {
    checkBinaryOptions(options);
    return (_, fields) =>
      new BinaryCopyWriter(
        arena.shared,
        fields.map((field) => field.type),
      );
  }
  const delimited = readDelimitedOptions(options, 'to');
  return (region, fields) => {
    const names = fields.map((field) => field.name);
    return new CopyWriter(region, kernels, names, delimited, state.typeSettings());
  };
}

/** One message a row, as PostgreSQL sends them; a file takes the chunk whole. */
async function sendRows(output: CopyOutput, { bytes, rowEnds }: CopyChunk): Promise<void> {
  if (output.wholeChunks === true) {
    await output.write(bytes);
    return;
  }
  let start = 0;
  for (const end of rowEnds) {
    const sent = output.write(bytes.subarray(start, end));
    if (sent instanceof Promise) await sent;
    start = end;
  }
}

function clientOutput(run: RunOf<Copy>, format: Format, columnCount: number): CopyOutput {
  run.out.copyOutStart(format, columnCount);
  return {
    write: (data) => run.out.copyOutData(data),
    end: () => run.out.copyOutDone(),
    abandon() {},
  };
}

async function copyToFile(
  run: RunOf<Copy>,
  options: Readonly<Record<string, unknown>>,
  path: string,
): Promise<StatementResult> {
  const { connectors } = run.state.services;
  const rows = await openRows(run);
  try {
    const next = async () => {
      run.state.checkCancelled();
      return rows.next();
    };
    const count = await connectors.writeFile(path, options, namedColumns(rows), { next });
    return tagOnly(`COPY ${count}`);
  } finally {
    await rows.close();
  }
}

/** An Arrow IPC stream, as what reads Arrow takes it from a pipe. */
async function copyArrowOut(run: RunOf<Copy>): Promise<StatementResult> {
  const rows = await openRows(run);
  const columns = namedColumns(rows);
  const output = clientOutput(run, 1, columns.length);
  try {
    const chunk = new ArrowChunk(run.state.services.arena.shared, columns);
    const writer = new ArrowWriter(chunk, 'stream', async (bytes) => output.write(bytes));
    let count = 0;
    for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
      run.state.checkCancelled();
      chunk.append(batch);
      count += batch.count;
      if (chunk.full || rows.endless === true) await writer.flush();
    }
    await writer.finish();
    await output.end();
    return tagOnly(`COPY ${count}`);
  } finally {
    await rows.close();
    await output.abandon();
  }
}

function namedColumns(rows: RowSource): { readonly name: string; readonly type: SqlType }[] {
  return rows.fields.map((field) => ({ name: field.name, type: field.type }));
}

async function openRows(run: RunOf<Copy>): Promise<RowSource> {
  const { state, statement } = run;
  const source = statement.query ?? tableQuery(run);
  if (source.kind === 'subscribe') return openSubscription({ ...run, statement: source });
  if (source.kind !== 'query') {
    unsupported('COPY of a data change', 'Run it with RETURNING.', statement.position);
  }
  const planned = await planStatement(state, source, []);
  return openQuery(state, planned.plan as BatchPlan, planned.fields, [], planned.bound.relations.read);
}

/** COPY t (a, b) TO as SELECT a, b FROM t. */
function tableQuery({ state, statement }: RunOf<Copy>): Query | Subscribe {
  const relation = requireRelation(state, statement.table!);
  if (relation.kind === 'view') {
    throw sqlError('wrong_object_type', `cannot copy from view "${relation.name}"`, {
      hint: 'Try the COPY (SELECT ...) TO variant.',
    });
  }
  const { position } = statement;
  const targets = statement.columns.map((name) => ({
    expression: { kind: 'column' as const, parts: [name], position },
    alias: null,
    position,
  }));
  return wholeRelation(statement.table!, position, targets);
}
