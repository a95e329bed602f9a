// information_schema.element_types: what the elements of array columns are.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { dataType, tableColumns, udtName } from './column-facts.ts';
import { UNDESCRIBED_TYPE } from './undescribed-type.ts';

export const INFORMATION_ELEMENT_TYPES = systemRelation(
  ['information_schema', 'element_types', 13493, 'view'],
  (context) => [...tableColumns(context)].filter(({ type }) => type.name === 'array'),
  [
    ['object_catalog', 'name', (_, c) => c.session.database],
    ['object_schema', 'name', ({ relation }, c) => schemaName(c, relation.schemaOid)],
    ['object_name', 'name', ({ relation }) => relation.name],
    [
      'object_type',
      'varchar',
      ({ relation }) =>
        relation.kind === 'table' || relation.kind === 'system-table' || relation.kind === 'stream' ? 'TABLE' : 'VIEW',
    ],
    ['collection_type_identifier', 'name', ({ column }) => String(column.attribute)],
    ['data_type', 'varchar', ({ type }) => dataType(type.element!)],
    ...UNDESCRIBED_TYPE,
    ['domain_default', 'varchar'],
    ['udt_catalog', 'name', (_, c) => c.session.database],
    ['udt_schema', 'name', 'pg_catalog'],
    ['udt_name', 'name', ({ type }) => udtName(type.element!)],
    ['scope_catalog', 'name'],
    ['scope_schema', 'name'],
    ['scope_name', 'name'],
    ['maximum_cardinality', 'int4'],
    ['dtd_identifier', 'name', ({ column }) => `a${column.attribute}`],
  ],
);
