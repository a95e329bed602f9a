// Constraints as information_schema sees them: keys, checks, and each NOT NULL as a check with a name made from numbers.
import type { Column, ForeignReference, Relation } from '../objects.ts';
import { allConstraints } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';

export interface TableConstraint {
  readonly relation: Relation;
  readonly name: string;
  readonly type: 'PRIMARY KEY' | 'UNIQUE' | 'CHECK' | 'FOREIGN KEY';
  /** the condition of a check */
  readonly check: string | null;
  readonly nullsNotDistinct: boolean;
  readonly foreign: ForeignReference | null;
}

export interface ConstraintColumn extends TableConstraint {
  readonly column: Column;
  /** from 1 */
  readonly position: number;
  /** of a foreign key: the place of the column it refers to in the key there */
  readonly targetPosition: number | null;
}

const TYPES = { 'primary-key': 'PRIMARY KEY', unique: 'UNIQUE', check: 'CHECK', 'foreign-key': 'FOREIGN KEY' } as const;

function* declared(context: SystemContext): Generator<{ one: TableConstraint; columns: readonly number[] }> {
  for (const { relation, constraint } of allConstraints(context)) {
    const { name, kind, nullsNotDistinct, foreign = null } = constraint;
    const check = constraint.checkSql === null ? null : `(${constraint.checkSql})`;
    const one = { relation, name, type: TYPES[kind], check, nullsNotDistinct: nullsNotDistinct === true, foreign };
    yield { one, columns: constraint.columns };
  }
}

export function* allTableConstraints(context: SystemContext): Generator<TableConstraint> {
  for (const { one } of declared(context)) yield one;
  for (const relation of context.catalog.relations.values()) {
    if (relation.kind !== 'table' && relation.kind !== 'stream') continue;
    for (const { attribute, name: column, notNull } of relation.columns) {
      if (!notNull) continue;
      const name = `${relation.schemaOid}_${relation.oid}_${attribute}_not_null`;
      const check = `${column} IS NOT NULL`;
      yield { relation, name, type: 'CHECK', check, nullsNotDistinct: false, foreign: null };
    }
  }
}

function* constraintColumns(context: SystemContext): Generator<ConstraintColumn> {
  for (const { one, columns } of declared(context)) {
    for (const [i, attribute] of columns.entries()) {
      const column = one.relation.columns.find((each) => each.attribute === attribute);
      const targetPosition = positionOfTarget(one.foreign, i, context);
      if (column !== undefined) yield { ...one, column, position: i + 1, targetPosition };
    }
  }
}

function positionOfTarget(foreign: ForeignReference | null, index: number, { catalog }: SystemContext): number | null {
  const key = foreign && catalog.relations.get(foreign.indexOid);
  if (key?.kind !== 'index') return null;
  const place = key.keyAttributes.indexOf(foreign!.columns[index]!);
  return place < 0 ? null : place + 1;
}

/** What constraints are about: of a foreign key the columns it refers to. */
export function* usedColumns(context: SystemContext): Generator<TableConstraint & { readonly column: Column }> {
  for (const { one, columns } of declared(context)) {
    const { foreign } = one;
    const relation = foreign === null ? one.relation : context.catalog.relations.get(foreign.table);
    for (const attribute of foreign === null ? columns : foreign.columns) {
      const column = relation?.columns.find((each) => each.attribute === attribute);
      if (relation !== undefined && column !== undefined) yield { ...one, relation, column };
    }
  }
}

export function keyColumns(context: SystemContext): ConstraintColumn[] {
  return [...constraintColumns(context)].filter((one) => one.type !== 'CHECK');
}
