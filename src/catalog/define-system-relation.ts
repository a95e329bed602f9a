// The form in which system relations are written: what a row is made from, and one line per column with its type and value.
// Types are spelled as in pg_type ("name", "oid[]"), "!" marks NOT NULL. A column without a value is constant: NULL, or for
// NOT NULL the type's zero (false, 0, '', an empty array), which is what PostgreSQL has where a feature is not used.
import { type Datum, sqlArray } from '../types/datum.ts';
import { arrayOf, type SqlType, type TypeName } from '../types/sql-type.ts';
import type { SystemContext, SystemRelationDefinition } from './system-relation.ts';

type ColumnValue<T> = Datum | null | ((item: T, context: SystemContext) => Datum | null);
/** name, type as "name!" or "oid[]", value from the item that a row is made from */
export type SystemColumn<T> = readonly [name: string, type: string, value?: ColumnValue<T>];

type Head = readonly [
  schema: SystemRelationDefinition['schema'],
  name: string,
  oid: number,
  kind: SystemRelationDefinition['kind'],
];

function columnType(spelled: string): SqlType {
  const name = spelled.replace('!', '');
  return name.endsWith('[]') ? arrayOf({ name: name.slice(0, -2) as TypeName }) : { name: name as TypeName };
}

function zeroOf(type: SqlType): Datum {
  switch (type.name) {
    case 'bool':
      return false;
    case 'int2':
    case 'int4':
    case 'oid':
    case 'xid':
    case 'regproc':
    case 'regclass':
    case 'regtype':
    case 'float4':
    case 'float8':
      return 0;
    case 'int8':
    case 'timestamptz':
      return 0n;
    case 'array':
      return sqlArray([]);
    default:
      return '';
  }
}

/** A relation whose rows are made from `source`, each by the columns' values. */
export function systemRelation<T>(
  [schema, name, oid, kind]: Head,
  source: (context: SystemContext) => Iterable<T>,
  columns: readonly SystemColumn<T>[],
): SystemRelationDefinition {
  const described = columns.map(([column, spelled]) => ({
    name: column,
    type: columnType(spelled),
    ...(spelled.includes('!') ? { notNull: true } : {}),
  }));
  const values = columns.map(([, , value], i): ColumnValue<T> => {
    if (value !== undefined) return value;
    const { notNull, type } = described[i]!;
    return notNull === true ? zeroOf(type) : null;
  });
  return {
    schema,
    name,
    oid,
    kind,
    columns: described,
    *rows(context) {
      for (const item of source(context)) {
        yield values.map((value) => (typeof value === 'function' ? value(item, context) : value));
      }
    },
  };
}

/** A relation that never has rows: what it lists does not exist here. Columns as "oid:oid! polname:name!". */
export function emptyRelation(head: Head, columns: string): SystemRelationDefinition {
  const split = columns
    .trim()
    .split(/\s+/)
    .map((column) => column.split(':') as unknown as SystemColumn<never>);
  return systemRelation<never>(head, () => [], split);
}

/** The elements as an int2vector or oidvector, whose subscripts start at 0. */
export function vectorOf(elements: readonly number[]): Datum {
  const lowerBounds = elements.length === 0 ? [] : [0];
  return { kind: 'array', dimensions: elements.length === 0 ? [] : [elements.length], lowerBounds, elements };
}

/** Milliseconds since 1970 as timestamptz. */
export function timestampOf(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1000));
}

/** An array of texts, or NULL. */
export function textArray(values: readonly string[] | null): Datum | null {
  return values === null ? null : sqlArray(values);
}
