// Joins whose build side does not fit into memory: both sides are dealt to parts by the hash of their keys, and each part is a join of its own.
import type { Vector } from '../../columns/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { joinRows } from './hash-join.ts';
import { type BuildOverflow, buildJoin, type JoinSpec } from './join-table.ts';
import { type KeptInput, type KeyedLayout, keyedLayout } from './keyed-rows.ts';
import { nullVector } from './null-vector.ts';
import { projectedSource, type Source } from './pipeline.ts';
import { dealingBytes, Partitions, type SpillLevel } from './spill-partitions.ts';
import { inputColumns, type UsedColumns } from './used-columns.ts';

/** All rows of a join. */
export async function* joinOrParts(
  spec: JoinSpec,
  used: UsedColumns,
  left: Source,
  right: Source,
  level: SpillLevel,
  context: RunContext,
): Batches {
  const build = new SpilledBuild(level, context);
  try {
    const built = await buildJoin(spec, right, context, level.divides ? build : null);
    if (built !== null) yield* joinRows(spec, used, left.rows(), built, context);
    else yield* inParts(spec, used, left, build, level, context);
  } finally {
    await build.parts?.close();
  }
}

class SpilledBuild implements BuildOverflow {
  readonly bytes: number;
  parts: Partitions | null = null;
  /** rows with NULL as their first key */
  nullKeys = 0;
  private readonly level: SpillLevel;
  private readonly context: RunContext;

  constructor(level: SpillLevel, context: RunContext) {
    this.bytes = dealingBytes(context);
    this.level = level;
    this.context = context;
  }

  get taken(): boolean {
    return this.parts !== null;
  }

  readonly spill = async ({ store, keyed, ranges }: KeptInput): Promise<void> => {
    this.parts ??= await Partitions.open(keyed, this.level, this.context);
    this.nullKeys += store.count - ranges[0]!.seen;
    await this.parts.add(store);
  };
}

async function* inParts(
  spec: JoinSpec,
  used: UsedColumns,
  left: Source,
  build: SpilledBuild,
  level: SpillLevel,
  context: RunContext,
): Batches {
  const right = build.parts!;
  await right.finish();
  if (spec.type === 'null-aware-anti' && build.nullKeys > 0) return;
  const needed = leftColumns(spec, used);
  const { expressions, keyed } = leftLayout(spec, needed, right.keyed);
  const parts = await Partitions.open(keyed, level, context);
  try {
    await parts.addAll(projectedSource(expressions, left, context));
    await parts.finish();
    level.tell([right, parts]);
    const types = needed.map((column) => spec.left.types[column]!);
    const partSpec = { ...spec, isPart: true };
    for (const part of parts.numbers) {
      const [leftRows, rightRows] = [parts.countOf(part), right.countOf(part)];
      if (leftRows === 0 && spec.type !== 'right' && spec.type !== 'full') continue;
      if (rightRows === 0 && (spec.type === 'inner' || spec.type === 'semi' || spec.type === 'right')) continue;
      const some = parts.source(part, types);
      const source = { ...some, rows: () => widened(some.rows(), spec.left.types, needed, context) };
      const below = level.below(rightRows === right.count);
      yield* joinOrParts(partSpec, used, source, right.source(part, spec.right.types), below, context);
    }
  } finally {
    await parts.close();
  }
}

/** Left columns that this join or who is above it looks at: others may never have been written. */
function leftColumns(spec: JoinSpec, used: UsedColumns): readonly number[] {
  const columns = spec.left.types.map((_, i) => i);
  const above = used();
  if (above === null) return columns;
  const needed = inputColumns([spec.leftKeys, spec.residual], new Set(above));
  return columns.filter((column) => needed.has(column));
}

/** The needed columns and the keys of the left side. Its hashes are made as those of the build side. */
function leftLayout({ left, leftKeys }: JoinSpec, needed: readonly number[], build: KeyedLayout) {
  const input = (index: number, { type }: Pick<Expression, 'type'>): Expression => ({ kind: 'input', type, index });
  const expressions = needed.map((column) => input(column, { type: left.types[column]! }));
  const keys = leftKeys.map((key) => {
    const at = key.kind === 'input' ? needed.indexOf(key.index) : -1;
    return input(at >= 0 ? at : expressions.push(key) - 1, key);
  });
  const own = keyedLayout(expressions.map(({ type }) => type), keys); // biome-ignore format: one call
  const alike = own.keys.map((key, i) => ({ ...key, type: build.keys[i]!.type, kind: build.keys[i]!.kind }));
  return { expressions, keyed: { ...own, keys: alike } };
}

/** Batches of the needed columns as batches of all: nobody looks at the others. */
async function* widened(
  rows: Batches,
  types: Source['plan']['types'],
  needed: readonly number[],
  context: RunContext,
): Batches {
  using own = new OperatorMemory(context);
  const none = types.map((type, column) => (needed.includes(column) ? null : nullVector(type, context, own)));
  for await (const batch of rows) {
    let next = 0;
    const columns = none.map((vector): Vector => vector ?? batch.columns[next++]!);
    yield { ...batch, columns };
  }
}
