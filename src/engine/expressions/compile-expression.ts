// Compiles plan expressions into evaluators over batches. Each node owns one result vector for the pipeline's life; values are
// written at their row's own index. Subexpressions that occur twice are computed once per batch: nodes are shared within a
// scope (rows evaluated under the same condition) and with the scopes inside it. Evaluation runs in compile order, therefore a
// node found in an outer scope has always been computed, for more rows, before an inner one asks for it.
import type { Batch, Vector } from '../../columns/batch.ts';
import { coefficientAt, powerOfTen } from '../../columns/numeric-bytes.ts';
import type { CallExpression, Expression } from '../../plan/expression.ts';
import { type Decimal, datumKey, decimal, type SqlArray } from '../../types/datum.ts';
import { BOOL, physicalOf, type SqlType, sameType } from '../../types/sql-type.ts';
import { IsDistinctNode, IsNullNode, LogicNode, NotNode } from './boolean-nodes.ts';
import { compileCall } from './call-compiler.ts';
import { CaseNode, CoalesceNode } from './case-nodes.ts';
import { arrayOfColumns } from './column-table.ts';
import { ConstantNode, ParameterNode } from './constant-node.ts';
import { type Evaluator, type ExpressionContext, type Node, Program } from './expression-context.ts';
import { canLookUp, InListNode, SMALL_LIST } from './in-list.ts';
import { convertNumber, isInteger, retyped, sameLayout } from './numeric-conversion.ts';
import { QuantifiedArrayNode } from './quantified-array.ts';
import { RowCallNode } from './row-call.ts';
import { arrayValue, fieldValue, recordValue } from './structured-nodes.ts';

/** So many arguments of AND, OR and IN see the nodes of those before them: a chain of thousands would be searched to its end for each node. */
const CHAINED_ARGUMENTS = 32;

/** Characters from which on a constant text is not compared with others, to share what is computed from it. */
const LONG_TEXT = 1000;

/** Nodes by structure, for rows under one condition; `outer` is the condition around it. */
export class Scope {
  readonly outer: Scope | null;
  private readonly nodes = new Map<string, Node>();

  constructor(outer: Scope | null) {
    this.outer = outer;
  }

  find(key: string): Node | undefined {
    return this.nodes.get(key) ?? this.outer?.find(key);
  }

  add(key: string, node: Node): void {
    this.nodes.set(key, node);
  }
}

/** Computed once per evaluation from outside, whoever asks. */
class SharedNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly node: Node;
  private serial = -1;
  private result: Vector | null = null;

  constructor(program: Program, node: Node) {
    this.type = node.type;
    this.program = program;
    this.node = node;
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    if (this.serial !== this.program.serial || this.result === null) {
      this.result = this.node.evaluate(batch, selection, count);
      this.serial = this.program.serial;
    }
    return this.result;
  }
}

class InputNode implements Node {
  readonly type: SqlType;
  private readonly index: number;

  constructor(type: SqlType, index: number) {
    this.type = type;
    this.index = index;
  }

  evaluate(batch: Batch, _selection: number, _count: number): Vector {
    const column = batch.columns[this.index];
    if (column?.physical !== physicalOf(this.type)) {
      throw new Error(`input ${this.index} is ${column?.physical}, the plan says ${physicalOf(this.type)}`);
    }
    // A cast that keeps the bytes (oid to regclass) is nothing but another type on the same column.
    return column.type.name === this.type.name ? column : { ...column, type: this.type };
  }
}

export class ExpressionCompiler {
  readonly program: Program;
  private readonly ids = new Map<Node, number>();

  constructor(program: Program) {
    this.program = program;
  }

  compile(expression: Expression, scope: Scope): Node {
    switch (expression.kind) {
      case 'constant':
        return new ConstantNode(this.program, expression.type, expression.value);
      case 'input':
        return this.shared(
          scope,
          `input ${expression.index} ${expression.type.name}`, // one column may be read under two types
          () => new InputNode(expression.type, expression.index),
        );
      case 'call':
        return this.compileCall(expression, scope);
      case 'and':
      case 'or':
        return this.compileLogic(expression.kind === 'and', expression.args, scope);
      case 'not':
        return new NotNode(this.program, this.compile(expression.arg, scope));
      case 'is-null':
        return new IsNullNode(this.program, this.compile(expression.arg, scope), expression.negated);
      case 'is-distinct':
        return this.compileIsDistinct(expression, scope);
      case 'case':
        return this.compileCase(expression, scope);
      case 'coalesce':
        return this.compileCoalesce(expression, scope);
      case 'in-list':
        return this.compileInList(expression, scope);
      case 'quantified-array':
        return this.compileQuantified(expression, scope);
      case 'array': {
        const nested = expression.elements.some((element) => element.type.name === 'array');
        const element = expression.type.element ?? expression.type;
        const nodes = expression.elements.map((each) =>
          this.adapt(this.compile(each, scope), nested ? each.type : element),
        );
        const made = nested ? null : arrayOfColumns(this.program, expression.type, nodes);
        return (
          made ?? new RowCallNode(this.program, expression.type, nodes, false, (values) => arrayValue(values, nested))
        );
      }
      case 'row': {
        const nodes = expression.fields.map((field) => this.compile(field, scope));
        return new RowCallNode(this.program, expression.type, nodes, false, recordValue);
      }
      case 'field': {
        const { index, type } = expression;
        const node = this.compile(expression.arg, scope);
        return new RowCallNode(this.program, type, [node], true, (values) => fieldValue(values[0]!, index));
      }
      case 'parameter':
        if (this.program.context.statement === undefined) break;
        return this.shared(
          scope,
          `parameter ${expression.index} ${typeKey(expression.type)}`,
          () => new ParameterNode(this.program, expression.type, expression.index),
        );
      case 'column':
      case 'subquery':
        break;
    }
    throw new Error(`an expression of kind ${expression.kind} must be planned away before it is compiled`);
  }

  /** The node's values in the layout of `type` (derived numeric precisions differ between branches). */
  adapt(node: Node, type: SqlType): Node {
    if (sameType(node.type, type)) return node;
    if (node.constant?.value === null) return new ConstantNode(this.program, type, null);
    const numbers = (each: SqlType) => each.name === 'numeric' || isInteger(each);
    if (numbers(node.type) && numbers(type) && !sameLayout(node.type, type))
      return convertNumber(this.program, node, type);
    if (node.constant !== undefined) return new ConstantNode(this.program, type, node.constant.value);
    return retyped(node, type);
  }

  private idOf(node: Node): number {
    let id = this.ids.get(node);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(node, id);
    }
    return id;
  }

  private shared(scope: Scope, key: string, build: () => Node): Node {
    const known = scope.find(key);
    if (known !== undefined) return known;
    const built = build();
    const node =
      built.constant === undefined && !(built instanceof InputNode) ? new SharedNode(this.program, built) : built;
    scope.add(key, node);
    return node;
  }

  private operandKey(node: Node): string {
    const value = node.constant?.value;
    if (node.constant === undefined || (typeof value === 'string' && value.length > LONG_TEXT))
      return String(this.idOf(node));
    return `${typeKey(node.type)}${datumKey(node.constant.value)}`;
  }

  private compileCall(expression: CallExpression, scope: Scope): Node {
    const definition = this.program.context.functions.scalar(expression.function);
    const args = expression.args.map((arg) => this.compile(arg, scope));
    const build = () => compileCall(this.program, definition, args, expression.type);
    if (definition.volatility === 'volatile') return new SharedNode(this.program, build());
    const operands = args.map((arg) => this.operandKey(arg)).join('|');
    return this.shared(scope, `${expression.function} ${typeKey(expression.type)} ${operands}`, build);
  }

  private call(id: string, args: readonly Node[]): Node {
    return compileCall(this.program, this.program.context.functions.scalar(id), args, BOOL);
  }

  private compileLogic(isAnd: boolean, args: readonly Expression[], scope: Scope): Node {
    const nodes: Node[] = [];
    let inner = scope;
    for (const arg of args) {
      nodes.push(this.compile(arg, nodes.length < CHAINED_ARGUMENTS ? inner : new Scope(inner)));
      if (nodes.length < CHAINED_ARGUMENTS) inner = new Scope(inner);
    }
    return new LogicNode(this.program, isAnd, nodes);
  }

  private compileIsDistinct(expression: Extract<Expression, { kind: 'is-distinct' }>, scope: Scope): Node {
    const left = this.compile(expression.left, scope);
    const right = this.compile(expression.right, scope);
    const isNull = left.constant?.value === null ? right : right.constant?.value === null ? left : null;
    if (isNull !== null) return new IsNullNode(this.program, isNull, !expression.negated);
    const equal = this.call(expression.equals, [left, right]);
    return new IsDistinctNode(this.program, left, right, equal, expression.negated);
  }

  private compileCase(expression: Extract<Expression, { kind: 'case' }>, scope: Scope): Node {
    const { type } = expression;
    let conditions = scope;
    const branches = expression.branches.map((branch, i) => {
      if (i > 0) conditions = new Scope(conditions);
      const when = this.compile(branch.when, conditions);
      return { when, value: this.adapt(this.compile(branch.then, new Scope(conditions)), type) };
    });
    const otherwise =
      expression.otherwise === null
        ? new ConstantNode(this.program, type, null)
        : this.adapt(this.compile(expression.otherwise, new Scope(conditions)), type);
    return new CaseNode(this.program, type, branches, otherwise);
  }

  private compileCoalesce(expression: Extract<Expression, { kind: 'coalesce' }>, scope: Scope): Node {
    let inner = scope;
    const args = expression.args.map((arg) => {
      const node = this.adapt(this.compile(arg, inner), expression.type);
      inner = new Scope(inner);
      return node;
    });
    return new CoalesceNode(this.program, expression.type, args);
  }

  private compileInList(expression: Extract<Expression, { kind: 'in-list' }>, scope: Scope): Node {
    const { negated, equals } = expression;
    const arg = this.compile(expression.arg, scope);
    const { items } = expression;
    if (items.length > SMALL_LIST && canLookUp(arg.type) && items.every((item) => item.kind === 'constant')) {
      const values = items.map((item) => (item.kind === 'constant' ? item.value : null));
      const compatible = items.every((item) => item.type.name === arg.type.name);
      if (compatible && arg.type.name !== 'numeric') return new InListNode(this.program, arg, values, negated);
      if (compatible && items.every((item) => (item.type.scale ?? 99) <= arg.type.scale!)) {
        const possible = values.flatMap((value) => (value === null ? [null] : atColumn(value as Decimal, arg.type)));
        return new InListNode(this.program, arg, possible, negated);
      }
    }
    // One comparison after the other: an OR whose arguments see only the rows not yet found.
    let inner = scope;
    const tests = items.map((item, i) => {
      if (i > 0 && i < CHAINED_ARGUMENTS) inner = new Scope(inner);
      return this.call(equals, [arg, this.compile(item, i < CHAINED_ARGUMENTS ? inner : new Scope(inner))]);
    });
    const either = new LogicNode(this.program, false, tests);
    return negated ? new NotNode(this.program, either) : either;
  }

  /** = ANY and <> ALL of a constant array: a look-up, as in IN and NOT IN. */
  private lookUp(arg: Node, array: Node, operator: string, all: boolean): Node | null {
    const { type } = array;
    const constant = array.constant?.value as SqlArray | null | undefined;
    if (constant == null || !operator.startsWith(all ? '<>(' : '=(') || type.element === undefined) return null;
    if (constant.elements.length <= SMALL_LIST || type.element.name !== arg.type.name) return null;
    return canLookUp(arg.type) && arg.type.name !== 'numeric'
      ? new InListNode(this.program, arg, constant.elements, all)
      : null;
  }

  private compileQuantified(expression: Extract<Expression, { kind: 'quantified-array' }>, scope: Scope): Node {
    const { operator, all } = expression;
    const arg = this.compile(expression.arg, scope);
    const array = this.compile(expression.array, scope);
    const found = this.lookUp(arg, array, operator, all);
    if (found !== null) return found;
    const element = array.type.element ?? { name: array.type.name === 'int2vector' ? 'int2' : 'oid' };
    const pair = this.call(operator, [new InputNode(arg.type, 0), new InputNode(element, 1)]);
    return new QuantifiedArrayNode(this.program, arg, array, element, all, pair);
  }
}

const TYPE_KEYS = new WeakMap<SqlType, string>();

/** A text that differs for different types. */
function typeKey(type: SqlType): string {
  let key = TYPE_KEYS.get(type);
  if (key === undefined) {
    key = JSON.stringify(type);
    TYPE_KEYS.set(type, key);
  }
  return key;
}

/** The item at the column's scale; none if no value of the column can equal it. */
function atColumn(item: Decimal, column: SqlType): Decimal[] {
  if (item.special !== undefined) return [];
  const coefficient = coefficientAt(item, column.scale!);
  const limit = powerOfTen(column.precision!);
  return coefficient < limit && coefficient > -limit ? [decimal(coefficient, column.scale!)] : [];
}

/** An evaluator of `expression` over batches whose columns its inputs name. */
export function compileExpression(expression: Expression, context: ExpressionContext): Evaluator {
  const program = new Program(context);
  const node = new ExpressionCompiler(program).compile(expression, new Scope(null));
  return {
    type: expression.type,
    evaluate: (batch, selection, count) => {
      program.serial++;
      return node.evaluate(batch, selection, count);
    },
  };
}

/** Several expressions over the same rows, sharing their common subexpressions: `evaluate` returns a vector per expression. */
export function compileExpressions(
  expressions: readonly Expression[],
  context: ExpressionContext,
): { readonly types: readonly SqlType[]; evaluate(batch: Batch, selection: number, count: number): Vector[] } {
  const program = new Program(context);
  const compiler = new ExpressionCompiler(program);
  const scope = new Scope(null);
  const nodes = expressions.map((expression) => compiler.compile(expression, scope));
  return {
    types: expressions.map((expression) => expression.type),
    evaluate: (batch, selection, count) => {
      program.serial++;
      return nodes.map((node) => node.evaluate(batch, selection, count));
    },
  };
}
