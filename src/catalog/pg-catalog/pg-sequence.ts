// pg_sequence: the definitions of sequences.
import { typeOid } from '../../types/type-table.ts';
import { systemRelation } from '../define-system-relation.ts';
import { sequences } from './relation-facts.ts';

export const PG_SEQUENCE = systemRelation(['pg_catalog', 'pg_sequence', 2224, 'table'], sequences, [
  ['seqrelid', 'oid!', (s) => s.oid],
  ['seqtypid', 'oid!', (s) => typeOid({ name: s.dataType ?? 'int8' })],
  ['seqstart', 'int8!', (s) => s.start],
  ['seqincrement', 'int8!', (s) => s.increment],
  ['seqmax', 'int8!', (s) => s.maximum],
  ['seqmin', 'int8!', (s) => s.minimum],
  ['seqcache', 'int8!', 1n],
  ['seqcycle', 'bool!', (s) => s.cycle],
]);
