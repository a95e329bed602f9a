// How PostgreSQL's messages call a catalog object: 'table t', 'view s.v', 'function f(integer)'.
import { formatTypeName } from '../types/type-table.ts';
import type { Catalog } from './catalog.ts';
import type { ObjectReference } from './dependents.ts';
import { PG_CATALOG_OID, PUBLIC_OID } from './initial-catalog.ts';
import type { Relation, UserFunction } from './objects.ts';

const KIND_WORDS: Readonly<Record<Relation['kind'], string>> = {
  table: 'table',
  index: 'index',
  sequence: 'sequence',
  view: 'view',
  stream: 'stream',
  'materialized-view': 'materialized view',
  'system-table': 'table',
  'system-view': 'view',
};

export function relationKindWord(relation: Relation): string {
  return KIND_WORDS[relation.kind];
}

export function functionSignature(one: UserFunction): string {
  return `${one.name}(${one.parameterTypes.map(formatTypeName).join(', ')})`;
}

/** An object or a part of one in words: 'column a of table t', 'constraint c on table t'. */
export function describeReference(
  catalog: Catalog,
  { oid, part }: ObjectReference,
  visible?: readonly number[],
): string {
  const whole = describeObject(catalog, oid, visible);
  const relation = catalog.relations.get(oid);
  if (part === undefined || relation === undefined) return whole;
  const column = relation.columns.find((one) => one.attribute === part.id)?.name ?? '?';
  if (part.kind === 'column') return `column ${column} of ${whole}`;
  if (part.kind === 'default') return `default value for column ${column} of ${whole}`;
  const constraints = 'constraints' in relation ? relation.constraints : [];
  return `constraint ${constraints.find((one) => one.oid === part.id)?.name ?? '?'} on ${whole}`;
}

/** The object with this oid in words, schema-qualified when its schema is not in `visible`. */
export function describeObject(
  catalog: Catalog,
  oid: number,
  visible: readonly number[] = [PG_CATALOG_OID, PUBLIC_OID],
): string {
  const qualified = (schemaOid: number, name: string) =>
    visible.includes(schemaOid) ? name : `${catalog.schemas.get(schemaOid)?.name ?? '?'}.${name}`;
  const relation = catalog.relations.get(oid);
  if (relation !== undefined) return `${KIND_WORDS[relation.kind]} ${qualified(relation.schemaOid, relation.name)}`;
  const schema = catalog.schemas.get(oid);
  if (schema !== undefined) return `schema ${schema.name}`;
  const one = catalog.functions.get(oid);
  if (one !== undefined) return `function ${qualified(one.schemaOid, functionSignature(one))}`;
  const role = catalog.roles.get(oid);
  return role !== undefined ? `role ${role.name}` : `object ${oid}`;
}
