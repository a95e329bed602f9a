// Relation names as text and back, as regclass and the catalog functions need them: qualified unless the search path finds them.
import type { Relation } from '../catalog/objects.ts';
import { splitIdentifiers } from './search-path.ts';
import type { SessionState } from './session-state.ts';
import { temporarySchemaName } from './temporary-schema.ts';

export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function isVisible(state: SessionState, relation: Relation): boolean {
  const catalog = state.catalog();
  for (const schema of state.searchPath()) {
    const found = catalog.findRelation(catalog.findSchema(schema)!.oid, relation.name);
    if (found !== undefined) return found.oid === relation.oid;
  }
  return false;
}

/** Its name as regclass prints it: qualified unless the search path finds it. */
export function relationText(state: SessionState, oid: number): string {
  const catalog = state.catalog();
  const relation = catalog.relations.get(oid);
  if (relation === undefined) return String(oid);
  const name = quoteIdentifier(relation.name);
  return isVisible(state, relation)
    ? name
    : `${quoteIdentifier(catalog.schemas.get(relation.schemaOid)!.name)}.${name}`;
}

/** An expression of the catalog as it is shown: relations that it keeps by oid by their names. */
export function expressionText(state: SessionState, sql: string): string {
  return sql.replaceAll(/'(\d+)'::regclass/g, (text, oid: string) =>
    state.catalog().relations.has(Number(oid))
      ? `'${relationText(state, Number(oid)).replaceAll("'", "''")}'::regclass`
      : text,
  );
}

/** The oid that `'name'::regclass` means; null: no such relation. */
export function relationOid(state: SessionState, text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const parts = splitIdentifiers(text.replaceAll(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ','));
  const catalog = state.catalog();
  if (parts.length > 1) {
    const name = parts.at(-2)!;
    const schema = catalog.findSchema(name === 'pg_temp' ? temporarySchemaName(state.startup.processId) : name);
    return (schema === undefined ? undefined : catalog.findRelation(schema.oid, parts.at(-1)!))?.oid ?? null;
  }
  for (const schema of state.searchPath()) {
    const found = catalog.findRelation(catalog.findSchema(schema)!.oid, parts[0]!);
    if (found !== undefined) return found.oid;
  }
  return null;
}
