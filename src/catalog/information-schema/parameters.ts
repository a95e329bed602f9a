// information_schema.parameters: the parameters of functions.
import { systemRelation } from '../define-system-relation.ts';
import { type FunctionRow, functionRows } from '../pg-catalog/function-rows.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';
import { typeNameOf, typeTextOf } from './type-names.ts';
import { UNDESCRIBED_TYPE } from './undescribed-type.ts';

interface Parameter {
  readonly of: FunctionRow;
  /** from 1 */
  readonly position: number;
  /** oid */
  readonly type: number;
}

function* parameters(context: SystemContext): Generator<Parameter> {
  for (const of of functionRows(context)) {
    for (const [i, type] of of.parameters.entries()) yield { of, position: i + 1, type };
  }
}

export const INFORMATION_PARAMETERS = systemRelation(['information_schema', 'parameters', 13334, 'view'], parameters, [
  ['specific_catalog', 'name', (_, c) => c.session.database],
  ['specific_schema', 'name', (p, c) => schemaName(c, p.of.schemaOid)],
  ['specific_name', 'name', (p) => `${p.of.name}_${p.of.oid}`],
  ['ordinal_position', 'int4', (p) => p.position],
  ['parameter_mode', 'varchar', 'IN'],
  ['is_result', 'varchar', 'NO'],
  ['as_locator', 'varchar', 'NO'],
  ['parameter_name', 'name', (p) => p.of.parameterNames[p.position - 1] ?? null],
  ['data_type', 'varchar', (p) => typeTextOf(p.type)],
  ...UNDESCRIBED_TYPE,
  ['udt_catalog', 'name', (_, c) => c.session.database],
  ['udt_schema', 'name', 'pg_catalog'],
  ['udt_name', 'name', (p) => typeNameOf(p.type)],
  ['scope_catalog', 'name'],
  ['scope_schema', 'name'],
  ['scope_name', 'name'],
  ['maximum_cardinality', 'int4'],
  ['dtd_identifier', 'name', (p) => String(p.position)],
  ['parameter_default', 'varchar'],
]);
