// information_schema.foreign_tables: the streams, with their connector as server.
import { systemRelation } from '../define-system-relation.ts';
import { allStreams } from '../pg-catalog/connector-rows.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';

export const INFORMATION_FOREIGN_TABLES = systemRelation(
  ['information_schema', 'foreign_tables', 13541, 'view'],
  allStreams,
  [
    ['foreign_table_catalog', 'name', (_, c) => c.session.database],
    ['foreign_table_schema', 'name', (s, c) => schemaName(c, s.schemaOid)],
    ['foreign_table_name', 'name', (s) => s.name],
    ['foreign_server_catalog', 'name', (_, c) => c.session.database],
    ['foreign_server_name', 'name', (s) => s.connector],
  ],
);
