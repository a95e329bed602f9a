// information_schema.table_constraints: keys and checks; NOT NULL counts as a check, as in PostgreSQL.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { yesNo } from './column-facts.ts';
import { allTableConstraints } from './table-constraint-rows.ts';

export const INFORMATION_TABLE_CONSTRAINTS = systemRelation(
  ['information_schema', 'table_constraints', 13411, 'view'],
  allTableConstraints,
  [
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['table_name', 'name', (k) => k.relation.name],
    ['constraint_type', 'varchar', (k) => k.type],
    ['is_deferrable', 'varchar', 'NO'],
    ['initially_deferred', 'varchar', 'NO'],
    ['enforced', 'varchar', 'YES'],
    ['nulls_distinct', 'varchar', (k) => (k.type === 'UNIQUE' ? yesNo(!k.nullsNotDistinct) : null)],
  ],
);
