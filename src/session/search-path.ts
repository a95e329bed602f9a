// search_path: the setting's text to schema names that exist; pg_catalog is searched first unless it is named.
import type { CatalogSnapshot, Schema } from '../catalog/objects.ts';
import { sqlError } from '../errors/sql-error.ts';

/** Splits a list of identifiers (`"$user", public`), folding unquoted ones to lower case. */
export function splitIdentifiers(text: string): string[] {
  const names: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^",\s]+))\s*(,|$)/y;
  if (text.trim() === '') return names;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw sqlError('invalid_parameter_value', 'List syntax is invalid.');
    names.push(match[1] !== undefined ? match[1].replaceAll('""', '"') : match[2]!.toLowerCase());
    if (match[3] === '') break;
  }
  return names;
}

/** Schemas to search, in order, pg_catalog included. */
export function schemaSearchPath(setting: string, userName: string, catalog: CatalogSnapshot): readonly string[] {
  const names = splitIdentifiers(setting)
    .map((name) => (name === '$user' ? userName : name))
    .filter((name) => catalog.findSchema(name) !== undefined);
  return names.includes('pg_catalog') ? names : ['pg_catalog', ...names];
}

/** Where CREATE puts an object without a schema: the first of the path that is not implicit and `isOpen`. 3F000 if there is none. */
export function creationSchema(
  setting: string,
  userName: string,
  catalog: CatalogSnapshot,
  isOpen: (schema: Schema) => boolean,
): number {
  for (const name of splitIdentifiers(setting)) {
    const schema = catalog.findSchema(name === '$user' ? userName : name);
    if (schema !== undefined && isOpen(schema)) return schema.oid;
  }
  throw sqlError('invalid_schema_name', 'no schema has been selected to create in');
}
