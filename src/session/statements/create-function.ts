// CREATE [OR REPLACE] FUNCTION ... LANGUAGE javascript: compiled once in a sandbox before it is kept.
import { sqlError } from '../../errors/sql-error.ts';
import type { CreateFunction } from '../../sql/ast-definition.ts';
import { typeNameInCatalog } from '../../types/type-table.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { newObjectPlace, resolveTypeName } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { udfDefinition } from './user-functions.ts';

export async function runCreateFunction({ state, statement }: RunOf<CreateFunction>): Promise<StatementResult> {
  refuse(statement);
  state.transactions.requireWritable('CREATE FUNCTION');
  const { schemaOid, name } = newObjectPlace(state, statement.name);
  const parameters = statement.parameters.map((parameter) => {
    if (parameter.mode !== 'in' || parameter.type === null)
      unsupported(`an ${parameter.mode.toUpperCase()} parameter`, 'Use plain input parameters.', parameter.position);
    if (parameter.default !== null)
      unsupported('a default for a parameter', 'Write all arguments in the call.', parameter.position);
    return { name: parameter.name ?? '', type: resolveTypeName(parameter.type) };
  });
  if (statement.returns === null)
    throw sqlError('invalid_function_definition', 'function result type must be specified');
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
  const made = {
    oid: existing?.oid ?? editor.allocateOid(),
    name,
    schemaOid,
    owner: state.role.oid,
    language: 'javascript',
    parameterNames: parameters.map((parameter) => parameter.name),
    parameterTypes: parameters.map((parameter) => parameter.type),
    resultType: resolveTypeName(statement.returns),
    source: statement.body[0]!,
    strict: statement.strict ?? false,
    volatility: statement.volatility ?? ('volatile' as const),
    vectorized: statement.options.some(
      (option) => option.name === 'vectorized' && !(option.value?.kind === 'boolean' && !option.value.value),
    ),
  };
  await state.services.udf.validate(udfDefinition(made));
  editor.putFunction(made);
  return tagOnly('CREATE FUNCTION');
}

function refuse(statement: CreateFunction): void {
  const { position } = statement;
  if (statement.procedure) unsupported('CREATE PROCEDURE', 'Use CREATE FUNCTION.', position);
  if (statement.returnsTable !== null) unsupported('RETURNS TABLE', 'Return an array and unnest it.', position);
  if (statement.returns?.setOf) unsupported('RETURNS SETOF', 'Return an array and unnest it.', position);
  if (statement.state.length > 0) unsupported('a stateful function', 'Use GROUP BY over a stream.', position);
  const language = statement.language ?? 'sql';
  if (language !== 'javascript' && language !== 'js')
    unsupported(`LANGUAGE ${language}`, 'Use LANGUAGE javascript.', position);
  if (statement.body.length !== 1) {
    throw sqlError('invalid_function_definition', 'a javascript function takes exactly one AS string', { position });
  }
}
