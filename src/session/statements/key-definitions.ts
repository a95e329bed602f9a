// Constraints of a table in the making: primary keys and unique constraints with their indexes, checks.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../sql/ast.ts';
import { alreadyTaken, freeName } from './resolve-names.ts';
import { columnsRead, conditionText } from './stored-expressions.ts';
import { allocateOid, columnNamed, constraintName, replaceColumn, type TableDraft } from './table-draft.ts';

export interface KeySyntax {
  readonly primary: boolean;
  readonly columns: readonly string[];
  readonly name: string | null;
  readonly nullsNotDistinct: boolean;
  readonly position: number;
}

export function addKey(draft: TableDraft, key: KeySyntax): void {
  const { state, place } = draft;
  const { primary, columns, position } = key;
  if (primary && draft.constraints.some((constraint) => constraint.kind === 'primary-key')) {
    throw sqlError('invalid_table_definition', `multiple primary keys for table "${place.name}" are not allowed`, {
      position,
    });
  }
  const keys = columns.map((column) => columnNamed(draft, column));
  const duplicate = columns.find((column, i) => columns.indexOf(column) !== i);
  if (duplicate !== undefined) {
    throw sqlError(
      'duplicate_column',
      `column "${duplicate}" appears twice in ${primary ? 'primary key' : 'unique'} constraint`,
      { position },
    );
  }
  if (primary) for (const one of keys) replaceColumn(draft, { ...one, notNull: true });
  const taken = draft.indexes.map((index) => index.name);
  const suffix = primary ? [place.name, 'pkey'] : [place.name, ...columns, 'key'];
  const name = key.name ?? freeName(state, place.schemaOid, suffix, taken);
  if (key.name !== null) alreadyTaken(state, place.schemaOid, name);
  const attributes = keys.map((one) => one.attribute);
  const nullsNotDistinct = key.nullsNotDistinct ? { nullsNotDistinct: true } : {};
  const indexOid = allocateOid(draft);
  draft.indexes.push({
    kind: 'index',
    oid: indexOid,
    name,
    schemaOid: place.schemaOid,
    owner: state.role.oid,
    columns: keys.map((one, i) => ({ ...one, attribute: i + 1, notNull: false, defaultSql: null, generated: null })),
    table: place.oid,
    keyAttributes: attributes,
    unique: true,
    primary,
    ...nullsNotDistinct,
  });
  draft.constraints.push({
    oid: allocateOid(draft),
    name: constraintName(draft, name, []),
    kind: primary ? 'primary-key' : 'unique',
    columns: attributes,
    checkSql: null,
    indexOid,
    ...nullsNotDistinct,
  });
}

/** A check is named after its column where it reads exactly one. */
export function addCheck(draft: TableDraft, name: string | null, condition: Expression): void {
  const { sql: checkSql, calls } = conditionText(draft.state, draft.place.name, draft.columns, condition);
  const read = draft.columns.filter((column) => columnsRead(condition).includes(column.name));
  const middle = read.length === 1 ? [read[0]!.name] : [];
  draft.constraints.push({
    oid: allocateOid(draft),
    name: constraintName(draft, name, [draft.place.name, ...middle, 'check']),
    kind: 'check',
    columns: read.map((column) => column.attribute),
    checkSql,
    calls,
    indexOid: null,
  });
}
