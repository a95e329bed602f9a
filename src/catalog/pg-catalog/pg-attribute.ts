// pg_attribute: the columns of every relation. There are no system columns with negative numbers.

import { type Datum, sqlArray } from '../../types/datum.ts';
import { formatInterval } from '../../types/interval.ts';
import { type TypeFacts, typeFacts, typeOid, typmodOf } from '../../types/type-table.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { Column, Relation } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';
import { hasDefault } from './pg-attrdef.ts';
import { allRelations } from './relation-facts.ts';
import { collationOfType } from './type-rows.ts';

interface Attribute {
  readonly relation: Relation;
  readonly column: Column;
  readonly facts: TypeFacts;
}

const IDENTITY_LETTERS = { stored: '', 'identity-always': 'a', 'identity-default': 'd' } as const;

function* attributes(context: SystemContext): Generator<Attribute> {
  for (const relation of allRelations(context)) {
    for (const column of relation.columns) yield { relation, column, facts: typeFacts(column.type) };
  }
}

/** What \d shows beside a stream's time column. */
function watermarkOptions(relation: Relation, column: Column): Datum | null {
  const watermark = relation.kind === 'stream' ? relation.watermark : null;
  if (watermark?.attribute !== column.attribute) return null;
  const text = (micros: bigint) => formatInterval({ kind: 'interval', months: 0, days: 0, micros }, 'postgres');
  const { delayMicros, idleTimeoutMicros: idle } = watermark;
  return sqlArray([`watermark_delay=${text(delayMicros)}`, ...(idle === null ? [] : [`idle_timeout=${text(idle)}`])]);
}

export const PG_ATTRIBUTE = systemRelation(['pg_catalog', 'pg_attribute', 1249, 'table'], attributes, [
  ['attrelid', 'oid!', ({ relation }) => relation.oid],
  ['attname', 'name!', ({ column }) => column.name],
  ['atttypid', 'oid!', ({ column }) => typeOid(column.type)],
  ['attstattarget', 'int4!', -1],
  ['attlen', 'int2!', ({ facts }) => facts.length],
  ['attnum', 'int2!', ({ column }) => column.attribute],
  ['attndims', 'int4!', ({ column }) => (column.type.name === 'array' ? 1 : 0)],
  ['attcacheoff', 'int4!', -1],
  ['atttypmod', 'int4!', ({ column }) => typmodOf(column.type)],
  ['attbyval', 'bool!', ({ facts }) => facts.byValue],
  ['attalign', 'char!', ({ facts }) => facts.align],
  ['attstorage', 'char!', ({ facts }) => facts.storage],
  ['attcompression', 'char!'],
  ['attnotnull', 'bool!', ({ column }) => column.notNull],
  ['atthasdef', 'bool!', ({ column }) => hasDefault(column)],
  ['atthasmissing', 'bool!'],
  ['attidentity', 'char!', ({ column }) => IDENTITY_LETTERS[column.generated ?? 'stored']],
  ['attgenerated', 'char!', ({ column }) => (column.generated === 'stored' ? 's' : '')],
  ['attisdropped', 'bool!'],
  ['attislocal', 'bool!', true],
  ['attinhcount', 'int4!'],
  ['attcollation', 'oid!', ({ column }) => collationOfType(column.type)],
  ['attacl', 'aclitem[]'],
  ['attoptions', 'text[]'],
  ['attfdwoptions', 'text[]', ({ relation, column }) => watermarkOptions(relation, column)],
  ['attmissingval', 'text[]'],
]);
