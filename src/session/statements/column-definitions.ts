// Column definitions and table constraints of CREATE TABLE, CREATE STREAM and ALTER TABLE, put into a table draft.
import type { Column } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ColumnConstraint, ColumnDefinition, TableConstraint, TableElement } from '../../sql/ast-definition.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { addForeignKey } from './foreign-key-definitions.ts';
import { addCheck, addKey } from './key-definitions.ts';
import { addLike } from './like-clause.ts';
import { freeName, resolveTypeName } from './resolve-names.ts';
import { sequenceFromOptions } from './sequence-options.ts';
import { unsupported } from './statement-run.ts';
import { columnsRead, defaultText, generationText } from './stored-expressions.ts';
import { allocateOid, columnNamed, replaceColumn, type TableDraft } from './table-draft.ts';

const SERIALS: Readonly<Record<string, string>> = {
  serial: 'int4', serial4: 'int4', bigserial: 'int8', serial8: 'int8', smallserial: 'int2', serial2: 'int2',
}; // biome-ignore format: a small table

/** Columns first, then their constraints in order, then those of the table. */
export function addElements(draft: TableDraft, elements: readonly TableElement[]): void {
  const definitions: ColumnDefinition[] = [];
  for (const element of elements) {
    if (element.kind === 'column_definition') {
      addColumn(draft, element, draft.columns.length + 1);
      definitions.push(element);
    } else if (element.kind === 'like_clause') addLike(draft, element);
  }
  for (const definition of definitions) addColumnConstraints(draft, definition);
  for (const element of elements) {
    if (element.kind === 'column_definition' || element.kind === 'watermark' || element.kind === 'like_clause')
      continue;
    addTableConstraint(draft, element);
  }
}

/** The column alone; its constraints come once all columns are known. */
export function addColumn(draft: TableDraft, definition: ColumnDefinition, attribute: number): void {
  const { name, position } = definition;
  if (draft.columns.some((column) => column.name === name)) {
    throw sqlError('duplicate_column', `column "${name}" specified more than once`, { position });
  }
  if (definition.type === null) unsupported('a typed table', 'Name the columns and their types.', position);
  const serial = SERIALS[definition.type.name.at(-1)!];
  const type = serial === undefined ? resolveTypeName(definition.type) : ({ name: serial } as SqlType);
  if (type.name === 'void' || type.name === 'record' || type.name === 'unknown') {
    throw sqlError('invalid_table_definition', `column "${name}" has pseudo-type ${type.name}`, { position });
  }
  draft.columns.push({ name, attribute, type, notNull: serial !== undefined, defaultSql: null, generated: null });
  if (serial !== undefined) attachSequence(draft, name, type, [], null);
}

export function addColumnConstraints(draft: TableDraft, definition: ColumnDefinition): void {
  refuseConflicts(draft, definition);
  for (const constraint of definition.constraints) addColumnConstraint(draft, definition, constraint);
}

/** 42601 for constraints that contradict or repeat each other. */
function refuseConflicts(draft: TableDraft, { name, type, constraints }: ColumnDefinition): void {
  const where = `for column "${name}" of table "${draft.place.name}"`;
  const fail = (text: string, position: number) => {
    throw sqlError('syntax_error', `${text} ${where}`, { position });
  };
  const seen = new Set<string>();
  if (SERIALS[type?.name.at(-1) ?? ''] !== undefined) seen.add('default').add('not_null');
  for (const { kind, position } of constraints) {
    const nullable = kind === 'null' ? 'not_null' : kind === 'not_null' ? 'null' : '';
    if (seen.has(nullable)) fail('conflicting NULL/NOT NULL declarations', position);
    if (kind === 'default' && seen.has('default')) fail('multiple default values specified', position);
    if (kind === 'identity' && seen.has('identity')) fail('multiple identity specifications', position);
    if (kind === 'generated' && seen.has('generated')) fail('multiple generation clauses specified', position);
    seen.add(kind);
    if (seen.has('default') && seen.has('generated'))
      fail('both default and generation expression specified', position);
    if (seen.has('default') && seen.has('identity')) fail('both default and identity specified', position);
    if (seen.has('identity') && seen.has('generated'))
      fail('both identity and generation expression specified', position);
  }
}

/** The sequence behind serial and identity columns, and the default that draws from it. */
export function attachSequence(
  draft: TableDraft,
  columnName: string,
  type: SqlType,
  options: Parameters<typeof sequenceFromOptions>[1],
  identity: 'identity-always' | 'identity-default' | null,
): void {
  const { state, place } = draft;
  const taken = draft.sequences.map((sequence) => sequence.name);
  const name = freeName(state, place.schemaOid, [place.name, columnName, 'seq'], taken);
  const column = columnNamed(draft, columnName);
  const oid = allocateOid(draft);
  draft.sequences.push({
    kind: 'sequence',
    oid,
    name,
    schemaOid: place.schemaOid,
    owner: state.role.oid,
    columns: [],
    ownedBy: { table: place.oid, attribute: column.attribute },
    ...sequenceFromOptions(type, options),
  });
  replaceColumn(draft, { ...column, notNull: true, defaultSql: `nextval('${oid}'::regclass)`, generated: identity });
}

function addColumnConstraint(draft: TableDraft, definition: ColumnDefinition, constraint: ColumnConstraint): void {
  const column = columnNamed(draft, definition.name);
  const { name, position } = constraint;
  switch (constraint.kind) {
    case 'not_null':
      return replaceColumn(draft, { ...column, notNull: true });
    case 'null':
      return;
    case 'default': {
      const { sql: defaultSql, calls } = defaultText(draft.state, column, constraint.expression);
      return replaceColumn(draft, { ...column, defaultSql, calls });
    }
    case 'generated': {
      const { state, place, columns } = draft;
      const { expression } = constraint;
      const { sql: defaultSql, calls } = generationText(state, place.name, columns, column, expression);
      const read = columnsRead(expression);
      const generatedFrom = columns.filter((one) => read.includes(one.name)).map((one) => one.attribute);
      return replaceColumn(draft, { ...column, defaultSql, calls, generated: 'stored', generatedFrom });
    }
    case 'identity':
      return addIdentity(draft, column, constraint);
    case 'primary_key':
    case 'unique': {
      const primary = constraint.kind === 'primary_key';
      const nullsNotDistinct = constraint.kind === 'unique' && constraint.nullsNotDistinct;
      return addKey(draft, { primary, columns: [definition.name], name, nullsNotDistinct, position });
    }
    case 'check':
      return addCheck(draft, name, constraint.expression);
    case 'references':
      return addForeignKey(draft, name, [definition.name], constraint);
    default:
      return unsupported(
        `METADATA FROM '${constraint.from}'`,
        'No connector of this version gives metadata.',
        position,
      );
  }
}

function addIdentity(
  draft: TableDraft,
  column: Column,
  { always, options }: ColumnConstraint & { kind: 'identity' },
): void {
  if (!['int2', 'int4', 'int8'].includes(column.type.name)) {
    throw sqlError('invalid_parameter_value', 'identity column type must be smallint, integer, or bigint');
  }
  attachSequence(draft, column.name, column.type, options, always ? 'identity-always' : 'identity-default');
}

export function addTableConstraint(draft: TableDraft, constraint: TableConstraint): void {
  const { name, position } = constraint;
  switch (constraint.kind) {
    case 'table_primary_key':
    case 'table_unique': {
      if (constraint.usingIndex !== null)
        unsupported('ADD CONSTRAINT ... USING INDEX', 'Name the columns.', constraint.position);
      const primary = constraint.kind === 'table_primary_key';
      const { columns, nullsNotDistinct } = constraint;
      return addKey(draft, { primary, columns, name, nullsNotDistinct, position });
    }
    case 'table_check':
      return addCheck(draft, name, constraint.expression);
    case 'table_not_null':
      return replaceColumn(draft, { ...columnNamed(draft, constraint.column), notNull: true });
    case 'table_foreign_key':
      return addForeignKey(draft, name, constraint.localColumns, constraint);
    default:
      return unsupported('EXCLUDE', 'Use UNIQUE or CHECK.', constraint.position);
  }
}
