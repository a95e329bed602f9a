// Relation names to catalog objects along the search path.
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { QualifiedName } from '../ast-definition.ts';
import type { BindState } from './bind-context.ts';
import type { Scope } from './scope.ts';

/** Throws 42P01 'relation "x" does not exist', 0A000 for another database. `scope`: whose WITH queries may explain the error. */
export function findRelation(name: QualifiedName, state: BindState, scope: Scope | null = null): Relation {
  const { catalog, searchPath, temporarySchema, database } = state.context;
  const { parts, position } = name;
  const plain = parts.at(-1)!;
  if (parts.length > 3 || (parts.length === 3 && parts[0] !== database)) {
    throw sqlError('feature_not_supported', `cross-database references are not implemented: "${parts.join('.')}"`, {
      position,
    });
  }
  const first = temporarySchema === undefined ? [] : [temporarySchema];
  const path = searchPath.includes('pg_catalog') ? searchPath : ['pg_catalog', ...searchPath];
  const schemas =
    parts.length > 1
      ? [parts.at(-2) === 'pg_temp' ? (temporarySchema ?? 'pg_temp') : parts.at(-2)!]
      : [...first, ...path];
  for (const schemaName of schemas) {
    const schema = catalog.findSchema(schemaName);
    const found = schema && catalog.findRelation(schema.oid, plain);
    if (found !== undefined) return found;
  }
  const later = parts.length === 1 && definesLater(scope, plain);
  throw sqlError('undefined_table', `relation "${parts.join('.')}" does not exist`, {
    position,
    ...(later && {
      detail: `There is a WITH item named "${plain}", but it cannot be referenced from this part of the query.`,
      hint: 'Use WITH RECURSIVE, or re-order the WITH items to remove forward references.',
    }),
  });
}

function definesLater(scope: Scope | null, name: string): boolean {
  for (let at = scope; at !== null; at = at.parent) if (at.laterCtes?.has(name)) return true;
  return false;
}
