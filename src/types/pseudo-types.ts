// Pseudo-types: names that only signatures have. No value is of one, so they are no SqlType; catalogs, regtype and format_type know them.
import { formatTypeName, typeFromOid } from './type-table.ts';

export const PSEUDO_TYPE_OIDS = {
  any: 2276,
  anyelement: 2283,
  anyarray: 2277,
  anynonarray: 2776,
  anycompatible: 5077,
  anycompatiblearray: 5078,
  cstring: 2275,
  internal: 2281,
  trigger: 2279,
  event_trigger: 3838,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PSEUDO_TYPE_OIDS).map(([name, oid]) => [oid, name === 'any' ? '"any"' : name]),
);

/** The oid of a pseudo-type; undefined: no such one. */
export function pseudoTypeOid(name: string): number | undefined {
  return Object.hasOwn(PSEUDO_TYPE_OIDS, name) ? PSEUDO_TYPE_OIDS[name as keyof typeof PSEUDO_TYPE_OIDS] : undefined;
}

/** A type or pseudo-type without modifiers, as regtype prints it; undefined for an oid that is neither. */
export function typeNameOfOid(oid: number): string | undefined {
  const type = typeFromOid(oid);
  return type === undefined ? NAMES.get(oid) : formatTypeName(type);
}
