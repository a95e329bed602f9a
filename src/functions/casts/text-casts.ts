// Casts among the text types, and between text and everything else through the types' input and output functions.
// Output to text is an assignment cast, input from text explicit, as PostgreSQL's automatic I/O conversions are.
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray } from '../../types/datum.ts';
import { arrayOf, BOOL, physicalOf, type SqlType, TEXT, type TypeName } from '../../types/sql-type.ts';
import { coerceText, trimBlanks, truncateName } from '../../types/text.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { formatType, typeFromName, typeFromOid, typeOid } from '../../types/type-table.ts';
import { type BodyFor, rowBody, settingsOf } from '../define.ts';
import type { CastFunction, EvaluationContext, ScalarFunction } from '../function-definition.ts';
import { rowCast, sameBytes } from './define-cast.ts';

const TEXTS: readonly TypeName[] = ['text', 'varchar', 'bpchar', 'name', 'char', 'unknown'];
const REGISTERED: readonly TypeName[] = [
  'regclass',
  'regproc',
  'regprocedure',
  'regoperator',
  'regnamespace',
  'regrole',
  'regtype',
];
// biome-ignore format: one list
const OTHERS: readonly TypeName[] = [
  'bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bytea', 'uuid', 'date', 'time', 'timestamp', 'timestamptz', 'interval',
  'json', 'jsonb', 'jsonpath', 'oid', 'xid', 'int2vector', 'oidvector', 'array', 'record', 'pg_node_tree', 'aclitem', 'void', ...REGISTERED,
];
const SETTINGS_MATTER = new Set<TypeName>([
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'array',
  'record',
  ...REGISTERED,
]);

/** A value's text as a cast to text makes it: booleans are true/false. */
export function castToText(value: Datum, type: SqlType, context: EvaluationContext): string {
  if (type.name === BOOL.name) return value ? 'true' : 'false';
  if (type.name === 'regtype') {
    const known = typeFromOid(value as number);
    if (known !== undefined) return formatType(known);
  }
  if (type.name.startsWith('reg')) {
    const name = context.session?.call(`${type.name}out`, [value]);
    if (typeof name === 'string') return name;
  }
  return typeOperations(type).formatText(value, type, settingsOf(context));
}

function fromText(text: string, target: SqlType, context: EvaluationContext): Datum {
  if (target.name.startsWith('reg') && !/^\s*(?:\d+|-)\s*$/.test(text)) return registered(text, target, context);
  if (target.element?.name.startsWith('reg') === true) return registeredArray(text, target.element, context);
  return typeOperations(target).parseText(text, target, settingsOf(context));
}

function registeredArray(text: string, element: SqlType, context: EvaluationContext): Datum {
  const names = arrayOf(TEXT);
  const array = typeOperations(names).parseText(text, names, settingsOf(context)) as SqlArray;
  const elements = array.elements.map((name) => (name === null ? null : fromText(name as string, element, context)));
  return { ...array, elements };
}

/** 'pg_class'::regclass and its kin ask the session's catalog; regtype knows the built-in types itself. */
function registered(text: string, target: SqlType, context: EvaluationContext): Datum {
  if (target.name === 'regtype') {
    const spelled = text
      .trim()
      .toLowerCase()
      .replace(/\(.*\)/, '')
      .replace(/^pg_catalog\./, '');
    const type = typeFromName([spelled]);
    if (type !== undefined) return typeOid(type);
  }
  const oid = context.session?.call(`${target.name}in`, [text]);
  if (oid !== undefined && oid !== null) return oid;
  throw sqlError('undefined_object', `${target.name.slice(3)} "${text}" does not exist`);
}

function among(from: TypeName, to: TypeName): CastFunction {
  const implicit = from === 'unknown' || (to === 'text' && from !== 'char') || (from === 'bpchar' && to === 'varchar');
  const context =
    implicit ||
    (from === 'text' && to === 'varchar') ||
    (from === 'varchar' && to === 'bpchar') ||
    (from === 'text' && to === 'bpchar') ||
    to === 'name'
      ? 'implicit'
      : 'assignment';
  const plain = (name: TypeName) => name === 'text' || name === 'unknown';
  if (plain(to) && from !== 'bpchar' && from !== 'char') return sameBytes(from, to, context);
  return rowCast(from, to, from === 'char' && to === 'text' ? 'implicit' : context, (value, target) => {
    const text = from === 'bpchar' && to !== 'bpchar' ? trimBlanks(value as string) : (value as string);
    return to === 'name' ? truncateName(text) : coerceText(text, target, true);
  });
}

/** varchar(n) from varchar: the length coercion of assignments raises, an explicit cast truncates. */
const LENGTHS: readonly CastFunction[] = (['varchar', 'bpchar'] as const).map((name) =>
  rowCast(name, name, 'implicit', (value, target) => coerceText(value as string, target, true)),
);

/** Kernels that print a type as text, and that read one from it. */
const PRINTING: Readonly<Partial<Record<TypeName, string>>> = {
  int2: 'cast_i32_view',
  int4: 'cast_i32_view',
  int8: 'cast_i64_view',
  bool: 'cast_bool_view',
  float4: 'cast_f32_view',
  float8: 'cast_f64_view',
};
const READING: Readonly<Partial<Record<TypeName, string>>> = {
  int2: 'cast_view_i16',
  int4: 'cast_view_i32',
  int8: 'cast_view_i64',
  float8: 'cast_view_f64',
  bool: 'parse_text_bool',
  date: 'parse_text_date',
  timestamp: 'cast_view_timestamp',
  timestamptz: 'cast_view_timestamptz',
  numeric: 'parse_text_numeric',
  bytea: 'cast_view_bytea',
};

/** The cast with a kernel for its vectors; single values go on through the per-row body. */
function withKernel(written: CastFunction, name: string | undefined): CastFunction {
  if (name === undefined || written.function === 'binary-compatible') return written;
  const { body } = written.function;
  const both: BodyFor = (args, target) => {
    const slow = body(args, target);
    if (slow.kind !== 'row' || target.length !== undefined || target.precision !== undefined) return slow;
    return { kind: 'kernel', kernel: name, slow: slow.evaluate };
  };
  return { ...written, function: { ...written.function, body: both } };
}

/** Dates as text in ISO style, and where there is a zone, in UTC. */
const PRINTING_ISO: Readonly<Partial<Record<TypeName, string>>> = {
  date: 'cast_date_view',
  timestamp: 'cast_timestamp_view',
  timestamptz: 'cast_timestamptz_view',
};

function withIsoKernel(written: CastFunction, kernel: string): CastFunction {
  if (written.function === 'binary-compatible') return written;
  const specialised: ScalarFunction['specialised'] = (_constants, context) => {
    const { dateStyle, timeZone } = settingsOf(context);
    const plain = /^iso/i.test(dateStyle) && (written.from !== 'timestamptz' || timeZone === 'UTC');
    return plain ? { kernel, args: [0] } : undefined;
  };
  return { ...written, function: { ...written.function, specialised } };
}

/** Numerics as text, by their layout. */
function withNumericKernel(written: CastFunction): CastFunction {
  if (written.function === 'binary-compatible') return written;
  const { body } = written.function;
  const specialised: ScalarFunction['specialised'] = (_constants, _context, [type]) => {
    const slow = rowBody(body([type!], TEXT));
    const physical = physicalOf(type!);
    const parameters = physical === 'view' ? [] : [type!.scale ?? 0];
    const kernel = physical === 'view' ? 'cast_numeric_view' : `cast_decimal_${physical}_view`;
    return { kernel, args: [0], parameters, ...(slow === undefined ? {} : { slow }) };
  };
  return { ...written, function: { ...written.function, specialised } };
}

function throughText(other: TypeName): CastFunction[] {
  return ioCasts(other).map((one) => {
    const iso = PRINTING_ISO[other];
    if (one.to === 'text' && one.from === other && iso !== undefined) return withIsoKernel(one, iso);
    if (one.to === 'text' && one.from === 'numeric') return withNumericKernel(one);
    if (one.to === 'text' && one.from === other) return withKernel(one, PRINTING[other]);
    return one.from === 'text' ? withKernel(one, READING[other]) : one;
  });
}

function ioCasts(other: TypeName): CastFunction[] {
  const volatility = SETTINGS_MATTER.has(other) ? 'stable' : 'immutable';
  return TEXTS.flatMap((text) => [
    rowCast(
      other,
      text,
      'assignment',
      (value, target, context, source) => {
        const shown = castToText(value, source, context);
        return text === 'text' || text === 'unknown' ? shown : coerceText(shown, target, true);
      },
      volatility,
    ),
    rowCast(
      text,
      other,
      text === 'unknown' ? 'implicit' : 'explicit',
      (value, target, context) =>
        fromText(text === 'bpchar' ? trimBlanks(value as string) : (value as string), target, context),
      volatility,
    ),
  ]);
}

/** Adds the raising variant "cast(x->y,assignment)" to casts that have a length to enforce. */
function withAssignment(cast: CastFunction): CastFunction {
  if ((cast.to !== 'varchar' && cast.to !== 'bpchar') || cast.function === 'binary-compatible') return cast;
  const written = cast.function;
  const assignmentFunction: ScalarFunction = {
    ...written,
    id: `cast(${cast.from}->${cast.to},assignment)`,
    body: (args, target) => {
      const whole = written.body(args, { name: target.name });
      if (whole.kind !== 'row') return whole;
      return {
        kind: 'row',
        evaluate: (values, context) => coerceText(whole.evaluate(values, context) as string, target, false),
      };
    },
  };
  return { ...cast, assignmentFunction };
}

const ALL_TEXT_CASTS: readonly CastFunction[] = [
  ...TEXTS.flatMap((from) => TEXTS.filter((to) => to !== from).map((to) => among(from, to))),
  ...LENGTHS,
  ...OTHERS.flatMap(throughText),
  rowCast('char', 'int4', 'explicit', (value) => ((Buffer.from(value as string, 'latin1')[0] ?? 0) << 24) >> 24),
  rowCast('int4', 'char', 'explicit', (value) => {
    const code = value as number;
    if (code < -128 || code > 127) throw sqlError('numeric_value_out_of_range', '"char" out of range');
    return code === 0 ? '' : String.fromCharCode(code & 0xff);
  }),
];

export const TEXT_CASTS: readonly CastFunction[] = ALL_TEXT_CASTS.map(withAssignment);
