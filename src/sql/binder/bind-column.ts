// Column references and field selections: c, t.c, s.t.c, t (a whole row), c.field, (expr).field.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type { ColumnReference, FieldSelection } from '../ast.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { namedArgument } from './function-arguments.ts';
import { missingColumn, missingTable } from './missing-names.ts';
import { bindExpression } from './recursion.ts';
import { findColumn, findTable, tableColumn, wholeRow } from './scope.ts';

/** Throws 42703, 42702, 42P01 as PostgreSQL does. */
export function bindColumn(syntax: ColumnReference, at: ExpressionScope): Expression {
  const { parts, position } = syntax;
  const { state, scope } = at;
  const name = parts.at(-1)!;
  if (parts.length === 1) {
    const found = findColumn(scope, name, position, state);
    if (found !== undefined) return found;
    const output = at.outputs?.get(name) ?? namedArgument(name, state);
    if (output !== undefined) return output;
    const table = findTable(scope, parts, position);
    if (table !== undefined) return wholeRow(table, position, state);
    throw missingColumn(scope, undefined, name, position);
  }
  const qualifier = parts.slice(0, -1);
  refuseLongName(parts, state.context.database, position);
  const table = findTable(scope, qualifier, position);
  if (table !== undefined) {
    const found = tableColumn(table, name, position, state);
    if (found !== undefined) return found;
    if (table.scalar === true && table.columns[0]!.type.name === 'record')
      return fieldOf(wholeRow(table, position, state), name, position);
    throw missingColumn(scope, table.alias, name, position);
  }
  const composite = compositeColumn(syntax, at);
  if (composite !== undefined) return composite;
  const argument =
    parts.length === 2 && parts[0] === state.arguments?.function ? namedArgument(name, state) : undefined;
  if (argument !== undefined) return argument;
  throw missingTable(scope, qualifier, position);
}

/** column.field or table.column.field of a composite value. */
function compositeColumn(syntax: ColumnReference, at: ExpressionScope): Expression | undefined {
  const { parts, position } = syntax;
  const owner = parts.slice(0, -1);
  const value =
    owner.length === 1
      ? findColumn(at.scope, owner[0]!, position, at.state)
      : (() => {
          const table = findTable(at.scope, owner.slice(0, -1), position);
          return table && tableColumn(table, owner.at(-1)!, position, at.state);
        })();
  return value?.type.name === 'record' ? fieldOf(value, parts.at(-1)!, position) : undefined;
}

function refuseLongName(parts: readonly string[], database: string, position: number): void {
  const name = parts.join('.');
  if (parts.length > 4) {
    throw sqlError('syntax_error', `improper qualified name (too many dotted names): ${name}`, { position });
  }
  if (parts.length === 4 && parts[0] !== database) {
    throw sqlError('feature_not_supported', `cross-database references are not implemented: ${name}`, { position });
  }
}

export function bindField(syntax: FieldSelection, at: ExpressionScope): Expression {
  const { operand, field } = syntax;
  const value = bindExpression(operand, at);
  if (operand.kind === 'column' && value.kind === 'row' && !value.type.fields?.some(({ name }) => name === field)) {
    const text = `column ${operand.parts.at(-1)}.${field} does not exist`;
    throw sqlError('undefined_column', text, { position: operand.position });
  }
  return fieldOf(value, field, operand.position);
}

function fieldOf(value: Expression, field: string, position: number): Expression {
  if (value.type.name !== 'record') {
    const text = `column notation .${field} applied to type ${formatTypeName(value.type)}, which is not a composite type`;
    throw sqlError('wrong_object_type', text, { position });
  }
  const index = value.type.fields?.findIndex((candidate) => candidate.name === field) ?? -1;
  if (index < 0) {
    throw sqlError('undefined_column', `could not identify column "${field}" in record data type`, { position });
  }
  if (value.kind === 'row') return value.fields[index]!;
  return { kind: 'field', type: value.type.fields![index]!.type, arg: value, index };
}
