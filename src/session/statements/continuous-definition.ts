// What a continuous query may ask of a session: it has none. Who and where its creator was is written into its text; functions that
// ask a session or the catalog for each row are refused.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression as BoundExpression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf } from '../../plan/walk.ts';
import { childExpressions } from '../../plan/walk-expression.ts';
import type { Expression, Query } from '../../sql/ast.ts';
import type { SessionState } from '../session-state.ts';
import { isSystemFunction } from '../system-functions.ts';
import { rewriteSyntax } from './stored-expressions.ts';

const FIXED = new Set([
  'current_role', 'current_user', 'user', 'session_user', 'current_catalog', 'current_schema', 'current_database', 'version',
]); // biome-ignore format: a small table

/** The query with the session's values in place of the functions that give them, and relations named by oid as numbers. */
export function fixSessionValues(state: SessionState, query: Query): Query {
  return rewriteSyntax(query, (node) => {
    const one = node as Expression;
    if (one.kind === 'sql_value' && FIXED.has(one.name)) return sessionValue(state, one.name, one.position);
    if (one.kind === 'function' && one.arguments.length === 0 && FIXED.has(one.name.at(-1)!))
      return sessionValue(state, one.name.at(-1)!, one.position);
    if (one.kind !== 'cast' || one.type.name.at(-1) !== 'regclass' || one.operand.kind !== 'string') return undefined;
    if (!/^\d+$/.test(one.operand.value)) return undefined;
    return { ...one, operand: { kind: 'integer', text: one.operand.value, position: one.operand.position } };
  });
}

function sessionValue(state: SessionState, name: string, position: number): Expression {
  const value = state.functions.call(name, []);
  const type = {
    name: [name === 'version' ? 'text' : 'name'],
    modifiers: [],
    arrayBounds: [],
    setOf: false,
    intervalFields: null,
    percentType: false,
    position,
  };
  const operand: Expression =
    value === null ? { kind: 'null', position } : { kind: 'string', value: String(value), position };
  return { kind: 'cast', operand, type, position };
}

/** Throws 0A000 for a function that needs a session, and for one that reads files, which tell nobody when they change. */
export function refuseSessionFunctions(state: SessionState, plan: LogicalPlan): void {
  const functions = state.services.functions(state.catalog());
  const enter = (expression: BoundExpression) => {
    if (expression.kind === 'call') {
      const name = functions.findScalar(expression.function)?.name ?? '';
      const registered = /^cast\((reg\w+)->/.exec(expression.function);
      if (isSystemFunction(name) || registered !== null) refuse(registered?.[1] ?? name, expression.position);
    }
    for (const child of childExpressions(expression)) enter(child);
  };
  const visit = (node: LogicalPlan) => {
    if (node.kind === 'table-function') refuseFiles(node.call.function);
    if (node.kind === 'scan') refuseSequence(state, node.relation);
    for (const expression of expressionsOf(node)) enter(expression);
    for (const child of childPlans(node)) visit(child);
  };
  visit(plan);
}

/** nextval tells nobody. */
function refuseSequence(state: SessionState, oid: number): void {
  const relation = state.catalog().relations.get(oid);
  if (relation?.kind !== 'sequence') return;
  throw sqlError('feature_not_supported', `continuous queries over sequence "${relation.name}" are not supported`);
}

function refuseFiles(name: string): never {
  throw sqlError('feature_not_supported', `function ${name} cannot be part of a continuous query`, {
    hint: "Read the files once with CREATE TABLE ... AS, or as they come with a stream WITH (connector = 'files').",
  });
}

function refuse(name: string, position: number | undefined): never {
  throw sqlError('feature_not_supported', `function ${name} cannot be part of a continuous query`, {
    hint: 'It depends on a session: call it in the SELECT that reads the view.',
    ...(position === undefined ? {} : { position }),
  });
}
