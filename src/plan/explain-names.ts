// What EXPLAIN calls the columns of a batch plan, which knows them by position only: the table's column that a position comes from, or
// the expression that computes it.
import type { BatchPlan } from './batch.ts';
import { aggregateText, expressionText, functionName, type Namer } from './explain-expression.ts';
import type { Expression } from './expression.ts';

/** Names found already: a deep plan asks for those of its leaves at every level. */
const remembered = new WeakMap<BatchPlan, Map<string, string>>();

/** `qualified`: with the table's alias, as PostgreSQL does where more than one table is read. */
export function outputName(plan: BatchPlan, index: number, qualified: boolean): string {
  const names = remembered.get(plan) ?? new Map<string, string>();
  remembered.set(plan, names);
  const key = `${index} ${qualified}`;
  const name = names.get(key) ?? findName(plan, index, qualified);
  names.set(key, name);
  return name;
}

function findName(plan: BatchPlan, index: number, qualified: boolean): string {
  const own = plan.names[index] ?? `#${index + 1}`;
  const below = (input: BatchPlan, at = index) => outputName(input, at, qualified);
  const name = inputNamer(qualified);
  const of = (e: Expression, input: BatchPlan) => (e.kind === 'input' ? below(input, e.index) : null);
  switch (plan.kind) {
    case 'table-scan':
      return qualified ? `${plan.alias}.${own}` : own;
    case 'index-lookup':
      return qualified ? `${plan.scan.alias}.${own}` : own;
    case 'cte-scan':
      return qualified ? `${plan.name}.${own}` : own;
    case 'filter':
    case 'sort':
    case 'top-n':
    case 'limit':
    case 'single-check':
    case 'distinct-on':
      return below(plan.input);
    case 'cte':
      return below(plan.body);
    case 'union-all':
      return below(plan.inputs[0]!);
    case 'project':
      return of(plan.expressions[index]!, plan.input) ?? own;
    case 'hash-join':
    case 'nested-loop-join':
    case 'apply': {
      const left = plan.left.types.length;
      return index < left
        ? below(plan.left)
        : index - left < plan.right.types.length
          ? below(plan.right, index - left)
          : own;
    }
    case 'aggregate': {
      const key = plan.groupBy[index];
      if (key !== undefined) return of(key, plan.input) ?? expressionText(key, name(plan.input));
      const call = plan.aggregates[index - plan.groupBy.length];
      return call === undefined ? own : aggregateText(call, name(plan.input));
    }
    case 'window': {
      const call = plan.calls[index - plan.input.types.length];
      if (call === undefined) return below(plan.input);
      const args = call.args.map((arg) => expressionText(arg, name(plan.input)));
      return `(${functionName(call.function)}(${args.join(', ')}) OVER (?))`;
    }
    case 'udf-project':
    case 'project-set':
    case 'window-assign':
      return index < plan.input.types.length ? below(plan.input) : own;
    default:
      return own;
  }
}

/** Names for expressions over the columns of these operators, side by side. */
export function inputNamer(qualified: boolean): (...inputs: readonly BatchPlan[]) => Namer {
  return (...inputs) =>
    (e) => {
      if (e.kind === 'column') return e.name;
      let at = e.index;
      for (const input of inputs) {
        if (at < input.types.length) return outputName(input, at, qualified);
        at -= input.types.length;
      }
      return `#${e.index + 1}`;
    };
}
