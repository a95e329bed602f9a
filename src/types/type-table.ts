// The facts about types that PostgreSQL keeps in pg_type: oids, lengths, categories, and the names SQL gives types.
// formatType prints a type as format_type() does, typmodOf gives the wire's type modifier, typeFromOid and typeFromName
// go the other way.
import { sqlError } from '../errors/sql-error.ts';
import { fieldsOfMask, maskOfFields } from './interval-fields.ts';
import type { IntervalFields, SqlType, TypeName } from './sql-type.ts';

export interface TypeFacts {
  readonly name: TypeName;
  readonly oid: number;
  /** oid of the type's array type; 0: none */
  readonly arrayOid: number;
  /** bytes; -1 variable; -2 C string */
  readonly length: number;
  /** pg_type.typcategory: N numeric, S string, D date/time, B boolean, T timespan, A array, U user, P pseudo, X unknown */
  readonly category: string;
  readonly preferred: boolean;
  readonly align: 'c' | 's' | 'i' | 'd';
  readonly byValue: boolean;
  readonly storage: 'p' | 'x' | 'm' | 'e';
  /** name as format_type prints it without modifiers */
  readonly sqlName: string;
  /** further spellings that SQL knows (pg_type.typname always works) */
  readonly aliases?: readonly string[];
  /** typelem: name's element "char", int2vector's int2 ... */
  readonly elementOid?: number;
}

type Row = readonly [
  name: TypeName,
  oid: number,
  arrayOid: number,
  length: number,
  category: string,
  preferred: 't' | 'f',
  align: 'c' | 's' | 'i' | 'd',
  byValue: 't' | 'f',
  storage: 'p' | 'x' | 'm',
  sqlName: string,
  aliases?: readonly string[],
  elementOid?: number,
];

// biome-ignore format: a table reads best with one row per line
const ROWS: readonly Row[] = [
  ['bool', 16, 1000, 1, 'B', 't', 'c', 't', 'p', 'boolean'],
  ['bytea', 17, 1001, -1, 'U', 'f', 'i', 'f', 'x', 'bytea'],
  ['char', 18, 1002, 1, 'Z', 'f', 'c', 't', 'p', '"char"'],
  ['name', 19, 1003, 64, 'S', 'f', 'c', 'f', 'p', 'name', undefined, 18],
  ['int8', 20, 1016, 8, 'N', 'f', 'd', 't', 'p', 'bigint'],
  ['int2', 21, 1005, 2, 'N', 'f', 's', 't', 'p', 'smallint'],
  ['int2vector', 22, 1006, -1, 'A', 'f', 'i', 'f', 'p', 'int2vector', undefined, 21],
  ['int4', 23, 1007, 4, 'N', 'f', 'i', 't', 'p', 'integer', ['int']],
  ['regproc', 24, 1008, 4, 'N', 'f', 'i', 't', 'p', 'regproc'],
  ['text', 25, 1009, -1, 'S', 't', 'i', 'f', 'x', 'text'],
  ['oid', 26, 1028, 4, 'N', 't', 'i', 't', 'p', 'oid'],
  ['xid', 28, 1011, 4, 'U', 'f', 'i', 't', 'p', 'xid'],
  ['oidvector', 30, 1013, -1, 'A', 'f', 'i', 'f', 'p', 'oidvector', undefined, 26],
  ['json', 114, 199, -1, 'U', 'f', 'i', 'f', 'x', 'json'],
  ['pg_node_tree', 194, 0, -1, 'Z', 'f', 'i', 'f', 'x', 'pg_node_tree'],
  ['float4', 700, 1021, 4, 'N', 'f', 'i', 't', 'p', 'real'],
  ['float8', 701, 1022, 8, 'N', 't', 'd', 't', 'p', 'double precision'],
  ['unknown', 705, 0, -2, 'X', 'f', 'c', 'f', 'p', 'unknown'],
  ['aclitem', 1033, 1034, 12, 'U', 'f', 'i', 'f', 'p', 'aclitem'],
  ['bpchar', 1042, 1014, -1, 'S', 'f', 'i', 'f', 'x', 'character', ['char']],
  ['varchar', 1043, 1015, -1, 'S', 'f', 'i', 'f', 'x', 'character varying'],
  ['date', 1082, 1182, 4, 'D', 'f', 'i', 't', 'p', 'date'],
  ['time', 1083, 1183, 8, 'D', 'f', 'd', 't', 'p', 'time without time zone'],
  ['timestamp', 1114, 1115, 8, 'D', 'f', 'd', 't', 'p', 'timestamp without time zone'],
  ['timestamptz', 1184, 1185, 8, 'D', 't', 'd', 't', 'p', 'timestamp with time zone'],
  ['interval', 1186, 1187, 16, 'T', 't', 'd', 'f', 'p', 'interval'],
  ['numeric', 1700, 1231, -1, 'N', 'f', 'i', 'f', 'm', 'numeric', ['decimal', 'dec']],
  ['regprocedure', 2202, 2207, 4, 'N', 'f', 'i', 't', 'p', 'regprocedure'],
  ['regoperator', 2204, 2209, 4, 'N', 'f', 'i', 't', 'p', 'regoperator'],
  ['regclass', 2205, 2210, 4, 'N', 'f', 'i', 't', 'p', 'regclass'],
  ['regtype', 2206, 2211, 4, 'N', 'f', 'i', 't', 'p', 'regtype'],
  ['record', 2249, 2287, -1, 'P', 'f', 'd', 'f', 'x', 'record'],
  ['void', 2278, 0, 4, 'P', 'f', 'i', 't', 'p', 'void'],
  ['uuid', 2950, 2951, 16, 'U', 'f', 'c', 'f', 'p', 'uuid'],
  ['jsonb', 3802, 3807, -1, 'U', 'f', 'i', 'f', 'x', 'jsonb'],
  ['jsonpath', 4072, 4073, -1, 'U', 'f', 'i', 'f', 'x', 'jsonpath'],
  ['regnamespace', 4089, 4090, 4, 'N', 'f', 'i', 't', 'p', 'regnamespace'],
  ['regrole', 4096, 4097, 4, 'N', 'f', 'i', 't', 'p', 'regrole'],
];

const FACTS = new Map<TypeName, TypeFacts>();
const BY_OID = new Map<number, SqlType>();
const BY_NAME = new Map<string, TypeName>();
for (const row of ROWS) {
  const [name, oid, arrayOid, length, category, preferred, align, byValue, storage, sqlName, aliases, elementOid] = row;
  FACTS.set(name, {
    name,
    oid,
    arrayOid,
    length,
    category,
    preferred: preferred === 't',
    align,
    byValue: byValue === 't',
    storage,
    sqlName,
    aliases,
    elementOid,
  });
  BY_OID.set(oid, { name });
  if (arrayOid !== 0) BY_OID.set(arrayOid, { name: 'array', element: { name } });
  for (const spelling of [name, sqlName, ...(aliases ?? [])]) {
    if (!BY_NAME.has(spelling)) BY_NAME.set(spelling, name);
  }
}
for (const [spelling, name] of [
  ['character', 'bpchar'],
  ['char varying', 'varchar'],
  ['national character', 'bpchar'],
  ['national char', 'bpchar'],
  ['nchar', 'bpchar'],
  ['national character varying', 'varchar'],
  ['national char varying', 'varchar'],
  ['float', 'float8'],
] as const) {
  BY_NAME.set(spelling, name);
}

/** All types with an oid of their own, arrays excluded. */
export function allTypeFacts(): readonly TypeFacts[] {
  return [...FACTS.values()];
}

/** The facts of a type; those of an array type are its element's array type (oid 2277 anyarray where it has none). */
export function typeFacts(type: SqlType): TypeFacts {
  if (type.name !== 'array') return FACTS.get(type.name)!;
  const element = typeFacts(type.element!);
  return {
    name: 'array',
    oid: element.arrayOid === 0 ? 2277 : element.arrayOid,
    arrayOid: 0,
    length: -1,
    category: 'A',
    preferred: false,
    align: element.align === 'd' ? 'd' : 'i',
    byValue: false,
    storage: 'x',
    sqlName: `${element.sqlName}[]`,
    elementOid: element.oid,
  };
}

export function typeOid(type: SqlType): number {
  return typeFacts(type).oid;
}

/** pg_type.typname: "_int4" for int4[]. */
export function typeNameInCatalog(type: SqlType): string {
  return type.name === 'array' ? `_${typeNameInCatalog(type.element!)}` : type.name;
}

/** The name used in function ids and parameter types: "int4", "int4[]". */
export function parameterNameOf(type: SqlType): string {
  return type.name === 'array' ? `${parameterNameOf(type.element!)}[]` : type.name;
}

/** The type modifier RowDescription and pg_attribute carry; -1: none. Derived numeric precision is not a modifier. */
export function typmodOf(type: SqlType): number {
  switch (type.name) {
    case 'numeric':
      if (type.precision === undefined || type.declared !== true) return -1;
      return ((type.precision << 16) | ((type.scale ?? 0) & 0x7ff)) + 4;
    case 'varchar':
    case 'bpchar':
      return type.length === undefined ? -1 : type.length + 4;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return type.precision ?? -1;
    case 'interval':
      if (type.precision === undefined && type.intervalFields === undefined) return -1;
      return (maskOfFields(type.intervalFields) << 16) | (type.precision ?? 0xffff);
    case 'array':
      return typmodOf(type.element!);
    default:
      return -1;
  }
}

function modifierText(type: SqlType): string {
  switch (type.name) {
    case 'numeric':
      return type.precision === undefined || type.declared !== true ? '' : `(${type.precision},${type.scale ?? 0})`;
    case 'varchar':
    case 'bpchar':
      return type.length === undefined ? '' : `(${type.length})`;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'interval': {
      const fields = type.intervalFields === undefined ? '' : ` ${type.intervalFields}`;
      return fields + (type.precision === undefined ? '' : `(${type.precision})`);
    }
    default:
      return '';
  }
}

/** The type as SQL names it: integer, character varying(5), timestamp(3) with time zone, numeric(12,2)[]. */
export function formatType(type: SqlType): string {
  if (type.name === 'array') return `${formatType(type.element!)}[]`;
  const facts = FACTS.get(type.name)!;
  const modifier = modifierText(type);
  const zone = facts.sqlName.indexOf(' with');
  if (zone > 0) return facts.sqlName.slice(0, zone) + modifier + facts.sqlName.slice(zone);
  // without a length format_type prints bpchar, because "character" alone means character(1)
  if (type.name === 'bpchar' && modifier === '') return 'bpchar';
  return facts.sqlName + modifier;
}

/** A type without its modifiers, as function signatures and error texts print it ("character varying", "numeric"). */
export function formatTypeName(type: SqlType): string {
  if (type.name === 'array') return `${formatTypeName(type.element!)}[]`;
  return FACTS.get(type.name)!.sqlName;
}

export function intervalType(precision: number | undefined, fields: IntervalFields | undefined): SqlType {
  return {
    name: 'interval',
    ...(precision === undefined ? {} : { precision }),
    ...(fields === undefined ? {} : { intervalFields: fields }),
  };
}

/** The type of an oid and its modifier; undefined for an oid that is not ours. */
export function typeFromOid(oid: number, typmod = -1): SqlType | undefined {
  const base = BY_OID.get(oid);
  if (base === undefined || typmod < 0) return base;
  if (base.name === 'array') {
    const element = typeFromOid(typeOid(base.element!), typmod);
    return { name: 'array', element };
  }
  switch (base.name) {
    case 'numeric': {
      if (typmod < 4) return base;
      const scale = (typmod - 4) & 0x7ff;
      const precision = ((typmod - 4) >> 16) & 0xffff;
      return { name: 'numeric', precision, scale: (scale ^ 1024) - 1024, declared: true };
    }
    case 'varchar':
    case 'bpchar':
      return typmod < 4 ? base : { name: base.name, length: typmod - 4 };
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { name: base.name, precision: typmod };
    case 'interval':
      return intervalType((typmod & 0xffff) === 0xffff ? undefined : typmod & 0xffff, fieldsOfMask(typmod >> 16));
    default:
      return base;
  }
}

/**
 * The type that SQL text names: parts as written and case-folded (['pg_catalog','int4'], ['double precision'],
 * ['_int4']), modifiers as integers. undefined: no such built-in type. Throws 22023 for bad modifiers.
 * SQL's bare CHAR is character(1): callers pass ['bpchar'] with [1], or ['character'] (then 1 is implied here).
 */
export function typeFromName(parts: readonly string[], modifiers: readonly number[] = []): SqlType | undefined {
  if (parts.length > 2 || (parts.length === 2 && parts[0] !== 'pg_catalog')) return undefined;
  const spelled = parts[parts.length - 1]!;
  if (spelled.endsWith('[]')) {
    const element = typeFromName([spelled.slice(0, -2)], modifiers);
    return element && { name: 'array', element };
  }
  if (spelled.startsWith('_')) {
    const element = BY_NAME.get(spelled.slice(1));
    if (element !== undefined && element === spelled.slice(1) && FACTS.get(element)!.arrayOid !== 0) {
      return { name: 'array', element: withModifiers(element, modifiers) };
    }
  }
  if (spelled === 'float' && modifiers.length === 1) return floatOf(modifiers[0]!);
  const name = BY_NAME.get(spelled);
  if (name === undefined) return undefined;
  if (name === 'bpchar' && modifiers.length === 0 && spelled !== 'bpchar') return { name: 'bpchar', length: 1 };
  return withModifiers(name, modifiers);
}

function floatOf(bits: number): SqlType {
  if (bits < 1) throw sqlError('invalid_parameter_value', 'precision for type float must be at least 1 bit');
  if (bits > 53) throw sqlError('invalid_parameter_value', 'precision for type float must be less than 54 bits');
  return { name: bits <= 24 ? 'float4' : 'float8' };
}

function withModifiers(name: TypeName, modifiers: readonly number[]): SqlType {
  if (modifiers.length === 0) return { name };
  switch (name) {
    case 'numeric':
      return numericWith(modifiers);
    case 'varchar':
    case 'bpchar': {
      const label = name === 'varchar' ? 'varchar' : 'char';
      const length = modifiers[0]!;
      if (modifiers.length > 1) throw sqlError('invalid_parameter_value', 'invalid type modifier');
      if (length < 1) throw sqlError('invalid_parameter_value', `length for type ${label} must be at least 1`);
      if (length > 10485760) {
        throw sqlError('invalid_parameter_value', `length for type ${label} cannot exceed 10485760`);
      }
      return { name, length };
    }
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'interval': {
      const digits = modifiers[0]!;
      if (modifiers.length > 1) throw sqlError('invalid_parameter_value', 'invalid type modifier');
      if (digits < 0) {
        const label = name === 'interval' ? 'INTERVAL' : name === 'time' ? 'TIME' : 'TIMESTAMP';
        const zone = name === 'timestamptz' ? ' WITH TIME ZONE' : '';
        throw sqlError('invalid_parameter_value', `${label}(${digits})${zone} precision must not be negative`);
      }
      return { name, precision: Math.min(digits, 6) };
    }
    default:
      throw sqlError('syntax_error', `type modifier is not allowed for type "${name}"`);
  }
}

function numericWith(modifiers: readonly number[]): SqlType {
  const [precision, scale = 0] = modifiers as readonly [number, number?];
  if (modifiers.length > 2) throw sqlError('invalid_parameter_value', 'invalid NUMERIC type modifier');
  if (precision < 1 || precision > 1000) {
    throw sqlError('invalid_parameter_value', `NUMERIC precision ${precision} must be between 1 and 1000`);
  }
  if (scale < -1000 || scale > 1000) {
    throw sqlError('invalid_parameter_value', `NUMERIC scale ${scale} must be between -1000 and 1000`);
  }
  if (scale < 0 || scale > precision) {
    throw sqlError('feature_not_supported', `NUMERIC scale ${scale} must be between 0 and precision ${precision}`);
  }
  return { name: 'numeric', precision, scale, declared: true };
}
