// Predicates: the selection of the rows for which a condition is true. Conjuncts are evaluated one after the other, each under
// the selection that the ones before left; comparisons go straight from values to a selection by one kernel.
import type { Batch } from '../../columns/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type KernelBody, resolveKernel } from './call-compiler.ts';
import { ExpressionCompiler, Scope } from './compile-expression.ts';
import { constantAddress } from './constant-node.ts';
import { type ExpressionContext, type Node, Program } from './expression-context.ts';
import { likeParameters } from './like-pattern.ts';

export interface Predicate {
  /** The rows of the batch for which the condition is true; `selection` is valid until the next call. */
  select(batch: Batch): { readonly selection: number; readonly count: number };
}

/** Narrows a selection into `out` (which may be `selection` itself) and returns its new count. */
type Selector = (batch: Batch, out: number, selection: number, count: number) => number;

export function compilePredicate(expression: Expression, context: ExpressionContext): Predicate {
  const program = new Program(context);
  const compiler = new ExpressionCompiler(program);
  let scope = new Scope(null);
  const selectors: Selector[] = [];
  for (const conjunct of conjuncts(expression)) {
    selectors.push(compileSelector(compiler, conjunct, scope));
    scope = new Scope(scope);
  }
  const own = program.selection();
  return {
    select: (batch) => {
      program.serial++;
      let { selection, count } = batch;
      for (const selector of selectors) {
        if (count === 0) break;
        const left = selector(batch, own, selection, count);
        if (left === count) continue; // all of them: what was there (dense, perhaps) still says so
        selection = own;
        count = left;
      }
      return { selection, count };
    },
  };
}

function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'and' ? expression.args.flatMap(conjuncts) : [expression];
}

const COMMUTED: Readonly<Record<string, string>> = {
  equal: 'equal',
  not_equal: 'not_equal',
  less: 'greater',
  less_equal: 'greater_equal',
  greater: 'less',
  greater_equal: 'less_equal',
};

function compileSelector(compiler: ExpressionCompiler, expression: Expression, scope: Scope): Selector {
  const { program } = compiler;
  const { kernels } = program.context;
  if (expression.kind === 'is-null') {
    const node = compiler.compile(expression.arg, scope);
    const kernel = kernels.get(expression.negated ? 'select_not_null' : 'select_null');
    return (batch, out, selection, count) =>
      kernel(out, node.evaluate(batch, selection, count).nulls, selection, count);
  }
  const fused = expression.kind === 'call' ? fuseComparison(compiler, expression, scope) : null;
  if (fused !== null) return fused;
  const node = compiler.compile(expression, scope);
  const kernel = kernels.get('select_true');
  return (batch, out, selection, count) => {
    const { data, nulls } = node.evaluate(batch, selection, count);
    return kernel(out, data, nulls, selection, count);
  };
}

function fuseComparison(
  compiler: ExpressionCompiler,
  expression: Extract<Expression, { kind: 'call' }>,
  scope: Scope,
): Selector | null {
  const { program } = compiler;
  if (expression.args.length !== 2) return null;
  const definition = program.context.functions.scalar(expression.function);
  const types = expression.args.map((arg) => arg.type);
  const body = definition.body(types, expression.type);
  if (body.kind !== 'kernel') return null;
  if (body.kernel.endsWith('like_view')) return fuseLike(compiler, body.kernel, expression.args, scope);
  if (!isComparison(body, types)) return null;
  if (expression.args.every((arg) => arg.kind === 'constant')) return null;
  const args = expression.args.map((arg) => compiler.compile(arg, scope));
  if (args.some((arg) => arg.constant?.value === null)) return () => 0;
  const call = resolveKernel(program, body, args, expression.type);
  return comparisonSelector(program, call.kernel, call.args);
}

/** [NOT] LIKE with a constant pattern of literal parts. */
function fuseLike(
  compiler: ExpressionCompiler,
  kernelName: string,
  args: readonly Expression[],
  scope: Scope,
): Selector | null {
  if (args[1]?.kind !== 'constant' || args[0]?.kind === 'constant') return null;
  const { program } = compiler;
  const nodes = args.map((arg) => compiler.compile(arg, scope));
  const parameters = likeParameters(program, kernelName, nodes);
  if (parameters === null) return null;
  const kernel = program.context.kernels.get('select_like_parts_view');
  return (batch, out, selection, count) => {
    const { data, nulls } = nodes[0]!.evaluate(batch, selection, count);
    return kernel(out, data, ...parameters, nulls, selection, count);
  };
}

function comparisonSelector(program: Program, name: string, args: readonly Node[]): Selector | null {
  const { kernels } = program.context;
  let [left, right] = args as [Node, Node];
  let kernelName = name;
  if (left.constant !== undefined) {
    const operation = Object.keys(COMMUTED).find(
      (each) => name.startsWith(each) && !name.slice(each.length + 1).includes('_'),
    )!;
    kernelName = COMMUTED[operation] + name.slice(operation.length);
    [left, right] = [right, left];
  }
  if (!kernels.has(`select_${kernelName}`)) return null; // aligned to variable numerics
  const constant = right.constant?.value;
  if (constant !== undefined && constant !== null) {
    const kernel = kernels.get(`select_${kernelName}_const`);
    const address = constantAddress(program, right.type, constant);
    return (batch, out, selection, count) => {
      const { data, nulls } = left.evaluate(batch, selection, count);
      return kernel(out, data, address, nulls, selection, count);
    };
  }
  const kernel = kernels.get(`select_${kernelName}`);
  const scratch = program.vector({ name: 'bool' });
  return (batch, out, selection, count) => {
    const a = left.evaluate(batch, selection, count);
    const b = right.evaluate(batch, selection, count);
    const nulls = program.strictNulls([a, b], scratch, program.extent(selection, count));
    return kernel(out, a.data, b.data, nulls, selection, count);
  };
}

/** A comparison whose kernel has a selecting variant: all but those of variable numerics, which may decline rows. */
function isComparison(body: KernelBody, types: readonly SqlType[]): boolean {
  if (types.some((type) => type.name === 'numeric' && type.precision === undefined)) return false;
  const base = body.align === undefined ? body.kernel.replace(/_[a-z0-9]+$/, '') : body.kernel;
  return COMMUTED[base] !== undefined && !body.kernel.endsWith('_numeric');
}
