// pg_indexes: indexes by name, with their definitions.
import { systemRelation } from '../define-system-relation.ts';
import { indexDefinition } from './index-definition.ts';
import { allIndexes, schemaName } from './relation-facts.ts';

export const PG_INDEXES = systemRelation(['pg_catalog', 'pg_indexes', 12043, 'view'], allIndexes, [
  ['schemaname', 'name', (i, c) => schemaName(c, i.schemaOid)],
  ['tablename', 'name', (i, c) => c.catalog.relations.get(i.table)?.name ?? null],
  ['indexname', 'name', (i) => i.name],
  ['tablespace', 'name'],
  ['indexdef', 'text', (i, c) => indexDefinition(c.catalog, i)],
]);
