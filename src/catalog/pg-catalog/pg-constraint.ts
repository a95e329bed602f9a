// pg_constraint: the keys, foreign keys and checks of tables and streams.

import { sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';
import { allConstraints } from './relation-facts.ts';

const ACTIONS = { no_action: 'a', restrict: 'r', cascade: 'c', set_null: 'n', set_default: 'd' } as const;
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
  ['conindid', 'oid!', ({ constraint }) => constraint.foreign?.indexOid ?? constraint.indexOid ?? 0],
  ['conparentid', 'oid!'],
  ['confrelid', 'oid!', ({ constraint }) => constraint.foreign?.table ?? 0],
  ['confupdtype', 'char!', ({ constraint: { foreign } }) => (foreign === undefined ? ' ' : ACTIONS[foreign.onUpdate])],
  ['confdeltype', 'char!', ({ constraint: { foreign } }) => (foreign === undefined ? ' ' : ACTIONS[foreign.onDelete])],
  ['confmatchtype', 'char!', ({ constraint: { foreign } }) => (foreign === undefined ? ' ' : foreign.match[0]!)],
  ['conislocal', 'bool!', true],
  ['coninhcount', 'int4!'],
  ['connoinherit', 'bool!', ({ constraint }) => constraint.kind !== 'check'],
  ['conkey', 'int2[]', ({ constraint }) => (constraint.columns.length === 0 ? null : sqlArray(constraint.columns))],
  ['confkey', 'int2[]', ({ constraint: { foreign } }) => (foreign === undefined ? null : sqlArray(foreign.columns))],
  ['conpfeqop', 'oid[]'],
  ['conppeqop', 'oid[]'],
  ['conffeqop', 'oid[]'],
  [
    'confdelsetcols',
    'int2[]',
    ({ constraint: { foreign } }) => (foreign?.onDeleteColumns.length ? sqlArray(foreign.onDeleteColumns) : null),
  ],
  ['conexclop', 'oid[]'],
  ['conbin', 'pg_node_tree', ({ constraint }) => constraint.checkSql],
]);
