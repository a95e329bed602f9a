// pg_prepared_statements: the session's named prepared statements.

import { sqlArray } from '../../types/datum.ts';
import { typeOid } from '../../types/type-table.ts';
import { systemRelation, timestampOf } from '../define-system-relation.ts';

export const PG_PREPARED_STATEMENTS = systemRelation(
  ['pg_catalog', 'pg_prepared_statements', 12095, 'view'],
  (context) => context.session.prepared,
  [
    ['name', 'text', (p) => p.name],
    ['statement', 'text', (p) => p.text],
    ['prepare_time', 'timestamptz', (p) => timestampOf(p.preparedAtMs)],
    ['parameter_types', 'regtype[]', (p) => sqlArray(p.parameterTypes.map(typeOid))],
    ['from_sql', 'bool', (p) => p.fromSql],
    ['generic_plans', 'int8'],
    ['custom_plans', 'int8'],
  ],
);
