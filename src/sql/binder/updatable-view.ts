// Changing a table through a view: a view over one table (or stream, or such a view) by filters and a select list is taken apart, so that the
// change is one of the table below. The view's plan stays as the change's input, with the table's row id and columns carried along beside
// the view's own; a column of the view that is one of the table's can be set.
import type { Stream, Table, View } from '../../catalog/objects.ts';
import { hasPrivilege } from '../../catalog/privileges.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan, RowCheck } from '../../plan/logical.ts';
import { replaceDeep } from '../../plan/walk.ts';
import { conjunction, someExpression } from '../../plan/walk-expression.ts';
import { BOOL, INT8 } from '../../types/sql-type.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { expandView } from './bind-from.ts';

export type ChangeVerb = 'insert into' | 'update' | 'delete from';

export interface UpdatableView {
  readonly view: View;
  readonly base: Table | Stream;
  /** the table's row as the view's expressions read it, in attnum order */
  readonly row: readonly PlanColumn[];
  /** row id, `row`, then what the view computes; a stream's has no row id */
  readonly plan: LogicalPlan;
  readonly columns: readonly ViewColumn[];
  /** what WITH CHECK OPTION demands of the new row, over `row` */
  readonly checks: readonly RowCheck[];
}

interface ViewColumn {
  readonly name: string;
  /** in `plan` */
  readonly column: PlanColumn;
  /** over `row` */
  readonly value: Expression;
  /** index into `row`; null: computed */
  readonly base: number | null;
}

interface Layer {
  readonly view: View;
  readonly conditions: Expression[];
}

/** Why a node of the plan stands in the way, as PostgreSQL says it. */
const OBSTACLES: Partial<Record<LogicalPlan['kind'], string>> = {
  distinct: 'Views containing DISTINCT are not automatically updatable.',
  aggregate: 'Views that return aggregate functions are not automatically updatable.',
  window: 'Views that return window functions are not automatically updatable.',
  'project-set': 'Views that return set-returning functions are not automatically updatable.',
  limit: 'Views containing LIMIT or OFFSET are not automatically updatable.',
  'set-operation': 'Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.',
  cte: 'Views containing WITH are not automatically updatable.',
};
const OTHER_OBSTACLE = 'Views that do not select from a single table or view are not automatically updatable.';
const PRIVILEGES: Readonly<Record<ChangeVerb, string>> = {
  'insert into': 'INSERT',
  update: 'UPDATE',
  'delete from': 'DELETE',
};

/** Throws 55000 for a view that is more than filters and columns, 42501 where its owner may not do that. */
export function openView(view: View, verb: ChangeVerb, state: BindState): UpdatableView {
  const opened = new ViewChain(view, verb, state);
  const plan = opened.carry(expandView(view, state));
  const { base, row } = opened.bottom();
  const columns = opened.outputs.map((column, i): ViewColumn => {
    const value = opened.resolve(columnReference(column));
    const index = value.kind === 'column' ? row.findIndex(({ id }) => id === value.id) : -1;
    const name = view.columns[i]!.name;
    const shown = index < 0 ? column : { ...row[index]!, name };
    return { name, column: shown, value, base: index < 0 ? null : index };
  });
  requirePrivileges([...opened.layers.map((layer) => layer.view), base], PRIVILEGES[verb], state);
  return { view, base, row, plan, columns, checks: opened.checks() };
}

/** Which columns can be set, by attnum, and whether rows can only be added; undefined: the view cannot be changed through. */
export function updatableColumns(view: View, state: BindState): View['updatable'] {
  try {
    const { base, columns } = openView(view, 'update', state);
    return {
      insertOnly: base.kind === 'stream',
      columns: columns.flatMap((one, i) => (one.base === null ? [] : [i + 1])),
    };
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** The walk down a view's plan to its table. */
class ViewChain {
  readonly layers: Layer[] = [];
  outputs: readonly PlanColumn[] = [];
  private scan: { readonly base: Table | Stream; readonly row: readonly PlanColumn[] } | null = null;
  private readonly defined = new Map<number, Expression>();
  private readonly view: View;
  private readonly verb: ChangeVerb;
  private readonly state: BindState;

  constructor(view: View, verb: ChangeVerb, state: BindState) {
    this.view = view;
    this.verb = verb;
    this.state = state;
  }

  bottom() {
    if (this.scan === null) throw this.obstacle(OTHER_OBSTACLE);
    return this.scan;
  }

  /** The plan with the row id and all columns of the table beside its own; ORDER BY is left out. */
  carry(plan: LogicalPlan): LogicalPlan {
    if (this.outputs.length === 0) this.outputs = plan.columns;
    this.enterLayer(plan);
    switch (plan.kind) {
      case 'project': {
        plan.columns.forEach(({ id }, i) => {
          const value = plan.expressions[i]!;
          if (value.kind !== 'column' || value.id !== id) this.defined.set(id, value);
        });
        const input = this.carry(plan.input);
        const known = new Set(input.columns.map(({ id }) => id));
        const own = plan.columns.map((column, i) => ({ column, value: plan.expressions[i]! }));
        const added = own.filter(({ column }) => !known.has(column.id));
        return {
          kind: 'project',
          input,
          columns: [...input.columns, ...added.map(({ column }) => column)],
          expressions: [...input.columns.map(columnReference), ...added.map(({ value }) => value)],
        };
      }
      case 'filter': {
        this.layers.at(-1)!.conditions.push(plan.condition);
        const input = this.carry(plan.input);
        return { ...plan, input, columns: input.columns };
      }
      case 'sort':
        return this.carry(plan.input);
      case 'scan':
        return this.carryScan(plan);
      default:
        throw this.obstacle(OBSTACLES[plan.kind] ?? OTHER_OBSTACLE);
    }
  }

  /** An expression of the chain over the table's own columns. */
  resolve(expression: Expression): Expression {
    return replaceDeep(expression, (node) => {
      const value = node.kind === 'column' ? this.defined.get(node.id) : undefined;
      return value === undefined ? undefined : this.resolve(value);
    });
  }

  /** A view below one with CASCADED counts as if it had the option too. */
  checks(): RowCheck[] {
    let cascaded = false;
    return this.layers.flatMap(({ view, conditions }): RowCheck[] => {
      cascaded ||= view.checkOption === 'cascaded';
      if ((!cascaded && view.checkOption !== 'local') || conditions.length === 0) return [];
      const condition = this.resolve(conjunction(conditions)!);
      if (someExpression(condition, ({ kind }) => kind === 'subquery')) {
        throw sqlError('feature_not_supported', `WITH CHECK OPTION of view "${view.name}" needs a subquery`, {
          hint: 'Change the table itself.',
        });
      }
      const no: Expression = { kind: 'constant', type: BOOL, value: false };
      const certain: Expression = { kind: 'coalesce', type: BOOL, args: [condition, no] };
      return [{ constraint: view.name, condition: certain, attribute: 0, ofView: true }];
    });
  }

  private enterLayer(plan: LogicalPlan): void {
    const relation = this.state.context.catalog.relations.get(plan.columns[0]?.origin?.relation ?? 0);
    const entered = this.layers.at(-1)?.view;
    if (entered === undefined) this.layers.push({ view: this.view, conditions: [] });
    else if (plan.kind === 'project' && relation?.kind === 'view' && relation.oid !== entered.oid)
      this.layers.push({ view: relation, conditions: [] });
  }

  private carryScan(plan: Extract<LogicalPlan, { kind: 'scan' }>): LogicalPlan {
    const base = this.state.context.catalog.relations.get(plan.relation);
    if (base?.kind !== 'table' && base?.kind !== 'stream') throw this.obstacle(OTHER_OBSTACLE);
    this.scan = { base, row: plan.columns };
    if (base.kind === 'stream') return plan;
    const rowId = freshColumn(this.state, '_row_id', INT8);
    return { ...plan, columns: [rowId, ...plan.columns], attributes: [0, ...plan.attributes] };
  }

  private obstacle(detail: string): Error {
    const { verb, view } = this;
    return sqlError('object_not_in_prerequisite_state', `cannot ${verb} view "${view.name}"`, {
      detail,
      hint: 'Change the table under it.',
    });
  }
}

/** Each view's owner needs the privilege on what is below it. */
function requirePrivileges(chain: readonly (View | Table | Stream)[], privilege: string, state: BindState): void {
  const { catalog } = state.context;
  for (const [i, below] of chain.slice(1).entries()) {
    if (hasPrivilege(catalog, chain[i]!.owner, 'table', below, privilege)) continue;
    const word = below.kind === 'stream' ? 'foreign table' : below.kind;
    throw sqlError('insufficient_privilege', `permission denied for ${word} ${below.name}`);
  }
}
