// pg_attrdef: column defaults and the expressions of generated columns, as text. Identity columns have none.
import { systemRelation } from '../define-system-relation.ts';
import type { Column, Relation } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';
import { defaultOid } from './derived-oids.ts';
import { allRelations } from './relation-facts.ts';

/** Does pg_attrdef have a row for it? */
export function hasDefault(column: Column): boolean {
  return column.defaultSql !== null && (column.generated === null || column.generated === 'stored');
}

function* defaults(context: SystemContext): Generator<{ readonly relation: Relation; readonly column: Column }> {
  for (const relation of allRelations(context)) {
    for (const column of relation.columns) if (hasDefault(column)) yield { relation, column };
  }
}

export const PG_ATTRDEF = systemRelation(['pg_catalog', 'pg_attrdef', 2604, 'table'], defaults, [
  ['oid', 'oid!', ({ relation, column }) => defaultOid(relation.oid, column.attribute)],
  ['adrelid', 'oid!', ({ relation }) => relation.oid],
  ['adnum', 'int2!', ({ column }) => column.attribute],
  ['adbin', 'pg_node_tree!', ({ column }) => column.defaultSql],
]);
