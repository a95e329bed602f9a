// Column ids to input positions: the last thing an expression of the logical algebra needs to become one of the batch algebra.
import type { AggregateCall, Expression, PlanColumn, SortKey } from '../../plan/expression.ts';
import type { TableFunctionCall, WindowCall, WindowFrame } from '../../plan/logical.ts';
import { mapSortKeys, replaceExpression } from '../../plan/walk-expression.ts';

/** Positions of columns, by id. Correlated columns of an apply's right side are parameters. */
export class ColumnPositions {
  private readonly positions = new Map<number, number>();
  private readonly parameters: ReadonlyMap<number, number>;

  constructor(columns: readonly PlanColumn[], parameters: ReadonlyMap<number, number>) {
    for (const [index, column] of columns.entries()) this.positions.set(column.id, index);
    this.parameters = parameters;
  }

  resolve(expression: Expression): Expression {
    return replaceExpression(expression, (node) => {
      if (node.kind === 'subquery')
        throw new Error('a subquery has reached the planner: decorrelation must turn it into a join or an apply');
      if (node.kind !== 'column') return undefined;
      const index = this.positions.get(node.id);
      if (index !== undefined) return { kind: 'input', type: node.type, index };
      const parameter = this.parameters.get(node.id);
      if (parameter !== undefined) return { kind: 'parameter', type: node.type, index: parameter };
      throw new Error(`column ${node.name} (id ${node.id}) is not among the input's columns`);
    });
  }

  resolveAll(expressions: readonly Expression[]): readonly Expression[] {
    return expressions.map((expression) => this.resolve(expression));
  }

  keys(keys: readonly SortKey[]): readonly SortKey[] {
    return mapSortKeys(keys, (expression) => this.resolve(expression));
  }

  aggregate(call: AggregateCall): AggregateCall {
    return {
      ...call,
      args: this.resolveAll(call.args),
      filter: call.filter === null ? null : this.resolve(call.filter),
      orderBy: this.keys(call.orderBy),
    };
  }

  windowCall(call: WindowCall): WindowCall {
    return {
      ...call,
      args: this.resolveAll(call.args),
      filter: call.filter === null ? null : this.resolve(call.filter),
    };
  }

  frame(frame: WindowFrame): WindowFrame {
    const bound = (b: WindowFrame['start']): WindowFrame['start'] =>
      'offset' in b ? { ...b, offset: this.resolve(b.offset) } : b;
    return { ...frame, start: bound(frame.start), end: bound(frame.end) };
  }

  tableFunction(call: TableFunctionCall): TableFunctionCall {
    return { ...call, args: this.resolveAll(call.args) };
  }
}
