// information_schema.check_constraints: the conditions of checks; NOT NULL counts as one.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { allTableConstraints } from './table-constraint-rows.ts';

export const INFORMATION_CHECK_CONSTRAINTS = systemRelation(
  ['information_schema', 'check_constraints', 13260, 'view'],
  (context) => [...allTableConstraints(context)].filter((one) => one.check !== null),
  [
    ['constraint_catalog', 'name', (_, c) => c.session.database],
    ['constraint_schema', 'name', (k, c) => schemaName(c, k.relation.schemaOid)],
    ['constraint_name', 'name', (k) => k.name],
    ['check_clause', 'varchar', (k) => k.check],
  ],
);
