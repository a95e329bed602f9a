// Relation names to catalog objects along the search path.
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { QualifiedName } from '../ast-definition.ts';
import type { BindState } from './bind-context.ts';

/** Throws 42P01 'relation "x" does not exist', 0A000 for another database. */
export function findRelation(name: QualifiedName, state: BindState): Relation {
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
  throw sqlError('undefined_table', `relation "${parts.join('.')}" does not exist`, { position });
}
