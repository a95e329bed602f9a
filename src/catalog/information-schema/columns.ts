// information_schema.columns: the columns of tables, streams and views.
import { systemRelation } from '../define-system-relation.ts';
import type { Column, Sequence } from '../objects.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';
import {
  characterLength,
  collationName,
  dataType,
  datetimePrecision,
  isSettable,
  numericPrecision,
  numericRadix,
  numericScale,
  octetLength,
  type TableColumn,
  tableColumns,
  udtName,
  yesNo,
} from './column-facts.ts';

function isIdentity(column: Column): boolean {
  return column.generated === 'identity-always' || column.generated === 'identity-default';
}

function identitySequence({ relation, column }: TableColumn, context: SystemContext): Sequence | undefined {
  if (!isIdentity(column)) return undefined;
  for (const one of context.catalog.relations.values()) {
    const owned = one.kind === 'sequence' ? one.ownedBy : null;
    if (owned?.table === relation.oid && owned.attribute === column.attribute) return one as Sequence;
  }
  return undefined;
}

function identityText(
  item: TableColumn,
  context: SystemContext,
  part: 'start' | 'increment' | 'maximum' | 'minimum',
): string | null {
  return identitySequence(item, context)?.[part].toString() ?? null;
}

export const INFORMATION_COLUMNS = systemRelation(['information_schema', 'columns', 13295, 'view'], tableColumns, [
  ['table_catalog', 'name', (_, c) => c.session.database],
  ['table_schema', 'name', ({ relation }, c) => schemaName(c, relation.schemaOid)],
  ['table_name', 'name', ({ relation }) => relation.name],
  ['column_name', 'name', ({ column }) => column.name],
  ['ordinal_position', 'int4', ({ column }) => column.attribute],
  [
    'column_default',
    'varchar',
    ({ column }, c) =>
      column.generated === null && column.defaultSql !== null ? c.session.expressionText(column.defaultSql) : null,
  ],
  ['is_nullable', 'varchar', ({ column }) => yesNo(!column.notNull)],
  ['data_type', 'varchar', ({ type }) => dataType(type)],
  ['character_maximum_length', 'int4', ({ type }) => characterLength(type)],
  ['character_octet_length', 'int4', ({ type }) => octetLength(type)],
  ['numeric_precision', 'int4', ({ type }) => numericPrecision(type)],
  ['numeric_precision_radix', 'int4', ({ type }) => numericRadix(type)],
  ['numeric_scale', 'int4', ({ type }) => numericScale(type)],
  ['datetime_precision', 'int4', ({ type }) => datetimePrecision(type)],
  ['interval_type', 'varchar'],
  ['interval_precision', 'int4'],
  ['character_set_catalog', 'name'],
  ['character_set_schema', 'name'],
  ['character_set_name', 'name'],
  ['collation_catalog', 'name', ({ type }, c) => (collationName(type) === null ? null : c.session.database)],
  ['collation_schema', 'name', ({ type }) => (collationName(type) === null ? null : 'pg_catalog')],
  ['collation_name', 'name', ({ type }) => collationName(type)],
  ['domain_catalog', 'name'],
  ['domain_schema', 'name'],
  ['domain_name', 'name'],
  ['udt_catalog', 'name', (_, c) => c.session.database],
  ['udt_schema', 'name', 'pg_catalog'],
  ['udt_name', 'name', ({ type }) => udtName(type)],
  ['scope_catalog', 'name'],
  ['scope_schema', 'name'],
  ['scope_name', 'name'],
  ['maximum_cardinality', 'int4'],
  ['dtd_identifier', 'name', ({ column }) => String(column.attribute)],
  ['is_self_referencing', 'varchar', 'NO'],
  ['is_identity', 'varchar', ({ column }) => yesNo(isIdentity(column))],
  [
    'identity_generation',
    'varchar',
    ({ column }) => (isIdentity(column) ? (column.generated === 'identity-always' ? 'ALWAYS' : 'BY DEFAULT') : null),
  ],
  ['identity_start', 'varchar', (item, c) => identityText(item, c, 'start')],
  ['identity_increment', 'varchar', (item, c) => identityText(item, c, 'increment')],
  ['identity_maximum', 'varchar', (item, c) => identityText(item, c, 'maximum')],
  ['identity_minimum', 'varchar', (item, c) => identityText(item, c, 'minimum')],
  ['identity_cycle', 'varchar', (item, c) => yesNo(identitySequence(item, c)?.cycle === true)],
  ['is_generated', 'varchar', ({ column }) => (column.generated === 'stored' ? 'ALWAYS' : 'NEVER')],
  ['generation_expression', 'varchar', ({ column }) => (column.generated === 'stored' ? column.defaultSql : null)],
  ['is_updatable', 'varchar', ({ relation, column }) => yesNo(isSettable(relation, column))],
]);
