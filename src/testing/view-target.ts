// The incremental life of an .slt file: every query becomes a materialized view as soon as its tables exist, is fed by the statements
// that follow, and must hold the query's rows when the file asks for them. Queries that no view can hold answer as queries.

import { InProcessTarget } from './in-process-target.ts';
import type { SltRecord } from './slt-file.ts';
import { appliesTo, TargetError, type TargetResult } from './slt-run.ts';

export class ViewTarget extends InProcessTarget {
  override readonly engine = 'view';
  private readonly pending = new Map<number, string>();
  private readonly live = new Map<number, string>();
  private readonly sqlOf = new Map<number, string>();
  private inTransaction = false;

  constructor(records: readonly SltRecord[]) {
    super({ durable: true });
    for (const [index, record] of records.entries()) {
      if (record.kind === 'query' && appliesTo(record, 'view') && /^\s*(select|with|values)\b/i.test(record.sql)) {
        this.pending.set(index, record.sql.trim().replace(/;$/, ''));
      }
    }
  }

  override async execute(sql: string): Promise<TargetResult> {
    // Views follow commits: in a transaction block, which may see more or be read only, there are none.
    if (/^\s*(begin|start\s+transaction)\b/i.test(sql)) {
      await this.dropViews(true);
      this.inTransaction = true;
    } else if (/^\s*(drop|alter|truncate)\b/i.test(sql) && !this.inTransaction) await this.dropViews(false);
    try {
      return await super.execute(sql);
    } finally {
      const ends = /^\s*(commit|end|abort|rollback(?!(\s+work|\s+transaction)?\s+to))\b/i.test(sql);
      if (ends) this.inTransaction = /\band\s+chain\b/i.test(sql);
      if (!this.inTransaction && (ends || /^\s*(create|alter)\b/i.test(sql))) await this.createViews();
    }
  }

  async query(sql: string, index: number): Promise<TargetResult> {
    const view = this.live.get(index);
    if (view === undefined || this.inTransaction) return super.execute(sql);
    // The order is the query's own: it is taken again over the view's rows where it can be.
    const asQuery = await super.execute(sql);
    const held = await super.execute(`SELECT * FROM ${view}`);
    const text = (rows: TargetResult['rows']) =>
      (rows ?? [])
        .map((row) => JSON.stringify(row))
        .sort()
        .join('\n');
    if (text(asQuery.rows) !== text(held.rows)) {
      throw new TargetError(
        `the view holds other rows than the query:\n${text(held.rows)}\n  instead of\n${text(asQuery.rows)}`,
        null,
      );
    }
    return asQuery;
  }

  private async createViews(): Promise<void> {
    for (const [index, sql] of this.pending) {
      const name = `incremental_${index}`;
      try {
        await super.execute(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        continue; // its tables do not exist yet, or no view can hold it
      }
      this.pending.delete(index);
      this.live.set(index, name);
      this.sqlOf.set(index, sql);
    }
  }

  /** DDL on what the views read would be refused. `again`: they come back with the next DDL or end of a transaction. */
  private async dropViews(again: boolean): Promise<void> {
    for (const [index, name] of this.live) {
      await super.execute(`DROP MATERIALIZED VIEW ${name}`);
      this.live.delete(index);
      if (again) this.pending.set(index, this.sqlOf.get(index)!);
    }
  }
}
