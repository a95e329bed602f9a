// Foreign keys while data changes, checked at the end of each statement. New rows: the row each refers to is found by its key and
// locked FOR KEY SHARE. Removed or changed keys: rows that refer to them are refused, deleted or updated, as the constraint says,
// by statements of their own over the set of keys, which in turn check theirs.

import type { CatalogSnapshot, Column, Constraint, ForeignReference, Relation } from '../../catalog/objects.ts';
import { quoteName } from '../../catalog/pg-catalog/index-definition.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, sqlArray } from '../../types/datum.ts';
import { arrayOf } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { ParameterValue } from '../portals.ts';
import { lockRelations } from '../relation-locks.ts';
import type { SessionState } from '../session-state.ts';
import { internalRows, relationSql } from './internal-query.ts';
import { referencedRow } from './referenced-row.ts';
import { valuesText } from './validate-rows.ts';

type Row = readonly (Datum | null)[];
/** Runs a data change of our own, its foreign keys included. */
type Change = (sql: string, parameters: readonly ParameterValue[]) => Promise<void>;

interface Link {
  readonly constraint: Constraint & { readonly foreign: ForeignReference };
  readonly child: Relation;
}

/** Keys that new rows refer to. */
interface Outgoing {
  readonly link: Link;
  readonly keys: Map<string, Row>;
}

/** Keys that are gone, and what they are now where rows were updated. */
interface GoneKeys {
  readonly link: Link;
  readonly deleted: Map<string, Row>;
  readonly updated: Map<string, { readonly before: Row; readonly after: Row }>;
}

export class ForeignKeys {
  private readonly state: SessionState;
  private readonly relation: Relation;
  private readonly change: Change;
  private readonly outgoing: readonly Outgoing[];
  private readonly incoming: readonly GoneKeys[];

  private constructor(state: SessionState, relation: Relation, links: Links, change: Change) {
    this.state = state;
    this.relation = relation;
    this.change = change;
    this.outgoing = links.outgoing.map((link) => ({ link, keys: new Map() }));
    this.incoming = links.incoming.map((link) => ({ link, deleted: new Map(), updated: new Map() }));
  }

  /** null: the relation has none and none refers to it. `change` may be missing where rows are only added. */
  static of(state: SessionState, relation: Relation, change: Change = noChange): ForeignKeys | null {
    const links = linksOf(state.catalog(), relation.oid);
    return links === undefined ? null : new ForeignKeys(state, relation, links, change);
  }

  /** New rows, with all columns in the relation's order. */
  added(rows: Iterable<Row>): void {
    for (const row of rows) for (const outgoing of this.outgoing) this.refer(outgoing, row);
  }

  private refer({ link, keys }: Outgoing, row: Row): void {
    const key = this.values(row, link.constraint.columns);
    if (this.refersTo(link, key)) keys.set(textOf(key), key);
  }

  removed(rows: Iterable<Row>): void {
    for (const row of rows) {
      for (const { link, deleted } of this.incoming) {
        const key = this.values(row, link.constraint.foreign.columns);
        if (!key.includes(null)) deleted.set(textOf(key), key);
      }
    }
  }

  /** What a row refers to is looked for where it changed only: an UPDATE of another column locks no referenced row. */
  replaced(before: readonly Row[], after: readonly Row[]): void {
    for (const [i, row] of before.entries()) {
      for (const outgoing of this.outgoing) {
        const { columns } = outgoing.link.constraint;
        const changed = textOf(this.values(row, columns)) !== textOf(this.values(after[i]!, columns));
        if (changed) this.refer(outgoing, after[i]!);
      }
      for (const { link, updated } of this.incoming) {
        const { columns } = link.constraint.foreign;
        const [old, next] = [this.values(row, columns), this.values(after[i]!, columns)];
        if (!old.includes(null) && textOf(old) !== textOf(next)) updated.set(textOf(old), { before: old, after: next });
      }
    }
  }

  /** Throws 23503; deletes and updates what the constraints' actions say. */
  async verify(): Promise<void> {
    for (const gone of this.incoming) {
      const { onDelete, onUpdate } = gone.link.constraint.foreign;
      await this.follow(gone.link, onDelete, [...gone.deleted.values()], null);
      const updated = [...gone.updated.values()];
      await this.follow(gone.link, onUpdate, updated.map((one) => one.before), updated.map((one) => one.after)); // biome-ignore format: one line
    }
    for (const { link, keys } of this.outgoing) {
      for (const key of keys.values()) if (!(await referencedRow(this.state, link, key))) throw this.missing(link, key);
    }
  }

  private values(row: Row, attributes: readonly number[]): Row {
    return attributes.map((key) => row[this.relation.columns.findIndex((column) => column.attribute === key)] ?? null);
  }

  /** A key with a NULL refers to nothing; MATCH FULL wants all or none. */
  private refersTo({ constraint }: Link, key: Row): boolean {
    const nulls = key.filter((value) => value === null).length;
    if (nulls === 0) return true;
    if (constraint.foreign.match === 'full' && nulls < key.length) {
      throw sqlError('foreign_key_violation', this.insertText(constraint), {
        detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
        relation: this.relation.oid,
        constraint: constraint.name,
      });
    }
    return false;
  }

  private insertText({ name }: Constraint): string {
    return `insert or update on table "${this.relation.name}" violates foreign key constraint "${name}"`;
  }

  private missing({ constraint }: Link, key: Row): Error {
    const columns = columnsOf(this.relation, constraint.columns);
    const target = this.state.catalog().relations.get(constraint.foreign.table)!.name;
    return sqlError('foreign_key_violation', this.insertText(constraint), {
      detail: `Key (${namesOf(columns)})=(${valuesText(this.state, columns, key)}) is not present in table "${target}".`,
      relation: this.relation.oid,
      constraint: constraint.name,
    });
  }

  private async follow(
    link: Link,
    action: ForeignReference['onDelete'],
    keys: readonly Row[],
    next: readonly Row[] | null,
  ): Promise<void> {
    if (keys.length === 0) return;
    const { constraint, child } = link;
    await lockRelations(this.state, [child.oid], action === 'no_action' || action === 'restrict' ? 'row share' : 'row exclusive'); // biome-ignore format: one line
    const text = new ReferringRows(this.state, this.relation, link, keys);
    if (action === 'no_action' || action === 'restrict') return this.refuse(link, text, action === 'no_action');
    const set = (value: (i: number) => string, attributes: readonly number[]) =>
      columnsOf(child, attributes)
        .map((column, i) => `${quoteName(column.name)} = ${value(i)}`)
        .join(', ');
    if (action === 'cascade') {
      if (next === null)
        return this.change(`DELETE FROM ${text.child} USING ${text.keys} WHERE ${text.equal}`, text.parameters);
      const both = new ReferringRows(this.state, this.relation, link, keys, next);
      const assignments = set((i) => `k.n${i}`, constraint.columns);
      return this.change(
        `UPDATE ${both.child} SET ${assignments} FROM ${both.keys} WHERE ${both.equal}`,
        both.parameters,
      );
    }
    const some = next === null ? constraint.foreign.onDeleteColumns : [];
    const value = action === 'set_null' ? 'NULL' : 'DEFAULT';
    const assignments = set(() => value, some.length > 0 ? some : constraint.columns);
    return this.change(
      `UPDATE ${text.child} SET ${assignments} FROM ${text.keys} WHERE ${text.equal}`,
      text.parameters,
    );
  }

  /** 23503 for the first key that is still referred to; NO ACTION is content when another row has the key by now. */
  private async isKept(child: Relation, rowId: number): Promise<boolean> {
    return (await this.state.transactions.transaction.lockRow(child.oid, rowId, 'key_share')) === 'locked';
  }

  private async refuse({ constraint, child }: Link, text: ReferringRows, mayBeBack: boolean): Promise<void> {
    const back = mayBeBack
      ? ` AND NOT EXISTS (SELECT 1 FROM ${relationSql(this.state, this.relation)} p WHERE ${text.same})`
      : '';
    const sql = `SELECT ${text.values}, c._row_id FROM ${text.child}, ${text.keys} WHERE ${text.equal}${back} LIMIT 1`;
    const referring = async () => (await internalRows(this.state, sql, text.parameters, true))[0];
    let row = await referring();
    // another transaction may be about to delete it
    while (row !== undefined && !(await this.isKept(child, Number(row.at(-1))))) row = await referring();
    if (row === undefined) return;
    const columns = columnsOf(this.relation, constraint.foreign.columns);
    throw sqlError(
      'foreign_key_violation',
      `update or delete on table "${this.relation.name}" violates foreign key constraint "${constraint.name}" on table "${child.name}"`,
      {
        detail: `Key (${namesOf(columns)})=(${valuesText(this.state, columns, row)}) is still referenced from table "${child.name}".`,
        relation: child.oid,
        constraint: constraint.name,
      },
    );
  }
}

/** Pieces of SQL that join the referring table `c` with given keys `k`: o0, o1, ... and, for updates, n0, n1, ... */
class ReferringRows {
  readonly child: string;
  readonly keys: string;
  readonly equal: string;
  readonly same: string;
  readonly values: string;
  readonly parameters: readonly ParameterValue[];

  constructor(
    state: SessionState,
    parent: Relation,
    { constraint, child }: Link,
    keys: readonly Row[],
    next?: readonly Row[],
  ) {
    const referenced = columnsOf(parent, constraint.foreign.columns);
    const referring = columnsOf(child, constraint.columns);
    const lists = next === undefined ? [keys] : [keys, next];
    const columns = lists.flatMap((rows, list) =>
      referenced.map((column, i) => ({
        name: `${'on'[list]}${i}`,
        type: { name: column.type.name },
        values: rows.map((row) => row[i]!),
      })),
    );
    const arrays = columns.map(({ type }, i) => `$${i + 1}::${formatTypeName(type)}[]`);
    this.child = `${relationSql(state, child)} c`;
    this.keys = `unnest(${arrays.join(', ')}) k(${columns.map(({ name }) => name).join(', ')})`;
    this.equal = referring.map((column, i) => `c.${quoteName(column.name)} = k.o${i}`).join(' AND ');
    this.same = referenced.map((column, i) => `p.${quoteName(column.name)} = k.o${i}`).join(' AND ');
    this.values = referenced.map((_, i) => `k.o${i}`).join(', ');
    this.parameters = columns.map(({ type, values }) => ({ type: arrayOf(type), value: sqlArray(values) }));
  }
}

function noChange(): never {
  throw new Error('rows that are only added have no keys to follow');
}

interface Links {
  readonly outgoing: Link[];
  readonly incoming: Link[];
}

const linksByCatalog = new WeakMap<CatalogSnapshot, ReadonlyMap<number, Links>>();

function linksOf(catalog: CatalogSnapshot, table: number): Links | undefined {
  let links = linksByCatalog.get(catalog);
  if (links === undefined) {
    links = allLinks(catalog);
    linksByCatalog.set(catalog, links);
  }
  return links.get(table);
}

function allLinks(catalog: CatalogSnapshot): Map<number, Links> {
  const links = new Map<number, Links>();
  const at = (table: number) => {
    const known = links.get(table) ?? { outgoing: [], incoming: [] };
    links.set(table, known);
    return known;
  };
  for (const child of catalog.relations.values()) {
    if (child.kind !== 'table') continue;
    for (const constraint of child.constraints) {
      if (constraint.foreign === undefined) continue;
      const link: Link = { constraint: { ...constraint, foreign: constraint.foreign }, child };
      at(child.oid).outgoing.push(link);
      at(constraint.foreign.table).incoming.push(link);
    }
  }
  return links;
}

function columnsOf(relation: Relation, attributes: readonly number[]): Column[] {
  return attributes.map((key) => relation.columns.find((column) => column.attribute === key)!);
}

function namesOf(columns: readonly Column[]): string {
  return columns.map((column) => column.name).join(', ');
}

/** Equal keys have equal texts. */
function textOf(key: Row): string {
  return JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
