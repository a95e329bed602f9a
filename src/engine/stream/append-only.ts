// Which plans never take a row back: nothing leaves their inputs, and no new row changes what an earlier one gave.
import type { BatchPlan } from '../../plan/batch.ts';

export function neverRetracts(
  plan: BatchPlan,
  appendOnly: (relation: number) => boolean,
  ctes: ReadonlyMap<number, boolean> = new Map(),
): boolean {
  const of = (input: BatchPlan) => neverRetracts(input, appendOnly, ctes);
  switch (plan.kind) {
    case 'table-scan':
      return appendOnly(plan.relation);
    case 'values':
    case 'table-function-scan':
      return true;
    case 'filter':
    case 'project':
    case 'project-set':
    case 'sort':
    case 'udf-project':
      return of(plan.input);
    case 'window-assign':
      return plan.window.kind !== 'session' && of(plan.input);
    case 'union-all':
      return plan.inputs.every(of);
    case 'hash-join':
    case 'nested-loop-join':
      return plan.type === 'inner' && of(plan.left) && of(plan.right);
    case 'distinct-on':
      return (
        plan.types.every((_, i) => plan.keys.some((key) => key.kind === 'input' && key.index === i)) && of(plan.input)
      );
    case 'cte':
      return neverRetracts(plan.body, appendOnly, new Map([...ctes, [plan.id, of(plan.definition)]]));
    case 'cte-scan':
      return ctes.get(plan.id) ?? false;
    default:
      return false;
  }
}
