// Names in scope: the tables of a FROM list, the columns that unqualified names may mean (USING merges two into one), the
// common table expressions, and the enclosing query's scope. Column ids are unique in a statement, so an outer reference
// is found by climbing and needs no depth.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import { BOOL, type SqlType } from '../../types/sql-type.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import type { ExpressionScope } from './expression-scope.ts';

export interface ScopeTable {
  readonly alias: string;
  readonly schema?: string;
  /** the relation's own name, where an alias hides it */
  readonly realName?: string;
  readonly relation?: number;
  readonly columns: readonly PlanColumn[];
  /** On the side of an outer join that may be missing. */
  readonly nullable?: boolean;
  /** A function's single column: the alias as a value is the column itself. */
  readonly scalar?: boolean;
  /** The rows of the last round of a recursion. */
  readonly working?: boolean;
  /** The hidden row id of a table, where it was asked for. */
  readonly rowId?: PlanColumn;
  /** Spark's window(): the time it was assigned by. */
  readonly windowTime?: Expression;
}

export interface Namespace {
  readonly tables: readonly ScopeTable[];
  /** What unqualified names and * see, in order. */
  readonly columns: readonly PlanColumn[];
}

export interface CteBinding {
  readonly id: number;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  /** The name stands for the rows of the last round, in the step of a recursion. */
  readonly working?: boolean;
  /** A data change without RETURNING: it has no rows to read. */
  readonly silent?: boolean;
}

export interface Scope {
  readonly parent: Scope | null;
  readonly namespace: Namespace;
  readonly ctes: ReadonlyMap<string, CteBinding>;
  /** Every table of this query's FROM so far, visible or not, and names that the same WITH defines further on: for error messages. */
  readonly rangeTable?: ScopeTable[];
  readonly laterCtes?: ReadonlySet<string>;
  /** In an expression's subquery: the clause around it, where an aggregate over that query's columns belongs. */
  readonly owner?: ExpressionScope;
}

export const NO_NAMES: Namespace = { tables: [], columns: [] };
const NO_CTES: ReadonlyMap<string, CteBinding> = new Map();

export function scopeOf(namespace: Namespace, parent: Scope | null, ctes: Scope['ctes'] = NO_CTES): Scope {
  return { parent, namespace, ctes };
}

/** A new query inside `parent`; its tables are noted as they are bound. */
export function queryLevel(parent: Scope | null, rangeTable: readonly ScopeTable[] = []): Scope {
  return { ...scopeOf(NO_NAMES, parent), rangeTable: [...rangeTable] };
}

export function findCte(scope: Scope | null, name: string): CteBinding | undefined {
  for (let at = scope; at !== null; at = at.parent) {
    const found = at.ctes.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Two FROM items side by side. Throws 42712 when both have the same alias. */
export function combineNamespaces(left: Namespace, right: Namespace): Namespace {
  for (const table of right.tables) {
    const twice = left.tables.find(
      (other) =>
        other.alias === table.alias &&
        (other.schema === table.schema || other.schema === undefined || table.schema === undefined),
    );
    if (twice !== undefined) {
      throw sqlError('duplicate_alias', `table name "${table.alias}" specified more than once`);
    }
  }
  return { tables: [...left.tables, ...right.tables], columns: [...left.columns, ...right.columns] };
}

function reference(column: PlanColumn, position: number, state: BindState): Expression {
  const expression = columnReference(column);
  state.positions.set(expression, position);
  const origin = state.origins.get(column.id);
  if (origin !== undefined) state.context.trace?.column(position, origin);
  return expression;
}

/** An unqualified name, here or in an enclosing query. Throws 42702 when ambiguous; undefined when there is none. */
export function findColumn(scope: Scope, name: string, position: number, state: BindState): Expression | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const found = at.namespace.columns.filter((column) => column.name === name);
    if (found.length > 1) {
      throw sqlError('ambiguous_column', `column reference "${name}" is ambiguous`, { position });
    }
    if (found[0] !== undefined) return reference(found[0], position, state);
    const hidden = name === 'tableoid' ? systemColumn(at.namespace.tables, name) : undefined;
    if (hidden !== undefined) return hidden;
  }
  return undefined;
}

function systemColumn(tables: readonly ScopeTable[], name: string): Expression | undefined {
  const table = tables.find((candidate) => candidate.relation !== undefined);
  if (name !== 'tableoid' || table?.relation === undefined) return undefined;
  return { kind: 'constant', type: { name: 'oid' }, value: table.relation };
}

/** A table by alias or schema.table, here or in an enclosing query. */
export function findTable(scope: Scope, qualifier: readonly string[], position: number): ScopeTable | undefined {
  const alias = qualifier.at(-1)!;
  const schema = qualifier.at(-2);
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const found = at.namespace.tables.filter(
      (table) => table.alias === alias && (schema === undefined || table.schema === schema),
    );
    if (found.length > 1) {
      throw sqlError('ambiguous_alias', `table reference "${alias}" is ambiguous`, { position });
    }
    if (found[0] !== undefined) return found[0];
  }
  return undefined;
}

/** table.column; undefined when the table has no such column. */
export function tableColumn(
  table: ScopeTable,
  name: string,
  position: number,
  state: BindState,
): Expression | undefined {
  const found = table.columns.filter((column) => column.name === name);
  if (found.length > 1) {
    throw sqlError('ambiguous_column', `column reference "${name}" is ambiguous`, { position });
  }
  if (found[0] !== undefined) return reference(found[0], position, state);
  if (table.rowId?.name === name) return columnReference(table.rowId);
  return systemColumn([table], name);
}

/** A table's alias used as a value: its row, or the value itself where a function gave a single column. */
export function wholeRow(table: ScopeTable, position: number, state: BindState): Expression {
  if (table.scalar === true && table.columns.length === 1) return reference(table.columns[0]!, position, state);
  const type: SqlType = { name: 'record', fields: table.columns.map(({ name, type }) => ({ name, type })) };
  const fields = table.columns.map((column) => reference(column, position, state));
  const row: Expression = { kind: 'row', type, fields };
  if (table.nullable !== true) return row;
  // a row that an outer join has made up is NULL as a whole: none of its columns has a value
  const missing = fields.map((arg): Expression => ({ kind: 'is-null', type: BOOL, arg, negated: false }));
  const when: Expression = { kind: 'and', type: BOOL, args: missing };
  return { kind: 'case', type, branches: [{ when, then: { kind: 'constant', type, value: null } }], otherwise: row };
}

/** The names of an outer join's side that may be missing. */
export function asNullable({ tables, columns }: Namespace): Namespace {
  return { tables: tables.map((table) => ({ ...table, nullable: true })), columns };
}

/** A table with fresh columns under an alias, its columns renamed by the alias's list. */
export function namedTable(
  alias: string,
  columns: readonly PlanColumn[],
  renames: readonly string[],
  state: BindState,
  extra: Omit<ScopeTable, 'alias' | 'columns'> = {},
): Namespace {
  if (renames.length > columns.length) {
    const text = `table "${alias}" has ${columns.length} columns available but ${renames.length} columns specified`;
    throw sqlError('invalid_column_reference', text);
  }
  const named = columns.map((column, i) => (renames[i] === undefined ? column : { ...column, name: renames[i]! }));
  for (const column of named) {
    if (!state.columnNames.has(column.id)) state.columnNames.set(column.id, `${alias}.${column.name}`);
  }
  return { tables: [{ alias, columns: named, ...extra }], columns: named };
}

/** Fresh columns with the same names and types. */
export function freshColumns(
  columns: readonly { readonly name: string; readonly type: SqlType }[],
  state: BindState,
): PlanColumn[] {
  return columns.map((column) => freshColumn(state, column.name, column.type));
}
