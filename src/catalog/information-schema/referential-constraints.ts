// information_schema.referential_constraints: foreign keys, the key each refers to, and what becomes of them.
import { systemRelation } from '../define-system-relation.ts';
import type { ForeignReference, ReferentialAction, Relation } from '../objects.ts';
import { allConstraints, constraintsOf, schemaName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';

interface ForeignKey {
  readonly relation: Relation;
  readonly name: string;
  readonly foreign: ForeignReference;
  readonly target: Relation | undefined;
  /** null: a unique index that is no constraint */
  readonly targetKey: string | null;
}

const RULES: Readonly<Record<ReferentialAction, string>> = {
  no_action: 'NO ACTION',
  restrict: 'RESTRICT',
  cascade: 'CASCADE',
  set_null: 'SET NULL',
  set_default: 'SET DEFAULT',
};

function* foreignKeys(context: SystemContext): Generator<ForeignKey> {
  for (const { relation, constraint } of allConstraints(context)) {
    const { name, foreign } = constraint;
    if (foreign === undefined) continue;
    const target = context.catalog.relations.get(foreign.table);
    const key = target && constraintsOf(target).find((one) => one.indexOid === foreign.indexOid);
    yield { relation, name, foreign, target, targetKey: key?.name ?? null };
  }
}

function targetSchema({ target, targetKey }: ForeignKey, context: SystemContext): string | null {
  return target === undefined || targetKey === null ? null : schemaName(context, target.schemaOid);
}

export const REFERENTIAL_CONSTRAINTS = systemRelation(
  ['information_schema', 'referential_constraints', 13339, 'view'],
  foreignKeys,
  [
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
    ['unique_constraint_catalog', 'name', (k, c) => (k.targetKey === null ? null : c.session.database)],
    ['unique_constraint_schema', 'name', targetSchema],
    ['unique_constraint_name', 'name', (k) => k.targetKey],
    ['match_option', 'varchar', (k) => (k.foreign.match === 'full' ? 'FULL' : 'NONE')],
    ['update_rule', 'varchar', (k) => RULES[k.foreign.onUpdate]],
    ['delete_rule', 'varchar', (k) => RULES[k.foreign.onDelete]],
  ],
);
