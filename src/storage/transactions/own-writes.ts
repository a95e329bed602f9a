// What a transaction has done to its tables, made the rows of a write set: in pieces, since there may be millions.
import { after, guarded, type Maybe, stepwise } from '../../base/maybe.ts';
import { eachInPieces, Pieces } from '../../base/pieces.ts';
import type { RowBuffer } from '../tables/row-buffer.ts';
import { RowNumbers } from '../tables/row-numbers.ts';
import { type OwnTable, PROVISIONAL } from './own-table.ts';

export interface TableWrites {
  readonly buffers: { relation: number; buffer: RowBuffer }[];
  readonly deletes: { relation: number; rowIds: number[] }[];
  readonly truncates: number[];
  /** per relation, of rows that others may wait for: their newer version's position among the new rows */
  readonly successors: Map<number, RowNumbers>;
}

/**
 * The tables' buffers are the write set's from then on, or gone where `check` throws. `isAlone`: no other transaction runs, so nobody waits
 * for a row.
 */
export function gatherWrites(
  tables: readonly OwnTable[],
  check: () => void,
  isAlone: () => boolean,
): Maybe<TableWrites> {
  const pieces = new Pieces(check);
  const rows: TableWrites = { buffers: [], deletes: [], truncates: [], successors: new Map() };
  let at = 0;
  const gather = () =>
    stepwise(() => {
      const table = tables[at++];
      return table === undefined ? false : after(gatherTable(table, rows, pieces, isAlone), () => true);
    });
  const gathered = guarded(
    gather,
    (error) => {
      for (const { buffer } of rows.buffers) buffer.retire();
      throw error;
    },
    () => {},
  );
  return after(gathered, () => rows);
}

function gatherTable(table: OwnTable, rows: TableWrites, pieces: Pieces, isAlone: () => boolean): Maybe<void> {
  const { relation } = table;
  const alive = table.survivors();
  for (const buffer of alive.buffers) rows.buffers.push({ relation, buffer });
  if (table.truncatedAt >= 0) rows.truncates.push(relation);
  const deleted = table.truncatedAt >= 0 ? [] : committedDeletes(table, pieces);
  return after(deleted, (rowIds) => {
    if (rowIds.length > 0) rows.deletes.push({ relation, rowIds });
    if (table.successors.size === 0 || isAlone()) return;
    return after(successorPositions(table, alive.positionOf, pieces), (positions) => {
      rows.successors.set(relation, positions);
    });
  });
}

/** The rows that others may wait for, and where their newer versions are among the new rows. */
function successorPositions(table: OwnTable, positionOf: (rowId: number) => number, pieces: Pieces): Maybe<RowNumbers> {
  const positions = new RowNumbers();
  const entered = eachInPieces(table.successors, pieces, ([old, own]) => {
    const at = positionOf(own);
    if (at >= 0) positions.set(old, at);
  });
  return after(entered, () => positions);
}

function committedDeletes(table: OwnTable, pieces: Pieces): Maybe<number[]> {
  const rowIds: number[] = [];
  const entered = eachInPieces(table.deletes, pieces, ([rowId]) => {
    if (rowId < PROVISIONAL) rowIds.push(rowId);
  });
  return after(entered, () => rowIds);
}
