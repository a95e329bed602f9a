// pg_am: access methods. Tables are heaps and indexes b-trees to those who ask; what they really are is the storage's.
import { systemRelation } from '../define-system-relation.ts';

const ACCESS_METHODS: readonly (readonly [oid: number, name: string, handler: number, type: string])[] = [
  [2, 'heap', 3, 't'],
  [403, 'btree', 330, 'i'],
];

export const PG_AM = systemRelation(['pg_catalog', 'pg_am', 2601, 'table'], () => ACCESS_METHODS, [
  ['oid', 'oid!', ([oid]) => oid],
  ['amname', 'name!', ([, name]) => name],
  ['amhandler', 'regproc!', ([, , handler]) => handler],
  ['amtype', 'char!', ([, , , type]) => type],
]);
