// CREATE INDEX as text, as pg_indexes and pg_get_indexdef show it.
import { isKeyword } from '../../functions/scalar/quoting.ts';
import type { CatalogSnapshot, Index } from '../objects.ts';

/** The name as SQL text, quoted where it must be. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !isKeyword(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** What of pg_index.indoption is not the default: NULLs come first where the order descends. */
function orderWords(option: number): string {
  const descending = (option & 1) !== 0;
  const nullsFirst = (option & 2) !== 0;
  const nulls = nullsFirst === descending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST';
  return (descending ? ' DESC' : '') + nulls;
}

export function indexDefinition(catalog: CatalogSnapshot, index: Index): string {
  const table = catalog.relations.get(index.table);
  const schema = catalog.schemas.get(table?.schemaOid ?? 0)?.name ?? '';
  const keys = index.keyAttributes.map((key, i) => {
    const column = quoteName(table?.columns.find((one) => one.attribute === key)?.name ?? '');
    return column + orderWords(index.keyOptions?.[i] ?? 0);
  });
  const on = `${quoteName(schema)}.${quoteName(table?.name ?? '')}`;
  const distinct = index.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : '';
  const unique = index.unique ? 'UNIQUE ' : '';
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${on} USING btree (${keys.join(', ')})${distinct}`;
}
