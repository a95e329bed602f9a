// FOREIGN KEY of a table in the making: what it refers to is looked up and checked as PostgreSQL does.
import type { Column, Relation, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ConstraintTiming, QualifiedName, References } from '../../sql/ast-definition.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import { requireRelationPrivilege } from '../privileges.ts';
import { requireRelation } from './resolve-names.ts';
import { unsupported } from './statement-run.ts';
import { allocateOid, constraintName, type TableDraft } from './table-draft.ts';

const COMPARABLE: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8'],
  ['text', 'varchar'],
];

export function addForeignKey(
  draft: TableDraft,
  name: string | null,
  localColumns: readonly string[],
  syntax: References & ConstraintTiming & { readonly position: number },
): void {
  refuse(syntax);
  const columns = localColumns.map((column) => referencing(draft, column));
  const target = referencedTable(draft, syntax);
  const { keys, indexOid } = referencedKey(draft, target, syntax);
  if (keys.length !== columns.length) {
    throw sqlError('invalid_foreign_key', 'number of referencing and referenced columns for foreign key disagree');
  }
  const constraint = constraintName(draft, name, [draft.place.name, ...localColumns, 'fkey']);
  for (const [i, column] of columns.entries()) requireComparable(constraint, column, keys[i]!);
  draft.constraints.push({
    oid: allocateOid(draft),
    name: constraint,
    kind: 'foreign-key',
    columns: columns.map((column) => column.attribute),
    checkSql: null,
    indexOid: null,
    foreign: {
      table: target.oid,
      columns: keys.map((key) => key.attribute),
      indexOid,
      match: syntax.match === 'full' ? 'full' : 'simple',
      onDelete: syntax.onDelete,
      onUpdate: syntax.onUpdate,
      onDeleteColumns: syntax.onDeleteColumns.map((column) => settable(draft, localColumns, column)),
    },
  });
}

function refuse(syntax: References & ConstraintTiming & { readonly position: number }): void {
  if (syntax.deferrable || syntax.initiallyDeferred)
    unsupported('a DEFERRABLE foreign key', 'Leave DEFERRABLE out: it is checked by each statement.', syntax.position);
  if (syntax.notValid) unsupported('NOT VALID', 'Leave it out: the rows are checked at once.', syntax.position);
  if (syntax.match === 'partial')
    throw sqlError('feature_not_supported', 'MATCH PARTIAL not yet implemented', { position: syntax.position });
}

function referencing(draft: TableDraft, name: string): Column {
  const column = draft.columns.find((one) => one.name === name);
  if (column !== undefined) return column;
  throw sqlError('undefined_column', `column "${name}" referenced in foreign key constraint does not exist`);
}

function settable(draft: TableDraft, localColumns: readonly string[], name: string): number {
  const column = referencing(draft, name);
  if (localColumns.includes(name)) return column.attribute;
  const text = `column "${name}" referenced in ON DELETE SET action must be part of foreign key`;
  throw sqlError('invalid_column_reference', text);
}

/** The table itself while it is being created, or one of the catalog. */
function referencedTable(
  draft: TableDraft,
  { table }: References,
): Pick<Table, 'oid' | 'name' | 'columns' | 'temporary'> {
  const { place } = draft;
  if (isOwnName(draft, table))
    return { oid: place.oid, name: place.name, columns: draft.columns, temporary: draft.temporary };
  const relation: Relation = requireRelation(draft.state, table);
  if (relation.kind !== 'table') {
    throw sqlError('wrong_object_type', `referenced relation "${relation.name}" is not a table`);
  }
  requireRelationPrivilege(draft.state, relation, 'REFERENCES');
  if (relation.temporary !== draft.temporary) {
    const kind = draft.temporary ? 'temporary' : 'permanent';
    throw sqlError('invalid_table_definition', `constraints on ${kind} tables may reference only ${kind} tables`);
  }
  return relation;
}

/** Whether a name will mean the table that is being created: by its schema, or because nothing before it in the search path has the name. */
function isOwnName({ state, place }: TableDraft, { parts }: QualifiedName): boolean {
  const catalog = state.catalog();
  if (catalog.relations.has(place.oid) || parts.at(-1) !== place.name) return false;
  const schemas = parts.length > 1 ? [parts.at(-2)!] : state.searchPath();
  for (const name of schemas) {
    const schemaOid = catalog.findSchema(name)?.oid;
    if (schemaOid === place.schemaOid) return true;
    if (schemaOid !== undefined && catalog.findRelation(schemaOid, place.name) !== undefined) return false;
  }
  return false;
}

/** The referenced columns (default: the primary key) and the unique index over them. */
function referencedKey(
  draft: TableDraft,
  target: Pick<Table, 'oid' | 'name' | 'columns'>,
  syntax: References,
): { keys: Column[]; indexOid: number } {
  const indexes = [
    ...[...draft.state.catalog().relations.values()].filter((one) => one.kind === 'index'),
    ...draft.indexes,
  ].filter((index) => index.table === target.oid && index.unique);
  const named = (attribute: number) => target.columns.find((column) => column.attribute === attribute)!;
  if (syntax.columns.length === 0) {
    const primary = indexes.find((index) => index.primary);
    if (primary !== undefined) return { keys: primary.keyAttributes.map(named), indexOid: primary.oid };
    throw sqlError('undefined_object', `there is no primary key for referenced table "${target.name}"`);
  }
  const keys = syntax.columns.map((name) => {
    const column = target.columns.find((one) => one.name === name);
    if (column !== undefined) return column;
    throw sqlError('undefined_column', `column "${name}" referenced in foreign key constraint does not exist`);
  });
  const wanted = keys
    .map((key) => key.attribute)
    .sort()
    .join();
  const index = indexes.find((one) => [...one.keyAttributes].sort().join() === wanted);
  if (index !== undefined) return { keys, indexOid: index.oid };
  throw sqlError(
    'invalid_foreign_key',
    `there is no unique constraint matching given keys for referenced table "${target.name}"`,
  );
}

function requireComparable(constraint: string, column: Column, key: Column): void {
  if (comparable(column.type, key.type)) return;
  throw sqlError('datatype_mismatch', `foreign key constraint "${constraint}" cannot be implemented`, {
    detail: `Key columns "${column.name}" and "${key.name}" are of incompatible types: ${formatTypeName(column.type)} and ${formatTypeName(key.type)}.`,
  });
}

/** Types whose equal values have the same form, or the same after conversion between integers. */
function comparable(a: SqlType, b: SqlType): boolean {
  return a.name === b.name || COMPARABLE.some((names) => names.includes(a.name) && names.includes(b.name));
}
