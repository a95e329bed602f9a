// The name of a result column that has no alias, as PostgreSQL chooses it.
import type { Expression } from '../ast.ts';

export function columnName(e: Expression): string {
  return chosen(e)?.name ?? '?column?';
}

/** `weak`: a name that an outer cast's type name may replace. */
function chosen(e: Expression): { readonly name: string; readonly weak?: boolean } | undefined {
  switch (e.kind) {
    case 'column':
      return { name: e.parts.at(-1)! };
    case 'field':
      return { name: e.field };
    case 'function':
      return { name: functionName(e) };
    case 'subscript':
    case 'slice':
    case 'collate':
      return chosen(e.operand);
    case 'cast': {
      const inner = chosen(e.operand);
      return inner !== undefined && inner.weak !== true ? inner : { name: e.type.name.at(-1)!, weak: true };
    }
    case 'typed_literal':
      return { name: e.type.name.at(-1)!, weak: true };
    case 'case': {
      const inner = e.otherwise === null ? undefined : chosen(e.otherwise);
      return inner !== undefined && inner.weak !== true ? inner : { name: 'case', weak: true };
    }
    case 'subquery': {
      const body = e.query.body;
      const target = body.kind === 'select' ? body.targets[0] : undefined;
      if (body.kind === 'values') return { name: 'column1' };
      return target === undefined ? undefined : { name: target.alias ?? columnName(target.expression) };
    }
    case 'array_subquery':
      return { name: 'array' };
    case 'minmax':
      return { name: e.form };
    case 'sql_value':
      return { name: e.name };
    case 'array':
    case 'row':
    case 'coalesce':
    case 'nullif':
    case 'exists':
    case 'grouping':
      return { name: e.kind };
    default:
      return undefined;
  }
}

/** SQL's special syntaxes keep PostgreSQL's names for them. */
function functionName(e: Extract<Expression, { kind: 'function' }>): string {
  return e.name.at(-1)!;
}
