// DECLARE, FETCH, MOVE, CLOSE: SQL cursors are portals that a later statement reads. Forward only.
import { sqlError } from '../../errors/sql-error.ts';
import type { OptionValue } from '../../sql/ast-definition.ts';
import type { CloseCursor, DeclareCursor, FetchCursor } from '../../sql/ast-utility.ts';
import { expandFormats, Portal } from '../portals.ts';
import { type RowSource, type StatementResult, tagOnly } from '../row-source.ts';
import { canonicalSetting, findSetting } from '../settings.ts';
import { describeStatement } from './describe-statement.ts';
import { findCursor } from './find-by-name.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export async function runDeclareCursor(run: RunOf<DeclareCursor>): Promise<StatementResult> {
  const { state, statement } = run;
  if (!statement.hold && statement.query.kind !== 'subscribe') state.transactions.requireBlock('DECLARE CURSOR');
  if (statement.scroll === true)
    unsupported('a SCROLL cursor', 'Declare it without SCROLL and read forward.', statement.position);
  if (state.portals.has(statement.name)) {
    throw sqlError('duplicate_cursor', `cursor "${statement.name}" already exists`);
  }
  const description = await describeStatement(state, statement.query, run.prepared.parameterTypes);
  const text = run.prepared.text;
  const prepared = {
    ...run.prepared,
    ...description,
    name: statement.name,
    parsed: { statement: statement.query, text, start: 0, end: text.length },
  };
  const formats = expandFormats(statement.binary ? [1] : [], description.fields?.length ?? 0);
  const portal = new Portal(statement.name, prepared, run.parameters, formats);
  portal.holdable = statement.hold || (statement.query.kind === 'subscribe' && !state.transactions.inBlock);
  portal.start(await run.perform({ ...run, prepared, portal }, statement.query), state.services.arena);
  state.portals.set(statement.name, portal);
  return tagOnly('DECLARE CURSOR');
}

export function runFetch(run: RunOf<FetchCursor>): StatementResult {
  const { state, statement } = run;
  const portal = findCursor(state, statement.cursor);
  const count = fetchCount(statement);
  const timeoutMs = fetchTimeoutMs(statement);
  const rows = nextRows(portal, count, timeoutMs);
  const source: RowSource = {
    fields: portal.statement.fields ?? [],
    async next() {
      if (!portal.started) await startBound(run, portal);
      return rows();
    },
    close() {},
  };
  if (!statement.move) return { rows: source, tag: (rows) => `FETCH ${rows}` };
  return moved(source);
}

/** A portal that was bound by the extended protocol and never executed is a cursor before its first row. */
async function startBound(run: RunOf<FetchCursor>, portal: Portal): Promise<void> {
  const { parameters, statement: prepared } = portal;
  const result = await run.perform({ ...run, prepared, parameters, portal }, prepared.parsed!.statement);
  portal.start(result, run.state.services.arena);
}

/** MOVE reads and forgets, counting. */
function moved(source: RowSource): StatementResult {
  let skipped = 0;
  const drained: RowSource = {
    fields: [],
    async next() {
      for (let batch = await source.next(); batch !== null; batch = await source.next()) skipped += batch.count;
      return null;
    },
    close() {},
  };
  return { rows: drained, tag: () => `MOVE ${skipped}` };
}

function nextRows(portal: Portal, count: number, timeoutMs: number | null): RowSource['next'] {
  let left = count;
  const deadlineMs = timeoutMs === null ? null : performance.now() + timeoutMs;
  return async () => {
    if (left <= 0) return null;
    const batch = await portal.take(left === Number.POSITIVE_INFINITY ? 0 : left, deadlineMs);
    if (batch !== null) left -= batch.count;
    return batch;
  };
}

function fetchCount(statement: FetchCursor): number {
  if (statement.direction === 'forward') return statement.count ?? Number.POSITIVE_INFINITY;
  if (statement.direction === 'relative' && statement.count !== null && statement.count >= 0) return statement.count;
  throw sqlError('object_not_in_prerequisite_state', 'cursor can only scan forward', {
    hint: 'Declare it with SCROLL option to enable backward scan.',
  });
}

/** FETCH ... WITH (timeout = '1s'): how long to wait for rows of a subscription. */
function fetchTimeoutMs(statement: FetchCursor): number | null {
  for (const option of statement.options) {
    if (option.name !== 'timeout') {
      throw sqlError('syntax_error', `unrecognized FETCH option "${option.name}"`, { position: option.position });
    }
    return durationMs(option.value);
  }
  return null;
}

function durationMs(value: OptionValue | null): number {
  if (value === null || !('text' in value))
    throw sqlError('invalid_parameter_value', "timeout needs a duration such as '1s'");
  const plain = value.text
    .trim()
    .replace(/\s*milliseconds?$/i, 'ms')
    .replace(/\s*seconds?$/i, 's')
    .replace(/\s*minutes?$/i, 'min');
  return Number(canonicalSetting({ ...findSetting('statement_timeout')!, name: 'timeout' }, plain));
}

export async function runClose({ state, statement }: RunOf<CloseCursor>): Promise<StatementResult> {
  if (statement.name === null) {
    for (const name of [...state.portals.keys()]) if (name !== '') await state.dropPortal(name);
    return tagOnly('CLOSE CURSOR ALL');
  }
  findCursor(state, statement.name);
  await state.dropPortal(statement.name);
  return tagOnly('CLOSE CURSOR');
}
