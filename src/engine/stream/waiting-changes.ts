// WaitingChanges: changed rows of commits that go as one step, in order. Those of small commits are copied together, relation by relation;
// those of a large commit, or of one whose step begins at once, stay where the commit has them until they have been read.
import type { Batch } from '../../columns/batch.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { RowContext } from '../rows/row-store.ts';
import { ChangeBuffer } from './change-buffer.ts';

/** Rows of a relation whose batch has these attributes. */
export interface ChangedRows {
  readonly relation: number;
  readonly attributes: readonly number[];
  readonly batch: Batch;
}

type Part =
  | { readonly kind: 'copied'; readonly relations: Map<string, Copied> }
  | { readonly kind: 'held'; readonly rows: readonly ChangedRows[]; readonly done: () => void };

type Copied = Omit<ChangedRows, 'batch'> & { readonly buffer: ChangeBuffer };

export class WaitingChanges {
  /** relations of which changes could not be kept: whoever follows them has lost count */
  readonly lost = new Set<number>();
  /** that came so far */
  rows = 0;
  private readonly context: RowContext;
  private readonly parts: Part[] = [];

  /** The copies are bounded by the budget of the context's owner. */
  constructor(context: RowContext) {
    this.context = context;
  }

  /** Rows whose batch may go. */
  copy({ relation, attributes, batch }: ChangedRows): void {
    if (this.lost.has(relation)) return;
    this.rows += batch.count;
    let last = this.parts.at(-1);
    if (last?.kind !== 'copied') {
      last = { kind: 'copied', relations: new Map() };
      this.parts.push(last);
    }
    const key = `${relation} ${attributes}`;
    try {
      let copied = last.relations.get(key);
      if (copied === undefined) {
        const types = batch.columns.map((column) => column.type);
        copied = { relation, attributes, buffer: new ChangeBuffer(this.context, types) };
        last.relations.set(key, copied);
      }
      copied.buffer.append(batch);
    } catch {
      this.lose(relation); // no memory
    }
  }

  /** Rows that stay until `done` is called. */
  hold(rows: readonly ChangedRows[], done: () => void): void {
    for (const { batch } of rows) this.rows += batch.count;
    this.parts.push({ kind: 'held', rows, done });
  }

  private lose(relation: number): void {
    this.lost.add(relation);
    for (const part of this.parts) {
      if (part.kind === 'held') continue;
      for (const [key, copied] of part.relations) {
        if (copied.relation !== relation) continue;
        copied.buffer.release();
        part.relations.delete(key);
      }
    }
  }

  /** All of it, once; each batch is valid until the next. What has been read is given back. */
  *read(): Generator<ChangedRows, void, undefined> {
    try {
      for (const part of this.parts) {
        if (part.kind === 'held') yield* part.rows;
        else {
          for (const { relation, attributes, buffer } of part.relations.values())
            for (const batch of buffer.batches()) yield { relation, attributes, batch };
        }
      }
    } finally {
      this.release();
    }
  }

  private release(): void {
    for (const part of this.parts.splice(0)) {
      if (part.kind === 'held') part.done();
      else for (const { buffer } of part.relations.values()) buffer.release();
    }
  }
}

/** What fails a job whose changes could not be kept. */
export function fellBehind(): SqlError {
  return sqlError('program_limit_exceeded', 'the query fell too far behind the changes of its tables', {
    hint: 'ALTER MATERIALIZED VIEW ... RESUME builds it again.',
  });
}
