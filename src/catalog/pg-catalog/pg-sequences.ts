// pg_sequences: sequences by name. Their last values are the storage's and not told here.
import { typeOid } from '../../types/type-table.ts';
import { systemRelation } from '../define-system-relation.ts';
import { roleName, schemaName, sequences } from './relation-facts.ts';

export const PG_SEQUENCES = systemRelation(['pg_catalog', 'pg_sequences', 12048, 'view'], sequences, [
  ['schemaname', 'name', (s, c) => schemaName(c, s.schemaOid)],
  ['sequencename', 'name', (s) => s.name],
  ['sequenceowner', 'name', (s, c) => roleName(c, s.owner)],
  ['data_type', 'regtype', (s) => typeOid({ name: s.dataType ?? 'int8' })],
  ['start_value', 'int8', (s) => s.start],
  ['min_value', 'int8', (s) => s.minimum],
  ['max_value', 'int8', (s) => s.maximum],
  ['increment_by', 'int8', (s) => s.increment],
  ['cycle', 'bool', (s) => s.cycle],
  ['cache_size', 'int8', 1n],
  ['last_value', 'int8'],
]);
