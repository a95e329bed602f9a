// The b-tree operator classes of our types, with PostgreSQL's oids: what pg_opclass lists and pg_index.indclass names. An array
// or vector type has array_ops, a type that is compared as another (varchar, reg*) the other's.
import type { SqlType } from '../../types/sql-type.ts';
import { typeOidByName } from './type-rows.ts';

export interface OperatorClass {
  readonly oid: number;
  readonly name: string;
  readonly family: number;
  /** oid of the type it is for */
  readonly type: number;
}

type Row = readonly [type: string, oid: number, name: string, family: number];

// biome-ignore format: a table reads best with one row per line
const ROWS: readonly Row[] = [
  ['bool', 10003, 'bool_ops', 424],
  ['bpchar', 10004, 'bpchar_ops', 426],
  ['bytea', 10006, 'bytea_ops', 428],
  ['char', 10007, 'char_ops', 429],
  ['date', 3122, 'date_ops', 434],
  ['float4', 10012, 'float4_ops', 1970],
  ['float8', 3123, 'float8_ops', 1970],
  ['int2', 1979, 'int2_ops', 1976],
  ['int4', 1978, 'int4_ops', 1976],
  ['int8', 3124, 'int8_ops', 1976],
  ['interval', 10022, 'interval_ops', 1982],
  ['jsonb', 10088, 'jsonb_ops', 4033],
  ['name', 10028, 'name_ops', 1994],
  ['numeric', 3125, 'numeric_ops', 1988],
  ['oid', 1981, 'oid_ops', 1989],
  ['oidvector', 10032, 'oidvector_ops', 1991],
  ['record', 10034, 'record_ops', 2994],
  ['text', 3126, 'text_ops', 1994],
  ['time', 10038, 'time_ops', 1996],
  ['timestamp', 3128, 'timestamp_ops', 434],
  ['timestamptz', 3127, 'timestamptz_ops', 434],
  ['uuid', 10065, 'uuid_ops', 2968],
  ['anyarray', 10000, 'array_ops', 397],
];

export const OPERATOR_CLASSES: readonly OperatorClass[] = ROWS.map(([type, oid, name, family]) => ({
  oid,
  name,
  family,
  type: typeOidByName(type),
}));

const BY_TYPE = new Map(ROWS.map(([type, oid]) => [type, oid]));

/** The oid of the default b-tree operator class; 0 for types without order. */
export function operatorClassOf(type: SqlType): number {
  switch (type.name) {
    case 'varchar':
      return BY_TYPE.get('text')!;
    case 'array':
    case 'int2vector':
      return BY_TYPE.get('anyarray')!;
    default:
      return BY_TYPE.get(type.name) ?? (type.name.startsWith('reg') ? BY_TYPE.get('oid')! : 0);
  }
}
