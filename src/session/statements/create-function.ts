// CREATE [OR REPLACE] FUNCTION: in LANGUAGE javascript compiled once in a sandbox before it is kept, in LANGUAGE sql bound once.
import type { CatalogEditor } from '../../catalog/catalog-editor.ts';
import type { UserFunction } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { CreateFunction, TypeName } from '../../sql/ast-definition.ts';
import { bindFunctionBody } from '../../sql/binder/bind-statement.ts';
import { printExpression, printStatement } from '../../sql/parser/print.ts';
import { formatTypeName, typeNameInCatalog } from '../../types/type-table.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { booleanOption } from './boolean-option.ts';
import { claimPlace, findRelation, resolveTypeName } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { udfDefinition } from './user-functions.ts';

type Result = Pick<UserFunction, 'resultType' | 'returnsSet' | 'resultColumns'>;

export async function runCreateFunction({ state, statement }: RunOf<CreateFunction>): Promise<StatementResult> {
  const language = languageOf(statement);
  refuse(statement, language);
  state.transactions.requireWritable('CREATE FUNCTION');
  const { schemaOid, name } = await claimPlace(state, statement.name, { kind: 'function' });
  const parameters = statement.parameters.map((parameter) => {
    if (parameter.mode !== 'in' || parameter.type === null)
      unsupported(`an ${parameter.mode.toUpperCase()} parameter`, 'Use plain input parameters.', parameter.position);
    if (parameter.default !== null)
      unsupported('a default for a parameter', 'Write all arguments in the call.', parameter.position);
    return { name: parameter.name ?? '', type: resolveTypeName(parameter.type) };
  });
  refuseTwice(parameters.map((parameter) => parameter.name));
  const editor = state.transactions.transaction.edit();
  const existing = state
    .catalog()
    .findFunctions(name)
    .find(
      (one) =>
        one.schemaOid === schemaOid &&
        one.parameterTypes.length === parameters.length &&
        one.parameterTypes.every((type, i) => typeNameInCatalog(type) === typeNameInCatalog(parameters[i]!.type)),
    );
  if (existing !== undefined && !statement.orReplace) {
    throw sqlError('duplicate_function', `function "${name}" already exists with same argument types`);
  }
  const made: UserFunction = {
    oid: existing?.oid ?? editor.allocateOid(),
    name,
    schemaOid,
    owner: existing?.owner ?? state.role.oid,
    ...(existing?.acl === undefined ? {} : { acl: existing.acl }),
    language,
    parameterNames: parameters.map((parameter) => parameter.name),
    parameterTypes: parameters.map((parameter) => parameter.type),
    ...resultOf(state, statement),
    source: sourceOf(statement, language),
    strict: statement.strict ?? false,
    volatility: statement.volatility ?? ('volatile' as const),
    vectorized: isVectorized(statement),
  };
  if (existing !== undefined) requireReplaceable(editor, existing, made);
  if (language === 'javascript') await state.services.udf.validate(udfDefinition(made));
  else if (state.settings.get('check_function_bodies') === 'on') bindFunctionBody(made, state.bindContext());
  editor.putFunction(made);
  return tagOnly('CREATE FUNCTION');
}

function languageOf({ language, position }: CreateFunction): 'javascript' | 'sql' {
  const name = (language ?? 'sql').toLowerCase();
  if (name === 'sql') return name;
  if (name === 'javascript' || name === 'js') return 'javascript';
  return unsupported(`LANGUAGE ${name}`, 'Use LANGUAGE javascript or sql.', position);
}

function refuse(statement: CreateFunction, language: UserFunction['language']): void {
  const { position } = statement;
  if (statement.procedure) unsupported('CREATE PROCEDURE', 'Use CREATE FUNCTION.', position);
  if (statement.state.length > 0) unsupported('a stateful function', 'Use GROUP BY over a stream.', position);
  if (language === 'sql') {
    if (statement.securityDefiner === true)
      unsupported('SECURITY DEFINER', 'Grant what the function reads, or read it through a view.', position);
    if (statement.settings.length > 0) unsupported('SET for a function', 'Write names with their schema.', position);
    return;
  }
  if (statement.returnsTable !== null) unsupported('RETURNS TABLE', 'Return an array and unnest it.', position);
  if (statement.returns?.setOf) unsupported('RETURNS SETOF', 'Return an array and unnest it.', position);
}

function isVectorized({ options }: CreateFunction): boolean {
  const foreign = options.find(({ name }) => name !== 'vectorized');
  if (foreign === undefined) return options.some(booleanOption);
  throw sqlError('invalid_parameter_value', `unrecognized option "${foreign.name}" of a function`, {
    position: foreign.position,
    hint: 'The option is vectorized.',
  });
}

/** A SQL body in its one form: the text of a query. */
function sourceOf({ body, returnExpression, atomicBody, position }: CreateFunction, language: string): string {
  if (language === 'sql' && returnExpression !== null) return `SELECT ${printExpression(returnExpression)}`;
  if (language === 'sql' && atomicBody !== null) return atomicBody.map(printStatement).join('; ');
  if (body.length === 0) throw sqlError('invalid_function_definition', 'no function body specified', { position });
  if (body.length > 1) {
    const text = `only one AS item needed for language "${language}"`;
    throw sqlError('invalid_function_definition', text, { position });
  }
  return body[0]!;
}

function resultOf(state: SessionState, { returns, returnsTable, position }: CreateFunction): Result {
  if (returnsTable !== null) {
    const columns = returnsTable.map(({ name, type }) => ({ name, type: resolveTypeName(type) }));
    const resultType = columns.length === 1 ? columns[0]!.type : { name: 'record' as const, fields: columns };
    return { resultType, returnsSet: true, resultColumns: columns };
  }
  if (returns === null)
    throw sqlError('invalid_function_definition', 'function result type must be specified', { position });
  if (!returns.setOf) return { resultType: resolveTypeName(returns) };
  const rows = rowsOf(state, returns);
  if (rows === undefined) return { resultType: resolveTypeName(returns), returnsSet: true };
  return { resultType: { name: 'record', fields: rows }, returnsSet: true, resultColumns: rows };
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) < i);
  if (twice === undefined) return;
  throw sqlError('invalid_function_definition', `parameter name "${twice}" used more than once`);
}

/** SETOF a relation: the columns it has now. */
function rowsOf(state: SessionState, { name, position }: TypeName): Result['resultColumns'] {
  const relation = findRelation(state, { parts: name, position });
  if (relation === undefined || relation.kind === 'index' || relation.kind === 'sequence') return undefined;
  const columns = [...relation.columns].sort((a, b) => a.attribute - b.attribute);
  return columns.map(({ name, type }) => ({ name, type }));
}

/** Throws 42P13 for another result, and where a continuous query has the old body in it. */
function requireReplaceable(editor: CatalogEditor, old: UserFunction, made: UserFunction): void {
  const shape = (one: UserFunction) => JSON.stringify([formatTypeName(one.resultType), one.returnsSet === true]);
  const row = (one: UserFunction) =>
    JSON.stringify(one.resultColumns?.map(({ name, type }) => [name, formatTypeName(type)]));
  if (shape(old) !== shape(made) || row(old) !== row(made)) {
    const hint = `Use DROP FUNCTION ${old.name}(${old.parameterTypes.map(formatTypeName).join(', ')}) first.`;
    const detail = shape(old) === shape(made) ? 'Row type defined by OUT parameters is different.' : undefined;
    throw sqlError('invalid_function_definition', 'cannot change return type of existing function', { detail, hint });
  }
  if (old.language !== 'sql' && made.language !== 'sql') return;
  const view = editor.allDependentsOf(old.oid).find(({ kind }) => kind === 'materialized-view');
  if (view === undefined) return;
  throw sqlError('feature_not_supported', `cannot replace function ${old.name}: it is part of ${view.name}`, {
    hint: `Drop materialized view ${view.name} first, and create it again.`,
  });
}
