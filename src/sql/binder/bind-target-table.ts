// What INSERT, UPDATE and DELETE share: the target table, its defaults, generated columns and checks, RETURNING.
import type { Column, Constraint, Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { RowCheck } from '../../plan/logical.ts';
import { replaceDeep } from '../../plan/walk.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import type * as change from '../ast-change.ts';
import type { QualifiedName } from '../ast-definition.ts';
import { parseExpression } from '../parser/parse.ts';
import { type BindState, freshColumn, newState } from './bind-context.ts';
import { bindCondition } from './bind-operator.ts';
import { bindTargets } from './bind-select.ts';
import { coerce, nullOf, settle } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { newCollected, plainScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { findRelation } from './relation-names.ts';
import { type Namespace, namedTable, type Scope, scopeOf } from './scope.ts';
import { canCoerce } from './type-rules.ts';
import { type ChangeVerb, openView, type UpdatableView } from './updatable-view.ts';

export interface TargetTable {
  readonly relation: Relation;
  /** in attnum order */
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  /** the view through which it is changed */
  readonly view: UpdatableView | null;
  readonly verb: ChangeVerb;
}

/** Throws 42P01, or 42809/55000 for what cannot be changed. */
export function targetTable(name: QualifiedName, verb: ChangeVerb, state: BindState): TargetTable {
  const { position } = name;
  const named = findRelation(name, state);
  const view = named.kind === 'view' ? openView(named, verb, state) : null;
  const relation = view === null ? named : view.base;
  switch (relation.kind) {
    case 'table':
      break;
    case 'stream':
      if (verb !== 'insert into') {
        throw sqlError('feature_not_supported', `cannot ${verb} stream "${relation.name}"`, {
          detail: 'A stream is append-only.',
          position,
        });
      }
      break;
    case 'materialized-view':
      throw sqlError('wrong_object_type', `cannot change materialized view "${relation.name}"`, { position });
    case 'system-table':
    case 'system-view':
      throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`, {
        position,
      });
    default:
      throw sqlError('wrong_object_type', `cannot change ${relation.kind} "${relation.name}"`);
  }
  state.written.add(relation.oid);
  if (view !== null) state.read.add(view.view.oid);
  const columns = [...relation.columns].sort((a, b) => a.attribute - b.attribute);
  return { relation, columns, constraints: relation.constraints, view, verb };
}

/** What the statement calls the table. */
export function targetName({ relation, view }: TargetTable): string {
  return view === null ? relation.name : view.view.name;
}

/** The names of a row of the table, or of the view through which it is changed. */
export interface RowNames {
  readonly namespace: Namespace;
  /** an expression over those names as one over the row's columns */
  over(expression: Expression): Expression;
}

export function rowNames(
  table: TargetTable,
  alias: string,
  renames: readonly string[],
  row: readonly PlanColumn[],
  state: BindState,
): RowNames {
  const { relation, view } = table;
  const extra = { relation: relation.oid, realName: targetName(table) };
  if (view === null) return { namespace: namedTable(alias, row, renames, state, extra), over: (e) => e };
  const computed = new Map<number, Expression>();
  const columns = view.columns.map(({ name, base, value }): PlanColumn => {
    if (base !== null) return { ...row[base]!, name };
    const column = freshColumn(state, name, value.type);
    computed.set(column.id, overRow(view, value, row));
    return column;
  });
  const over = (expression: Expression) =>
    replaceDeep(expression, (node) => (node.kind === 'column' ? computed.get(node.id) : undefined));
  return { namespace: namedTable(alias, columns, renames, state, extra), over };
}

/** An expression over the view's table, over another row of it. */
function overRow({ row: old }: UpdatableView, expression: Expression, row: readonly PlanColumn[]): Expression {
  const places = new Map(old.map(({ id }, i) => [id, columnReference(row[i]!)]));
  return replaceDeep(expression, (node) => (node.kind === 'column' ? places.get(node.id) : undefined));
}

export function targetColumn(table: TargetTable, target: change.ColumnTarget): number {
  if (table.view !== null) return viewColumn(table, table.view, target);
  const index = table.columns.findIndex((column) => column.name === target.name);
  if (index < 0) {
    const text = `column "${target.name}" of relation "${table.relation.name}" does not exist`;
    throw sqlError('undefined_column', text, { position: target.position });
  }
  return index;
}

function viewColumn({ verb }: TargetTable, { view, columns }: UpdatableView, target: change.ColumnTarget): number {
  const { name, position } = target;
  const column = columns.find((one) => one.name === name);
  if (column === undefined) {
    const text = `column "${name}" of relation "${view.name}" does not exist`;
    throw sqlError('undefined_column', text, { position });
  }
  if (column.base !== null) return column.base;
  const what = verb === 'insert into' ? 'insert into' : 'update';
  throw sqlError('feature_not_supported', `cannot ${what} column "${name}" of view "${view.name}"`, {
    detail: 'View columns that are not columns of their base relation are not updatable.',
  });
}

/** Throws 42804 'column "a" is of type integer but expression is of type text'. */
export function assignTo(
  column: Column,
  value: Expression,
  state: BindState,
  syntax: ast.Expression | { readonly position: number } | undefined,
): Expression {
  if (!canCoerce(value.type, column.type, 'assignment', state)) {
    const position = syntax !== undefined && 'kind' in syntax ? startOf(syntax) : syntax?.position;
    const text = `column "${column.name}" is of type ${formatTypeName(column.type)} but expression is of type ${formatTypeName(value.type)}`;
    throw sqlError('datatype_mismatch', text, {
      ...(position === undefined ? {} : { position }),
      hint: 'You will need to rewrite or cast the expression.',
    });
  }
  return coerce(value, column.type, 'assignment', state, syntax?.position);
}

/** Errors and positions of stored expressions belong to their own text, not to the statement's. */
function storedState(state: BindState): BindState {
  return { ...newState(state.context), nextId: state.nextId, read: state.read };
}

/** The column's default, NULL without one. */
export function defaultOf(column: Column, state: BindState): Expression {
  if (column.defaultSql === null || column.generated === 'stored') return nullOf(column.type);
  const syntax = parseExpression(column.defaultSql);
  const scope = plainScope(storedState(state), scopeOf({ tables: [], columns: [] }, null), 'DEFAULT expressions');
  return withoutPositions(assignTo(column, bindExpression(syntax, scope), state, undefined));
}

function withoutPositions(e: Expression): Expression {
  if (e.kind !== 'call') return e;
  const { position, ...rest } = e;
  void position;
  return { ...rest, args: e.args.map(withoutPositions) };
}

/** Fresh columns for a row of the table; they know where they come from, for RETURNING's RowDescription. */
export function rowColumns(table: TargetTable, state: BindState): PlanColumn[] {
  return table.columns.map((column) => {
    const origin = { relation: table.relation.oid, attribute: column.attribute };
    const fresh = freshColumn(state, column.name, column.type, origin);
    state.origins.set(fresh.id, { ...origin, scan: fresh.id });
    return fresh;
  });
}

function rowScope(table: TargetTable, columns: readonly PlanColumn[]): Scope {
  return scopeOf({ tables: [{ alias: table.relation.name, columns, relation: table.relation.oid }], columns }, null);
}

/** A generated column's value over the given row. */
export function generatedValue(
  table: TargetTable,
  column: Column,
  row: readonly PlanColumn[],
  state: BindState,
): Expression {
  const syntax = parseExpression(column.defaultSql ?? 'null');
  const at = plainScope(storedState(state), rowScope(table, row), 'column generation expressions');
  return withoutPositions(assignTo(column, bindExpression(syntax, at), state, undefined));
}

/** NOT NULL and CHECK over the new row. */
export function rowChecks(table: TargetTable, row: readonly PlanColumn[], state: BindState): RowCheck[] {
  const notNull = table.columns
    .filter((column) => column.notNull)
    .map((column): RowCheck => ({ constraint: column.name, condition: null, attribute: column.attribute }));
  const checks = table.constraints
    .filter((constraint) => constraint.kind === 'check' && constraint.checkSql !== null)
    .map((constraint): RowCheck => {
      const at = plainScope(storedState(state), rowScope(table, row), 'check constraints');
      const condition = bindCondition(parseExpression(constraint.checkSql!), 'CHECK', at);
      return { constraint: constraint.name, condition: withoutPositions(condition), attribute: 0 };
    });
  const { view } = table;
  const demanded = view?.checks.map((check) => ({ ...check, condition: overRow(view, check.condition!, row) })) ?? [];
  return [...notNull, ...checks, ...demanded];
}

/** RETURNING over the names in `namespace`; `over` makes expressions over rows of them. */
export function bindReturning(
  targets: readonly ast.Target[],
  namespace: Namespace,
  outer: Scope | null,
  state: BindState,
  over: RowNames['over'] = (e) => e,
): { readonly columns: PlanColumn[]; readonly returning: Expression[] } {
  const at = {
    ...plainScope(state, scopeOf(namespace, outer), 'RETURNING'),
    collected: newCollected(),
  };
  const bound = bindTargets(targets, at).map((target) => ({ ...target, expression: settle(target.expression, state) }));
  return {
    columns: bound.map((target) => freshColumn(state, target.name, target.expression.type, target.origin)),
    returning: bound.map((target) => over(target.expression)),
  };
}

/** Throws 428C9 for values given to generated and identity-always columns. */
export function refuseGenerated(column: Column, verb: 'insert' | 'update'): void {
  if (column.generated === 'stored' || column.generated === 'identity-always') {
    const stored = column.generated === 'stored';
    const text =
      verb === 'insert'
        ? `cannot insert a non-DEFAULT value into column "${column.name}"`
        : `column "${column.name}" can only be updated to DEFAULT`;
    throw sqlError('generated_always', text, {
      detail: stored
        ? `Column "${column.name}" is a generated column.`
        : `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`,
      ...(stored || verb === 'update' ? {} : { hint: 'Use OVERRIDING SYSTEM VALUE to override.' }),
    });
  }
}
