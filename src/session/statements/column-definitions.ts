// Column definitions and constraints of CREATE TABLE and CREATE STREAM to catalog columns, keys, checks and sequences.
import type { Column, Constraint, Index, Sequence } from '../../catalog/objects.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../sql/ast.ts';
import type {
  ColumnConstraint,
  ColumnDefinition,
  QualifiedName,
  TableConstraint,
  TableElement,
} from '../../sql/ast-definition.ts';
import { bindScalarExpression } from '../../sql/binder/bind-statement.ts';
import { printExpression } from '../../sql/parser/print.ts';
import { BOOL, type SqlType } from '../../types/sql-type.ts';
import type { SessionState } from '../session-state.ts';
import { freeName, resolveTypeName } from './resolve-names.ts';
import { sequenceFromOptions } from './sequence-options.ts';
import { unsupported } from './statement-run.ts';

export interface TableParts {
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly sequences: readonly Sequence[];
}

export interface TablePlace {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
}

interface Draft {
  readonly state: SessionState;
  readonly place: TablePlace;
  readonly allocate: () => number;
  readonly columns: Column[];
  readonly constraints: Constraint[];
  readonly indexes: Index[];
  readonly sequences: Sequence[];
}

const SERIALS: Readonly<Record<string, string>> = {
  serial: 'int4', serial4: 'int4', bigserial: 'int8', serial8: 'int8', smallserial: 'int2', serial2: 'int2',
}; // biome-ignore format: a small table

export function buildTableParts(
  state: SessionState,
  place: TablePlace,
  elements: readonly TableElement[],
  allocate: () => number,
): TableParts {
  const draft: Draft = { state, place, allocate, columns: [], constraints: [], indexes: [], sequences: [] };
  const definitions = elements.filter((element) => element.kind === 'column_definition');
  for (const definition of definitions) addColumn(draft, definition);
  for (const definition of definitions) {
    for (const constraint of definition.constraints) addColumnConstraint(draft, definition, constraint);
  }
  for (const element of elements) {
    if (element.kind === 'column_definition' || element.kind === 'watermark') continue;
    if (element.kind === 'like_clause')
      unsupported('LIKE in CREATE TABLE', 'Use CREATE TABLE ... AS SELECT ... LIMIT 0.', element.position);
    addTableConstraint(draft, element);
  }
  const { columns, constraints, indexes, sequences } = draft;
  return { columns, constraints, indexes, sequences };
}

function addColumn(draft: Draft, definition: ColumnDefinition): void {
  if (draft.columns.some((column) => column.name === definition.name)) {
    throw sqlError('duplicate_column', `column "${definition.name}" specified more than once`, {
      position: definition.position,
    });
  }
  if (definition.type === null) unsupported('a typed table', 'Name the columns and their types.', definition.position);
  const serial = SERIALS[definition.type.name.at(-1)!];
  const type = serial === undefined ? resolveTypeName(definition.type) : ({ name: serial } as SqlType);
  if (type.name === 'void' || type.name === 'record' || type.name === 'unknown') {
    throw sqlError('invalid_table_definition', `column "${definition.name}" has pseudo-type ${type.name}`, {
      position: definition.position,
    });
  }
  const attribute = draft.columns.length + 1;
  draft.columns.push({
    name: definition.name,
    attribute,
    type,
    notNull: serial !== undefined,
    defaultSql: null,
    generated: null,
  });
  if (serial !== undefined) attachSequence(draft, definition.name, type, [], null);
}

/** The sequence behind serial and identity columns, and the default that draws from it. */
function attachSequence(
  draft: Draft,
  columnName: string,
  type: SqlType,
  options: Parameters<typeof sequenceFromOptions>[1],
  identity: 'identity-always' | 'identity-default' | null,
): void {
  const { state, place } = draft;
  const name = freeName(
    state,
    place.schemaOid,
    [place.name, columnName, 'seq'],
    draft.sequences.map((s) => s.name),
  );
  const column = columnNamed(draft, columnName);
  draft.sequences.push({
    kind: 'sequence',
    oid: draft.allocate(),
    name,
    schemaOid: place.schemaOid,
    owner: state.role.oid,
    columns: [],
    ownedBy: { table: place.oid, attribute: column.attribute },
    ...sequenceFromOptions(type, options),
  });
  const schema = state.catalog().schemas.get(place.schemaOid)!.name;
  const quote = (part: string) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`);
  const target = `${quote(schema)}.${quote(name)}`.replaceAll("'", "''");
  replaceColumn(draft, { ...column, notNull: true, defaultSql: `nextval('${target}'::regclass)`, generated: identity });
}

function addColumnConstraint(draft: Draft, definition: ColumnDefinition, constraint: ColumnConstraint): void {
  const column = columnNamed(draft, definition.name);
  switch (constraint.kind) {
    case 'not_null':
      return replaceColumn(draft, { ...column, notNull: true });
    case 'null':
      return;
    case 'default':
      checkDefault(draft, column, constraint.expression);
      return replaceColumn(draft, { ...column, defaultSql: printExpression(constraint.expression) });
    case 'generated':
      return replaceColumn(draft, {
        ...column,
        defaultSql: printExpression(constraint.expression),
        generated: 'stored',
      });
    case 'identity':
      return attachSequence(
        draft,
        definition.name,
        column.type,
        constraint.options,
        constraint.always ? 'identity-always' : 'identity-default',
      );
    case 'primary_key':
    case 'unique':
      return addKey(draft, constraint.kind === 'primary_key', [definition.name], constraint.name, constraint.position);
    case 'check':
      return addCheck(draft, constraint.name, constraint.expression, definition.name);
    case 'references':
      return noForeignKeys(constraint.table);
    default:
      return unsupported(
        `METADATA FROM '${constraint.from}'`,
        'No connector of this version gives metadata.',
        constraint.position,
      );
  }
}

function addTableConstraint(draft: Draft, constraint: TableConstraint): void {
  switch (constraint.kind) {
    case 'table_primary_key':
    case 'table_unique':
      return addKey(
        draft,
        constraint.kind === 'table_primary_key',
        constraint.columns,
        constraint.name,
        constraint.position,
      );
    case 'table_check':
      return addCheck(draft, constraint.name, constraint.expression, null);
    case 'table_not_null':
      return replaceColumn(draft, { ...columnNamed(draft, constraint.column), notNull: true });
    case 'table_foreign_key':
      return noForeignKeys(constraint.table);
    default:
      return unsupported('EXCLUDE', 'Use UNIQUE or CHECK.', constraint.position);
  }
}

function noForeignKeys(table: QualifiedName): never {
  return unsupported('FOREIGN KEY', 'Leave the REFERENCES clause out; check with a join.', table.position);
}

function columnNamed(draft: Draft, name: string): Column {
  const column = draft.columns.find((one) => one.name === name);
  if (column === undefined) throw undefinedKeyColumn(name);
  return column;
}

function undefinedKeyColumn(name: string): SqlError {
  return sqlError('undefined_column', `column "${name}" named in key does not exist`);
}

function replaceColumn(draft: Draft, column: Column): void {
  draft.columns[column.attribute - 1] = column;
}

function addKey(
  draft: Draft,
  primary: boolean,
  columns: readonly string[],
  name: string | null,
  position: number,
): void {
  const { state, place } = draft;
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
  if (primary) for (const key of keys) replaceColumn(draft, { ...key, notNull: true });
  const taken = draft.indexes.map((index) => index.name);
  const suffix = primary ? [place.name, 'pkey'] : [place.name, ...columns, 'key'];
  const indexName = name ?? freeName(state, place.schemaOid, suffix, taken);
  const indexOid = draft.allocate();
  draft.indexes.push({
    kind: 'index',
    oid: indexOid,
    name: indexName,
    schemaOid: place.schemaOid,
    owner: state.role.oid,
    columns: keys.map((key, i) => ({ ...key, attribute: i + 1, notNull: false, defaultSql: null, generated: null })),
    table: place.oid,
    keyAttributes: keys.map((key) => key.attribute),
    unique: true,
    primary,
  });
  draft.constraints.push({
    oid: draft.allocate(),
    name: indexName,
    kind: primary ? 'primary-key' : 'unique',
    columns: keys.map((key) => key.attribute),
    checkSql: null,
    indexOid,
  });
}

function addCheck(draft: Draft, name: string | null, expression: Expression, column: string | null): void {
  const base = column === null ? [draft.place.name, 'check'] : [draft.place.name, column, 'check'];
  const taken = draft.constraints.map((constraint) => constraint.name);
  let free = name ?? base.join('_');
  for (let i = 1; taken.includes(free) && name === null; i++) free = `${base.join('_')}${i}`;
  if (taken.includes(free)) {
    throw sqlError('duplicate_object', `constraint "${free}" for relation "${draft.place.name}" already exists`);
  }
  draft.constraints.push({
    oid: draft.allocate(),
    name: free,
    kind: 'check',
    columns: [],
    checkSql: printExpression(expression),
    indexOid: null,
  });
  const columns = draft.columns.map((column) => ({ id: column.attribute, name: column.name, type: column.type }));
  const options = { relation: draft.place.name, clause: 'check constraints', target: BOOL };
  bindScalarExpression(expression, columns, draft.state.bindContext(), options);
}

function checkDefault(draft: Draft, column: Column, expression: Expression): void {
  bindScalarExpression(expression, [], draft.state.bindContext(), { target: column.type });
}
