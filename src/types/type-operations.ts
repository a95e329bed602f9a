// The door to what every type can do: typeOperations(type). Arrays, records and vectors are here because they are made of
// other types.
import { sqlError } from '../errors/sql-error.ts';
import { arrayOperations } from './array.ts';
import { BOOL_OPERATIONS } from './bool.ts';
import { BYTEA_OPERATIONS } from './bytea.ts';
import { DATE_OPERATIONS } from './date.ts';
import { FLOAT4_OPERATIONS, FLOAT8_OPERATIONS } from './float.ts';
import { INT2_OPERATIONS, INT4_OPERATIONS, INT8_OPERATIONS, OID_OPERATIONS } from './int.ts';
import { INTERVAL_OPERATIONS } from './interval.ts';
import { JSON_OPERATIONS, JSONB_OPERATIONS, JSONPATH_OPERATIONS } from './json.ts';
import { NUMERIC_OPERATIONS } from './numeric.ts';
import { recordOperations } from './record.ts';
import { INT2, OID, type SqlType, type TypeName } from './sql-type.ts';
import { TEXT_OPERATIONS } from './text.ts';
import { TIME_OPERATIONS } from './time.ts';
import { TIMESTAMP_OPERATIONS, TIMESTAMPTZ_OPERATIONS } from './timestamp.ts';
import type { TypeOperations } from './type-settings.ts';
import { UUID_OPERATIONS } from './uuid.ts';

const VOID_OPERATIONS: TypeOperations = {
  parseText: () => '',
  formatText: () => '',
  encodeBinary: () => new Uint8Array(0),
  decodeBinary: () => '',
  compare: () => {
    throw sqlError('undefined_function', 'could not identify a comparison function for type void');
  },
};

const ARRAYS = arrayOperations(typeOperations);

const OPERATIONS: Readonly<Record<TypeName, TypeOperations>> = {
  bool: BOOL_OPERATIONS,
  int2: INT2_OPERATIONS,
  int4: INT4_OPERATIONS,
  int8: INT8_OPERATIONS,
  float4: FLOAT4_OPERATIONS,
  float8: FLOAT8_OPERATIONS,
  numeric: NUMERIC_OPERATIONS,
  text: TEXT_OPERATIONS,
  varchar: TEXT_OPERATIONS,
  bpchar: TEXT_OPERATIONS,
  name: TEXT_OPERATIONS,
  char: TEXT_OPERATIONS,
  unknown: TEXT_OPERATIONS,
  pg_node_tree: TEXT_OPERATIONS,
  aclitem: TEXT_OPERATIONS,
  bytea: BYTEA_OPERATIONS,
  uuid: UUID_OPERATIONS,
  date: DATE_OPERATIONS,
  time: TIME_OPERATIONS,
  timestamp: TIMESTAMP_OPERATIONS,
  timestamptz: TIMESTAMPTZ_OPERATIONS,
  interval: INTERVAL_OPERATIONS,
  json: JSON_OPERATIONS,
  jsonb: JSONB_OPERATIONS,
  jsonpath: JSONPATH_OPERATIONS,
  oid: OID_OPERATIONS,
  xid: OID_OPERATIONS,
  regclass: OID_OPERATIONS,
  regtype: OID_OPERATIONS,
  regproc: OID_OPERATIONS,
  regprocedure: OID_OPERATIONS,
  regoperator: OID_OPERATIONS,
  regnamespace: OID_OPERATIONS,
  regrole: OID_OPERATIONS,
  int2vector: ARRAYS.vector(INT2),
  oidvector: ARRAYS.vector(OID),
  array: ARRAYS.array,
  record: recordOperations(typeOperations),
  void: VOID_OPERATIONS,
};

/** Text, binary and order of a type. */
export function typeOperations(type: SqlType): TypeOperations {
  return OPERATIONS[type.name];
}
