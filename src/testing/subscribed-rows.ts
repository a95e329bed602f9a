// What the subscriptions of a random life have got, added up: it must be the rows of what they follow, whenever they were opened.
import type { InProcessTarget } from './in-process-target.ts';

export class SubscribedRows {
  private readonly target: InProcessTarget;
  /** by name: each row as often as it is there */
  private readonly open = new Map<string, { readonly sql: string; readonly rows: Map<string, number> }>();

  constructor(target: InProcessTarget) {
    this.target = target;
  }

  has(name: string): boolean {
    return this.open.has(name);
  }

  async follow(name: string, sql: string): Promise<void> {
    this.open.set(name, { sql, rows: new Map() });
    await this.receive(name);
  }

  /** What has come since. */
  async receive(name: string): Promise<void> {
    const { sql, rows } = this.open.get(name)!;
    const changes = await this.target.changes(`of ${name}`, sql);
    for (const [diff, ...values] of changes.rows!) {
      const row = JSON.stringify(values);
      const count = (rows.get(row) ?? 0) + Number(diff);
      if (count === 0) rows.delete(row);
      else rows.set(row, count);
    }
  }

  async receiveAll(): Promise<void> {
    for (const name of this.open.keys()) await this.receive(name);
  }

  /** The rows there are now; one that left more often than it came is told so. */
  async rows(name: string): Promise<(string | null)[][]> {
    await this.receive(name);
    return [...this.open.get(name)!.rows].flatMap(([row, count]) =>
      count < 0 ? [['too few', row]] : Array.from({ length: count }, () => JSON.parse(row) as (string | null)[]),
    );
  }

  /** The server has gone, and they with it. */
  forget(): void {
    this.open.clear();
  }
}
