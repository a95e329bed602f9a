// pg_foreign_table: the streams, with their connector as server and their options.

import { sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';
import { allStreams, optionTexts } from './connector-rows.ts';
import { connectorOid } from './derived-oids.ts';

export const PG_FOREIGN_TABLE = systemRelation(['pg_catalog', 'pg_foreign_table', 3118, 'table'], allStreams, [
  ['ftrelid', 'oid!', (s) => s.oid],
  ['ftserver', 'oid!', (s) => connectorOid(s.connector)],
  ['ftoptions', 'text[]', (s) => sqlArray(optionTexts(s))],
]);
