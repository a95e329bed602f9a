// Subqueries inside an expression become columns of the node's input. On the way down two things are noted: under which condition the
// place is evaluated (a CASE branch, what follows in AND, OR and COALESCE), because errors of a subquery belong only to rows that get
// there, and what may stand for NULL there: WHERE and WHEN treat it as false, so that IN needs to know matches only.
import type { Expression, SubqueryExpression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { mayFail } from '../../plan/sure-expressions.ts';
import { conjunction, mapChildren, someExpression } from '../../plan/walk-expression.ts';
import { coalesce, isNull, not, TRUE } from './build-plan.ts';
import { isVolatile } from './expression-facts.ts';
import type { RuleContext } from './rule.ts';

export interface Place {
  /** All of them are true where the place is evaluated. */
  readonly guards: readonly Expression[];
  /** what the place may give instead of NULL; null: nothing */
  readonly forNull: boolean | null;
}

export interface Lifted {
  readonly input: LogicalPlan;
  readonly value: Expression;
}

/** Adds a column for a subquery whose compared arguments are free of subqueries. */
export type Lift = (input: LogicalPlan, subquery: SubqueryExpression, place: Place) => Lifted;

interface Known extends Place {
  readonly value: Expression;
}

export const isSubquery = (node: Expression): node is SubqueryExpression => node.kind === 'subquery';
export const hasSubquery = (expression: Expression): boolean => someExpression(expression, isSubquery);

/** Anywhere, for its exact value. */
export const EXACT: Place = { guards: [], forNull: null };
/** A condition that a row must pass. */
export const CONDITION: Place = { guards: [], forNull: false };

export class LiftSubqueries {
  input: LogicalPlan;
  private readonly lift: Lift;
  private readonly context: RuleContext;
  private readonly known = new Map<SubqueryExpression, Known[]>();

  constructor(input: LogicalPlan, lift: Lift, context: RuleContext) {
    this.input = input;
    this.lift = lift;
    this.context = context;
  }

  /** The expression without subqueries, over the columns of `input`. */
  replace(expression: Expression, place: Place = EXACT): Expression {
    if (!hasSubquery(expression)) return expression;
    switch (expression.kind) {
      case 'subquery':
        return this.subquery(expression, place);
      case 'not': {
        const forNull = place.forNull === null ? null : !place.forNull;
        return mapChildren(expression, (arg) => this.replace(arg, { ...place, forNull }));
      }
      case 'is-distinct': {
        // x IS TRUE is the same for NULL and false, x IS FALSE for NULL and true.
        const { right } = expression;
        const forNull = right.kind === 'constant' && typeof right.value === 'boolean' ? !right.value : null;
        return mapChildren(expression, (child) => this.replace(child, { ...place, forNull }));
      }
      case 'and':
        return this.inOrder(expression, place, (arg) => coalesce([arg, TRUE]));
      case 'or':
        return this.inOrder(expression, place, isNotTrue);
      case 'coalesce':
        return this.coalesce(expression, place);
      case 'case':
        return this.cases(expression, place);
      default:
        return mapChildren(expression, (child) => this.replace(child, { ...place, forNull: null }));
    }
  }

  /** Each argument is evaluated where all before it went on. */
  private inOrder(expression: Expression, place: Place, goesOn: (arg: Expression) => Expression): Expression {
    let { guards } = place;
    return mapChildren(expression, (arg) => {
      const next = this.replace(arg, { ...place, guards });
      guards = this.narrowed(guards, goesOn(next));
      return next;
    });
  }

  /** What stands behind the last subquery in COALESCE stands for its NULL: x IS TRUE is coalesce(x, false). */
  private coalesce(expression: Extract<Expression, { kind: 'coalesce' }>, place: Place): Expression {
    const [, second] = expression.args;
    const forNull = second?.kind === 'constant' && typeof second.value === 'boolean' ? second.value : null;
    return this.inOrder(expression, { ...place, forNull }, (arg) => isNull(arg));
  }

  private cases(expression: Extract<Expression, { kind: 'case' }>, place: Place): Expression {
    let { guards } = place;
    const branches = expression.branches.map((branch) => {
      const when = this.replace(branch.when, { guards, forNull: false });
      const then = this.replace(branch.then, { ...place, guards: this.narrowed(guards, when) });
      guards = this.narrowed(guards, isNotTrue(when));
      return { when, then };
    });
    const otherwise = expression.otherwise === null ? null : this.replace(expression.otherwise, { ...place, guards });
    return { ...expression, branches, otherwise };
  }

  /** A volatile condition cannot be asked twice: the place then counts as evaluated more often than it is. */
  private narrowed(guards: readonly Expression[], condition: Expression): readonly Expression[] {
    return isVolatile(condition, this.context.functions) ? guards : [...guards, condition];
  }

  private subquery(expression: SubqueryExpression, place: Place): Expression {
    const known = this.known.get(expression) ?? [];
    const serves = known.find(
      ({ guards, forNull }) =>
        (forNull === null || forNull === place.forNull) && guards.every((guard) => place.guards.includes(guard)),
    );
    if (serves !== undefined) return serves.value;
    const next = mapChildren(expression, (arg) => guarded(this.replace(arg, { ...place, forNull: null }), place));
    const lifted = this.lift(this.input, next as SubqueryExpression, place);
    this.input = lifted.input;
    this.known.set(expression, [...known, { ...place, value: lifted.value }]);
    return lifted.value;
  }
}

const isNotTrue = (condition: Expression): Expression => coalesce([not(condition), TRUE]);

/** A compared argument is computed for the rows that get to its comparison, NULL for others. */
function guarded(arg: Expression, { guards }: Place): Expression {
  const when = conjunction(guards);
  if (when === null || !mayFail(arg)) return arg;
  return { kind: 'case', type: arg.type, branches: [{ when, then: arg }], otherwise: null };
}
