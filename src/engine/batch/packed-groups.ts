// Row groups on their way to workers: a record of numbers per group and column in one array buffer, because copying thousands of small
// objects between threads takes longer than a query over a million rows.
import type { CodeBytes } from '../../columns/encoding.ts';
import type { ColumnChunk, RowGroup } from '../../columns/row-group.ts';
import type { Physical, SqlType } from '../../types/sql-type.ts';

export interface PackedGroups {
  readonly count: number;
  /** alike in all groups */
  readonly columns: readonly { readonly type: SqlType; readonly physical: Physical }[];
  /** words of 8 bytes: GROUP_WORDS per group, each followed by COLUMN_WORDS per column */
  readonly words: ArrayBuffer;
}

// rowIdBase, rowCount, insertEpochs, deleteEpochs
const GROUP_WORDS = 4;
// data, nulls, codeBytes (0: values), dictionary, base, kind of the range, min, max
const COLUMN_WORDS = 8;
const NO_RANGE = 0;
const NUMBERS = 1;
const BIGINTS = 2;

export function packGroups(groups: readonly RowGroup[]): PackedGroups {
  const columns = (groups[0]?.columns ?? []).map(({ type, physical }) => ({ type, physical }));
  const words = new ArrayBuffer(groups.length * (GROUP_WORDS + columns.length * COLUMN_WORDS) * 8);
  const numbers = new Float64Array(words);
  const integers = new BigInt64Array(words);
  let at = 0;
  for (const group of groups) {
    numbers[at] = group.rowIdBase;
    numbers[at + 1] = group.rowCount;
    numbers[at + 2] = group.insertEpochs;
    numbers[at + 3] = group.deleteEpochs;
    at += GROUP_WORDS;
    for (const chunk of group.columns) {
      packChunk(chunk, numbers, integers, at);
      at += COLUMN_WORDS;
    }
  }
  return { count: groups.length, columns, words };
}

function packChunk(chunk: ColumnChunk, numbers: Float64Array, integers: BigInt64Array, at: number): void {
  const { data, nulls, encoding, min, max } = chunk;
  numbers[at] = data;
  numbers[at + 1] = nulls;
  if (encoding) {
    numbers[at + 2] = encoding.codeBytes;
    numbers[at + 3] = encoding.dictionary;
    integers[at + 4] = encoding.base;
  }
  if (typeof min === 'number' && typeof max === 'number') {
    numbers[at + 5] = NUMBERS;
    numbers[at + 6] = min;
    numbers[at + 7] = max;
  } else if (typeof min === 'bigint' && typeof max === 'bigint') {
    numbers[at + 5] = BIGINTS;
    integers[at + 6] = min;
    integers[at + 7] = max;
  }
}

export function unpackGroups({ count, columns, words }: PackedGroups): RowGroup[] {
  const numbers = new Float64Array(words);
  const integers = new BigInt64Array(words);
  const step = GROUP_WORDS + columns.length * COLUMN_WORDS;
  return Array.from({ length: count }, (_, i): RowGroup => {
    const at = i * step;
    return {
      rowIdBase: numbers[at]!,
      rowCount: numbers[at + 1]!,
      insertEpochs: numbers[at + 2]!,
      deleteEpochs: numbers[at + 3]!,
      columns: columns.map((column, j) => ({
        ...column,
        ...unpackChunk(numbers, integers, at + GROUP_WORDS + j * COLUMN_WORDS),
      })),
    };
  });
}

function unpackChunk(
  numbers: Float64Array,
  integers: BigInt64Array,
  at: number,
): Omit<ColumnChunk, 'type' | 'physical'> {
  const codeBytes = numbers[at + 2] as CodeBytes | 0;
  const encoding = codeBytes === 0 ? null : { codeBytes, dictionary: numbers[at + 3]!, base: integers[at + 4]! };
  const chunk = { data: numbers[at]!, nulls: numbers[at + 1]!, encoding };
  switch (numbers[at + 5]) {
    case NO_RANGE:
      return chunk;
    case NUMBERS:
      return { ...chunk, min: numbers[at + 6]!, max: numbers[at + 7]! };
    default:
      return { ...chunk, min: integers[at + 6]!, max: integers[at + 7]! };
  }
}
