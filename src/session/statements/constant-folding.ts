// Constants computed while a statement is planned. One that fails (1/0) stays in the plan; if the finished plan still computes it
// unconditionally, its error is raised before the statement runs, as PostgreSQL's planner does.
import { evaluateConstant } from '../../engine/expressions/evaluate-constant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf } from '../../plan/walk.ts';
import { childExpressions, sameExpression } from '../../plan/walk-expression.ts';
import type { SessionState } from '../session-state.ts';
import { constantEvaluation } from './evaluate-scalar.ts';

export class ConstantFolding {
  private readonly state: SessionState;
  private readonly failed: { readonly expression: Expression; readonly error: SqlError }[] = [];

  constructor(state: SessionState) {
    this.state = state;
  }

  fold(expression: Expression): Expression {
    try {
      const value = evaluateConstant(expression, constantEvaluation(this.state));
      return { kind: 'constant', type: expression.type, value };
    } catch (error) {
      if (error instanceof SqlError) this.failed.push({ expression, error });
      throw error;
    }
  }

  /** The error of a failed constant that the plan computes whatever its rows are. */
  failureIn(plan: LogicalPlan): SqlError | null {
    if (this.failed.length === 0) return null;
    for (const expression of expressionsOf(plan)) {
      const error = this.errorIn(expression);
      if (error !== null) return error;
    }
    for (const input of childPlans(plan)) {
      const error = this.failureIn(input);
      if (error !== null) return error;
    }
    return null;
  }

  private errorIn(expression: Expression): SqlError | null {
    const failed = this.failed.find((one) => sameExpression(one.expression, expression));
    if (failed !== undefined) return failed.error;
    if (expression.kind === 'case' || expression.kind === 'coalesce') return null;
    for (const child of childExpressions(expression)) {
      const error = this.errorIn(child);
      if (error !== null) return error;
    }
    return null;
  }
}
