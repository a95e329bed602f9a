// pg_index: the indexes: all are b-trees to their readers, without expressions or predicates.
import { systemRelation, vectorOf } from '../define-system-relation.ts';
import { operatorClassOf } from './operator-classes.ts';
import { allIndexes } from './relation-facts.ts';
import { collationOfType } from './type-rows.ts';

export const PG_INDEX = systemRelation(['pg_catalog', 'pg_index', 2610, 'table'], allIndexes, [
  ['indexrelid', 'oid!', (i) => i.oid],
  ['indrelid', 'oid!', (i) => i.table],
  ['indnatts', 'int2!', (i) => i.keyAttributes.length],
  ['indnkeyatts', 'int2!', (i) => i.keyAttributes.length],
  ['indisunique', 'bool!', (i) => i.unique],
  ['indnullsnotdistinct', 'bool!', (i) => i.nullsNotDistinct === true],
  ['indisprimary', 'bool!', (i) => i.primary],
  ['indisexclusion', 'bool!'],
  ['indimmediate', 'bool!', true],
  ['indisclustered', 'bool!'],
  ['indisvalid', 'bool!', true],
  ['indcheckxmin', 'bool!'],
  ['indisready', 'bool!', true],
  ['indislive', 'bool!', true],
  ['indisreplident', 'bool!'],
  ['indkey', 'int2vector!', (i) => vectorOf(i.keyAttributes)],
  ['indcollation', 'oidvector!', (i) => vectorOf(i.columns.map((column) => collationOfType(column.type)))],
  ['indclass', 'oidvector!', (i) => vectorOf(i.columns.map((column) => operatorClassOf(column.type)))],
  ['indoption', 'int2vector!', (i) => vectorOf(i.keyAttributes.map((_, key) => i.keyOptions?.[key] ?? 0))],
  ['indexprs', 'pg_node_tree'],
  ['indpred', 'pg_node_tree'],
]);
