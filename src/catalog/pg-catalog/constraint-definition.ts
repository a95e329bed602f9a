// A constraint as text, as pg_get_constraintdef shows it.
import type { CatalogSnapshot, Constraint, ReferentialAction, Relation } from '../objects.ts';
import { quoteName } from './index-definition.ts';

const ACTIONS: Readonly<Record<ReferentialAction, string>> = {
  no_action: '',
  restrict: 'RESTRICT',
  cascade: 'CASCADE',
  set_null: 'SET NULL',
  set_default: 'SET DEFAULT',
};

/** `relationText`: a relation's name as regclass prints it. */
export function constraintDefinition(
  catalog: CatalogSnapshot,
  relation: Relation,
  constraint: Constraint,
  relationText: (oid: number) => string,
  pretty: boolean,
): string {
  const names = (of: Relation | undefined, attributes: readonly number[]) =>
    attributes.map((key) => quoteName(of?.columns.find((one) => one.attribute === key)?.name ?? '?')).join(', ');
  const columns = names(relation, constraint.columns);
  switch (constraint.kind) {
    case 'primary-key':
      return `PRIMARY KEY (${columns})`;
    case 'unique':
      return `UNIQUE ${constraint.nullsNotDistinct === true ? 'NULLS NOT DISTINCT ' : ''}(${columns})`;
    case 'check':
      return pretty ? `CHECK (${constraint.checkSql})` : `CHECK ((${constraint.checkSql}))`;
    case 'foreign-key': {
      const foreign = constraint.foreign!;
      const target = names(catalog.relations.get(foreign.table), foreign.columns);
      const set = foreign.onDeleteColumns.length === 0 ? '' : ` (${names(relation, foreign.onDeleteColumns)})`;
      const match = foreign.match === 'full' ? ' MATCH FULL' : '';
      const onUpdate = foreign.onUpdate === 'no_action' ? '' : ` ON UPDATE ${ACTIONS[foreign.onUpdate]}`;
      const onDelete = foreign.onDelete === 'no_action' ? '' : ` ON DELETE ${ACTIONS[foreign.onDelete]}${set}`;
      return `FOREIGN KEY (${columns}) REFERENCES ${relationText(foreign.table)}(${target})${match}${onUpdate}${onDelete}`;
    }
  }
}
