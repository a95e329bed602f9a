// Random commits while views and subscriptions are made, held back and let go at random, also one over the other, dropped and made anew,
// with crashes in between: every view read at any epoch holds the rows of its query at that epoch, and every subscription's changes add up to
// them. HEADRACE_TEST_SEEDS=10 for more than one seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { FaultyDisk } from '../../testing/faulty-disk.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { INT8, type SqlType, TEXT } from '../../types/sql-type.ts';
import { call, input, type Row, shape } from '../batch/plan-fixture.ts';
import { at, countByKey, followed, product, STREAM, StreamFixture, scan, TABLE, VIEW } from './stream-fixture.ts';
import type { Subscription } from './subscription.ts';

const ROUNDS = 60;
const VIEWS = 6;
const KEYS = 5;
const SEEDS = Number(process.env.HEADRACE_TEST_SEEDS ?? 2);

const PAIR: readonly SqlType[] = [TEXT, INT8];

interface Watched {
  readonly plan: BatchPlan;
  readonly subscription: Subscription;
}

class RandomCatchUps {
  private readonly next: (limit: number) => number;
  private disk = new FaultyDisk();
  private on!: StreamFixture;
  private readonly alive: number[] = [];
  private made = VIEW;
  private freed: (() => void)[] = [];
  private readonly tasks: Promise<void>[] = [];
  private readonly opening: Promise<void>[] = [];
  private readonly watched: Watched[] = [];
  private readonly kept: { readonly snapshot: TableSnapshot; readonly views: readonly number[] }[] = [];
  private behind = 0;

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.next = (limit) => Math.floor(random() * limit);
  }

  async run(): Promise<void> {
    this.on = await StreamFixture.open({ disk: this.disk });
    for (let round = 0; round < ROUNDS; round++) await this.act();
    await this.settle();
    await this.on.close();
    assert.ok(this.behind > 0, 'nothing was ever read on its way');
  }

  private async act(): Promise<void> {
    switch (this.next(12)) {
      case 0:
        return this.make();
      case 1:
        return this.drop();
      case 2:
        return this.subscribe();
      case 3:
        this.freed.push(this.on.holdLoads());
        return this.make();
      case 4:
        return this.letGo();
      case 5:
        if (this.next(4) === 0) return this.crash();
        if (this.next(2) === 0) await this.on.storage.checkpoint();
        return this.keepSnapshot();
      case 6:
      case 7:
        this.read();
        return;
      default:
        return this.change();
    }
  }

  /** A row, many or all, in or out. */
  private async change(): Promise<void> {
    const { on } = this;
    const stream = this.next(2) === 0;
    const table = on.storage.tables.table(TABLE);
    if (!stream && this.next(12) === 0) {
      await on.storage.commit({ truncates: [TABLE] });
      return;
    }
    if (!stream && this.next(2) === 0 && table.liveRows > 0) {
      const rowIds = [];
      for (const group of table.groups) {
        for (let row = 0; row < group.rowCount; row++)
          if (!group.deletes.has(row) && this.next(3) === 0) rowIds.push(group.rowIdBase + row);
      }
      await on.storage.commit({ deletes: [{ relation: TABLE, rowIds }] });
      return;
    }
    const rows = Array.from({ length: 1 + this.next(this.next(8) === 0 ? 5000 : 6) }, (): Row => {
      const key = this.next(10) === 0 ? `a long text, number ${this.next(KEYS)}` : `k${this.next(KEYS)}`;
      return [key, BigInt(this.next(9)), at(100 + this.next(5))];
    });
    await on.insert(stream ? STREAM : TABLE, rows.slice(0, stream ? 40 : undefined));
  }

  /** Over tables, and views: made, on their way, or to fail with them. */
  private plan(): BatchPlan {
    const source = (): BatchPlan => {
      const view = this.alive[this.next(this.alive.length + 2)];
      if (view !== undefined) return scan(view, PAIR);
      return countByKey(scan(this.next(2) === 0 ? TABLE : STREAM));
    };
    switch (this.next(4)) {
      case 0:
        return countByKey(product(source(), source()));
      case 1:
        return { kind: 'union-all', inputs: [source(), source()], ...shape(PAIR) };
      case 2: {
        const on = [input(TEXT, 0)];
        const joined: BatchPlan = {
          kind: 'hash-join', type: 'left', left: source(), right: source(), leftKeys: on, rightKeys: on, nullsEqual: [false], residual: null,
          ...shape([...PAIR, ...PAIR]),
        }; // biome-ignore format: one plan
        const sum = call('+(int8,int8)', [input(INT8, 1), input(INT8, 1)], INT8);
        return countByKey({ kind: 'project', input: joined, expressions: [input(TEXT, 2), sum], ...shape(PAIR) });
      }
      default:
        return countByKey(source());
    }
  }

  private async make(): Promise<void> {
    if (this.alive.length === VIEWS) return;
    const oid = ++this.made;
    await this.on.put(this.on.view(oid, this.plan()));
    this.alive.push(oid);
  }

  /** The last one: no other is over it. */
  private async drop(): Promise<void> {
    const oid = this.alive.at(-1);
    if (oid === undefined || this.next(3) > 0) return;
    await this.settle();
    this.alive.pop();
    await this.on.drop(oid);
    this.on.plans.delete(oid);
  }

  /** As statements do: several views at once, at the epoch of a snapshot of theirs. */
  private read(): void {
    const { on } = this;
    const views = this.alive.filter(() => this.next(2) === 0);
    this.behind += on.engine.queryRows().filter(({ state, relation }) => state === 'starting' && views.includes(relation)).length; // biome-ignore format: one line
    this.tasks.push(on.check(...views));
  }

  private async keepSnapshot(): Promise<void> {
    const snapshot = this.on.storage.snapshot();
    this.kept.push({ snapshot, views: [...this.alive] });
    await this.on.engine.waitFor([], undefined, true);
  }

  private subscribe(): Promise<void> {
    const plan = this.plan();
    const opened = this.on.subscribe({ ...followed, relation: null, plan, maxQueuedRows: 1_000_000 });
    this.opening.push(
      opened.then((subscription) => {
        this.watched.push({ plan, subscription });
      }),
    );
    return Promise.resolve();
  }

  private async letGo(): Promise<void> {
    for (const free of this.freed.splice(0).toReversed()) free();
    for (let turns = this.next(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Everything that was begun is over, and right. */
  private async settle(): Promise<void> {
    const { on } = this;
    await this.letGo();
    await Promise.all(this.tasks.splice(0));
    await Promise.all(this.opening.splice(0));
    await on.engine.settled();
    await on.engine.waitFor(this.alive);
    for (const { snapshot, views } of this.kept.splice(0)) {
      await on.checkAt(snapshot, views);
      snapshot.release();
    }
    await on.check(...this.alive);
    const snapshot = on.storage.snapshot();
    for (const each of this.watched) await this.compare(each, snapshot);
    snapshot.release();
    for (const { subscription } of this.watched.splice(0)) subscription.close();
  }

  private async compare({ plan, subscription }: Watched, snapshot: TableSnapshot): Promise<void> {
    const counts = new Map<string, number>();
    for (;;) {
      const batch = await subscription.next(performance.now() + 20);
      if (batch === null) break;
      for (const line of this.on.texts(batch)) {
        const [, diff, row] = /^\d+ (-?\d+) (.*)$/.exec(line)!;
        counts.set(row!, (counts.get(row!) ?? 0) + Number(diff));
      }
    }
    const rows = [...counts].flatMap(([row, count]) => Array.from({ length: count }, () => row)).sort();
    assert.deepEqual(rows, await this.on.select(plan, snapshot), 'what a subscription has pushed');
  }

  /** The power fails amid whatever is on its way; the next life begins with what the disk has. */
  private async crash(): Promise<void> {
    const left = this.disk.copy();
    left.crash();
    await this.settle();
    await this.on.close();
    const { clock, plans } = this.on;
    this.disk = left;
    this.on = await StreamFixture.open({ disk: left, clock, plans });
    this.tasks.push(this.on.check(...this.alive));
  }
}

for (let seed = 1; seed <= SEEDS; seed++)
  test(`views and subscriptions on their way, seed ${seed}`, () => new RandomCatchUps(seed).run());
