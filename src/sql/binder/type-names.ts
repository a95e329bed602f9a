// Type names of the syntax tree to SqlTypes, with PostgreSQL's texts and positions for what does not exist.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import { arrayOf, type IntervalFields, type SqlType } from '../../types/sql-type.ts';
import { intervalType, typeFromName } from '../../types/type-table.ts';
import type { TypeName as TypeSyntax } from '../ast-definition.ts';

/** PostgreSQL's types that are missing here, and what to use. */
const MISSING: readonly (readonly [names: string, hint: string])[] = [
  ['timetz', 'Use timestamptz, or time beside the name of a zone.'],
  ['money', 'Use numeric(19,2).'],
  ['inet cidr macaddr macaddr8', 'Use text.'],
  ['point line lseg box path polygon circle', 'Use columns of type double precision, or an array of them.'],
  ['bit varbit', 'Use boolean, an integer and its operators & and |, or bytea.'],
  ['xml', 'Use text.'],
  ['tsvector tsquery', "Use text and its operators ILIKE and ~*: text ~* '\\mword\\M'."],
  ['int4range int8range numrange tsrange tstzrange daterange', 'Use two columns, and BETWEEN or OVERLAPS.'],
  ['xid8 cid tid pg_lsn cstring', 'Use bigint or text.'],
];
const HINTS: ReadonlyMap<string, string> = new Map(
  MISSING.flatMap(([names, hint]) => names.split(' ').map((name) => [name, hint] as const)),
);

/** Types of other engines, which are unknown here. */
const FOREIGN: Readonly<Record<string, string>> = {
  datetime: 'timestamp',
  datetime2: 'timestamp',
  timestamp_ntz: 'timestamp',
  timestamp_ltz: 'timestamptz',
  datetimeoffset: 'timestamptz',
  tinyint: 'smallint',
  byte: 'smallint',
  uint8: 'smallint',
  mediumint: 'int',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  long: 'bigint',
  uint16: 'int',
  uint32: 'bigint',
  uint64: 'numeric(20,0)',
  hugeint: 'numeric(39,0)',
  number: 'numeric',
  float32: 'real',
  float64: 'double precision',
  nvarchar: 'text',
  varchar2: 'text',
  nvarchar2: 'text',
  longtext: 'text',
  mediumtext: 'text',
  clob: 'text',
  ntext: 'text',
  binary: 'bytea',
  varbinary: 'bytea',
  blob: 'bytea',
  bytes: 'bytea',
  variant: 'jsonb',
  object: 'jsonb',
  super: 'jsonb',
  uniqueidentifier: 'uuid',
};

/** Throws 42704 for an unknown type, 22023 for bad modifiers, 0A000 for types of PostgreSQL that are missing here. */
export function resolveTypeName(syntax: TypeSyntax): SqlType {
  const base = baseType(syntax);
  return syntax.arrayBounds.length > 0 && base.name !== 'array' ? arrayOf(base) : base;
}

function baseType(syntax: TypeSyntax): SqlType {
  const modifiers = syntax.modifiers.map((modifier) => integerModifier(modifier, syntax));
  const found = at(syntax.position, () => typeFromName(spelling(syntax), modifiers));
  if (found !== undefined) {
    const fields = syntax.intervalFields as IntervalFields | null;
    return fields === null ? found : intervalType(found.precision, fields);
  }
  const written = syntax.name.at(-1) ?? '';
  const hint = HINTS.get(written);
  if (hint !== undefined) {
    throw sqlError('feature_not_supported', `type "${written}" is not supported`, { position: syntax.position, hint });
  }
  const ours = syntax.name.length === 1 ? FOREIGN[written] : undefined;
  throw sqlError('undefined_object', `type "${syntax.name.join('.')}" does not exist`, {
    position: syntax.position,
    ...(ours !== undefined && { hint: `Use ${ours}.` }),
  });
}

/** Spark's and other dialects' `string` is text. */
function spelling(syntax: TypeSyntax): readonly string[] {
  return syntax.name.length === 1 && syntax.name[0] === 'string' ? ['text'] : syntax.name;
}

/** Runs, giving errors without a position this one. */
export function at<T>(position: number | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof SqlError ? error.at(position) : error;
  }
}

function integerModifier(modifier: TypeSyntax['modifiers'][number], syntax: TypeSyntax): number {
  if (modifier.kind === 'integer') return Number(modifier.text);
  if (modifier.kind === 'unary' && modifier.operator === '-' && modifier.operand.kind === 'integer') {
    return -Number(modifier.operand.text);
  }
  throw sqlError('syntax_error', 'type modifiers must be simple constants or identifiers', {
    position: syntax.position,
  });
}
