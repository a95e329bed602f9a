// A materialized view's text to the plan its job runs: the same road as a SELECT, without a session: its own search path, the
// catalog it was committed with.
import type { CatalogSnapshot, MaterializedView } from '../catalog/objects.ts';
import { type ConstantEvaluation, evaluateConstant } from '../engine/expressions/evaluate-constant.ts';
import type { FunctionRegistry } from '../functions/registry.ts';
import type { BatchPlan } from '../plan/batch.ts';
import type { Expression } from '../plan/expression.ts';
import { bindStatement } from '../sql/binder/bind-statement.ts';
import { optimize } from '../sql/optimizer/optimize.ts';
import { parseStatements } from '../sql/parser/parse.ts';
import { planBatch } from '../sql/planner/plan-batch.ts';
import type { Storage } from '../storage/storage.ts';

export function planView(
  view: MaterializedView,
  catalog: CatalogSnapshot,
  constants: ConstantEvaluation & { readonly functions: FunctionRegistry },
  storage: Storage,
): BatchPlan {
  const { functions } = constants;
  const evaluation = { ...constants.evaluation, timeZone: view.timeZone ?? 'UTC' };
  const { statement } = parseStatements(view.sql)[0]!;
  if (statement.kind !== 'query') throw new Error(`the view ${view.name} is not a query`);
  const currentUser = catalog.roles.get(view.owner)?.name ?? '';
  const bound = bindStatement(statement, {
    catalog,
    functions,
    searchPath: view.searchPath,
    parameterTypes: [],
    currentUser,
    database: '',
  });
  const statistics = (relation: number) => storage.estimatedRows(relation);
  const fold = (expression: Expression): Expression => ({
    kind: 'constant',
    type: expression.type,
    value: evaluateConstant(expression, { ...constants, evaluation }),
  });
  const optimized = optimize(bound.plan, { statistics, functions, fold });
  return planBatch(optimized, { functions, statistics });
}
