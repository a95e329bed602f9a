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

const TEXTS = new Set(['text', 'varchar', 'bpchar', 'name']);
const BY_NAME = new Set(['regproc', 'regprocedure', 'regoperator', 'regrole', 'regnamespace']);

/** The query with the session's values in place of the functions that give them, and relations named by oid as numbers. */
export function fixSessionValues(state: SessionState, query: Query): Query {
  return rewriteSyntax(query, (node) => {
    const one = node as Expression;
    if (one.kind === 'sql_value' && FIXED.has(one.name)) return sessionValue(state, one.name, one.position);
    if (one.kind === 'function' && one.arguments.length === 0 && FIXED.has(one.name.at(-1)!))
      return sessionValue(state, one.name.at(-1)!, one.position);
    if (one.kind !== 'cast') return undefined;
    const inner = one.operand.kind === 'cast' ? one.operand.type.name.at(-1)! : '';
    if (inner.startsWith('reg') && TEXTS.has(one.type.name.at(-1)!)) refuse(inner, one.position);
    if (one.operand.kind !== 'string') return undefined;
    const oid = registeredOid(state, one.type.name.at(-1)!, one.operand.value);
    return oid === null
      ? undefined
      : { ...one, operand: { kind: 'integer', text: oid, position: one.operand.position } };
  });
}

/** What 'name'::regproc and its kin stand for; relations have been written as oids already, and types are known without a session. */
function registeredOid(state: SessionState, type: string, text: string): string | null {
  if (/^\d+$/.test(text)) return type === 'regclass' ? text : null;
  return BY_NAME.has(type) ? String(state.functions.call(`${type}in`, [text])) : null;
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
