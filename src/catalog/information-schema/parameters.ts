// information_schema.parameters: the parameters of functions.
import { systemRelation } from '../define-system-relation.ts';
import { type FunctionRow, functionRows } from '../pg-catalog/function-rows.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';
import { typeNameOf, typeTextOf } from './type-names.ts';

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
  ['character_maximum_length', 'int4'],
  ['character_octet_length', 'int4'],
  ['character_set_catalog', 'name'],
  ['character_set_schema', 'name'],
  ['character_set_name', 'name'],
  ['collation_catalog', 'name'],
  ['collation_schema', 'name'],
  ['collation_name', 'name'],
  ['numeric_precision', 'int4'],
  ['numeric_precision_radix', 'int4'],
  ['numeric_scale', 'int4'],
  ['datetime_precision', 'int4'],
  ['interval_type', 'varchar'],
  ['interval_precision', 'int4'],
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
