// Types named by oid, for the signatures of functions: those of SQL and the pseudo-types.
import { formatTypeName, typeFromOid, typeNameInCatalog } from '../../types/type-table.ts';
import { builtInTypes } from '../pg-catalog/type-rows.ts';

const NAMES = new Map(builtInTypes().map((row) => [row.oid, row.name]));

/** pg_type.typname */
export function typeNameOf(oid: number): string | null {
  const type = typeFromOid(oid);
  return type === undefined ? (NAMES.get(oid) ?? null) : typeNameInCatalog(type);
}

/** data_type of information_schema */
export function typeTextOf(oid: number): string | null {
  const type = typeFromOid(oid);
  if (type === undefined) return NAMES.get(oid) ?? null;
  return type.name === 'array' ? 'ARRAY' : formatTypeName(type);
}
