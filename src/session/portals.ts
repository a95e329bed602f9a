// Prepared statements and portals of one session. A portal is a statement with its parameters; it runs at the first Execute
// and keeps its row source until it is exhausted or closed. SQL cursors (DECLARE) are portals too.
import { after, type Maybe } from '../base/maybe.ts';
import type { Batch } from '../columns/batch.ts';
import type { Arena } from '../columns/memory.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { ParsedStatement } from '../sql/ast.ts';
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { RowSlicer, type StatementResult } from './row-source.ts';
import type { Format, ResultField, ResultSink } from './session-contract.ts';
import type { PlannedStatement } from './statements/plan-statement.ts';

export interface ParameterValue {
  readonly type: SqlType;
  readonly value: Datum | null;
}

export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  /** null: an empty query string */
  readonly parsed: ParsedStatement | null;
  readonly parameterTypes: readonly SqlType[];
  /** null: returns no rows */
  readonly fields: readonly ResultField[] | null;
  /** how it will be done; planned again when what it depends on has changed */
  plan: PlannedStatement | null;
  readonly preparedAt: number;
  readonly fromSql: boolean;
}

export class Portal {
  readonly name: string;
  readonly statement: PreparedStatement;
  readonly parameters: readonly ParameterValue[];
  readonly formats: readonly Format[];
  readonly createdAt = Date.now();
  /** WITH HOLD: outlives its transaction, if that commits */
  holdable = false;
  /** that has committed */
  held = false;
  private result: StatementResult | null = null;
  private slicer: RowSlicer | null = null;
  private finished = false;

  constructor(
    name: string,
    statement: PreparedStatement,
    parameters: readonly ParameterValue[],
    formats: readonly Format[],
  ) {
    this.name = name;
    this.statement = statement;
    this.parameters = parameters;
    this.formats = formats;
  }

  get started(): boolean {
    return this.result !== null;
  }

  start(result: StatementResult, arena: Arena): void {
    this.result = result;
    this.slicer = result.rows === null ? null : new RowSlicer(result.rows, arena);
  }

  /** Sends up to maxRows rows (0: all), then, once `beforeTag` has gone well, the closing message. */
  fetch(maxRows: number, out: ResultSink, beforeTag: (() => Maybe<void>) | null): Maybe<void> {
    const result = this.result!;
    if (this.slicer === null && this.finished) {
      throw sqlError('object_not_in_prerequisite_state', `portal "${this.name}" cannot be run`);
    }
    this.finished = true;
    return after(this.slicer === null ? 0 : this.send(this.slicer, maxRows, out), (sent) =>
      after(beforeTag?.(), () => {
        if (result.empty === true) out.emptyQuery();
        else if (maxRows > 0 && sent === maxRows) out.portalSuspended();
        else out.commandComplete(result.tag(sent));
      }),
    );
  }

  /** Sends up to maxRows rows (0: all) and returns how many: at once where neither rows nor the client must be waited for. */
  private send(slicer: RowSlicer, maxRows: number, out: ResultSink): Maybe<number> {
    const { fields } = this.result!.rows!;
    let sent = 0;
    /** Goes on until there is something to wait for; null: done. */
    const sendReady = (): Promise<void> | null => {
      while (maxRows === 0 || sent < maxRows) {
        const filling = slicer.fill();
        if (filling instanceof Promise) return filling;
        const batch = slicer.take(maxRows === 0 ? 0 : maxRows - sent);
        if (batch === null) break;
        sent += batch.count;
        const written = out.rows(batch, fields, this.formats);
        if (written instanceof Promise) return written;
      }
      return null;
    };
    const waiting = sendReady();
    if (waiting === null) return sent;
    const sendRest = async (): Promise<number> => {
      for (let wait: Promise<void> | null = waiting; wait !== null; wait = sendReady()) await wait;
      return sent;
    };
    return sendRest();
  }

  /** Up to `limit` rows (0: a batch), waiting for a subscription's rows until the deadline; null: no more (for now). */
  async take(limit: number, deadlineMs: number | null): Promise<Batch | null> {
    if (this.slicer === null) {
      throw sqlError('object_not_in_prerequisite_state', `cursor "${this.name}" has no rows`);
    }
    for (;;) {
      await this.slicer.fill(deadlineMs);
      const batch = this.slicer.take(limit);
      if (batch === null || batch.count > 0) return batch;
    }
  }

  close(): Maybe<void> {
    return this.slicer?.close();
  }
}

/** Per code, by number of fields: the encoder knows formats that it has seen by their identity. */
const UNIFORM: Readonly<Record<Format, (readonly Format[])[]>> = { 0: [], 1: [] };

function uniformFormats(format: Format, fieldCount: number): readonly Format[] {
  UNIFORM[format][fieldCount] ??= new Array<Format>(fieldCount).fill(format);
  return UNIFORM[format][fieldCount];
}

/** Expands Bind's result formats (0, 1 or n codes) to one per field. */
export function expandFormats(formats: readonly Format[], fieldCount: number): readonly Format[] {
  if (formats.length <= 1) return uniformFormats(formats[0] ?? 0, fieldCount);
  if (formats.length !== fieldCount) {
    throw sqlError(
      'protocol_violation',
      `bind message has ${formats.length} result formats but query has ${fieldCount} columns`,
    );
  }
  return formats;
}
