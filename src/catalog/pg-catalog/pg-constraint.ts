// pg_constraint: primary keys, unique and check constraints of tables and streams.

import { sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';
import { allConstraints } from './relation-facts.ts';

const CONSTRAINT_LETTERS = { 'primary-key': 'p', unique: 'u', check: 'c', 'foreign-key': 'f' } as const;

export const PG_CONSTRAINT = systemRelation(['pg_catalog', 'pg_constraint', 2606, 'table'], allConstraints, [
  ['oid', 'oid!', ({ constraint }) => constraint.oid],
  ['conname', 'name!', ({ constraint }) => constraint.name],
  ['connamespace', 'oid!', ({ relation }) => relation.schemaOid],
  ['contype', 'char!', ({ constraint }) => CONSTRAINT_LETTERS[constraint.kind]],
  ['condeferrable', 'bool!'],
  ['condeferred', 'bool!'],
  ['convalidated', 'bool!', true],
  ['conrelid', 'oid!', ({ relation }) => relation.oid],
  ['contypid', 'oid!'],
  ['conindid', 'oid!', ({ constraint }) => constraint.indexOid ?? 0],
  ['conparentid', 'oid!'],
  ['confrelid', 'oid!'],
  ['confupdtype', 'char!', ' '],
  ['confdeltype', 'char!', ' '],
  ['confmatchtype', 'char!', ' '],
  ['conislocal', 'bool!', true],
  ['coninhcount', 'int4!'],
  ['connoinherit', 'bool!', ({ constraint }) => constraint.kind !== 'check'],
  ['conkey', 'int2[]', ({ constraint }) => (constraint.columns.length === 0 ? null : sqlArray(constraint.columns))],
  ['confkey', 'int2[]'],
  ['conpfeqop', 'oid[]'],
  ['conppeqop', 'oid[]'],
  ['conffeqop', 'oid[]'],
  ['confdelsetcols', 'int2[]'],
  ['conexclop', 'oid[]'],
  ['conbin', 'pg_node_tree', ({ constraint }) => constraint.checkSql],
]);
