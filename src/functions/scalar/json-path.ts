// The functions and operators over SQL/JSON paths: jsonb_path_exists, _match, _query_array, _query_first, @? and @@.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import { jsonPath } from '../../types/json-path.ts';
import { isJsonObject, type JsonValue, jsonbValue, printJsonb } from '../../types/json-value.ts';
import { type Args, fn, op, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { isDataError, PathEvaluation } from './json-path-evaluate.ts';

/** The items a path finds; null where `silent` keeps an error quiet. */
export function pathItems([target, path, vars = '{}', silent = false]: Args): readonly JsonValue[] | null {
  const parsed = jsonPath(path as string);
  const variables = vars === null || vars === undefined ? null : jsonbValue(vars as string);
  if (variables !== null && !isJsonObject(variables)) {
    throw sqlError('invalid_parameter_value', '"vars" argument is not an object', {
      detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
    });
  }
  const root = jsonbValue(target as string);
  try {
    return new PathEvaluation(parsed, root, variables).items(parsed.root, root);
  } catch (error) {
    if (silent === true && error instanceof SqlError && isDataError(error)) return null;
    throw error;
  }
}

function exists(args: Args): boolean | null {
  const items = pathItems(args);
  return items === null ? null : items.length > 0;
}

function match(args: Args): boolean | null {
  const items = pathItems(args);
  if (items === null) return null;
  if (items.length === 1 && (typeof items[0] === 'boolean' || items[0] === null)) return items[0] ?? null;
  if (args[3] === true) return null;
  throw sqlError('singleton_sql_json_item_required', 'single boolean result is expected');
}

const first = (args: Args) => {
  const item = pathItems(args)?.[0];
  return item === undefined ? null : printJsonb(item);
};
/** The operators' way: no variables, no errors. */
const silently = ([target, path]: Args): Args => [target!, path!, null, true];
const OPTIONS = { defaults: ['{}', false], parameterNames: ['target', 'path', 'vars', 'silent'] };
const PARAMETERS = 'jsonb,jsonpath,jsonb,bool';

// biome-ignore format: one function a line
export const JSON_PATHS: readonly ScalarFunction[] = [
  op('@?', 'jsonb,jsonpath', 'bool', row((args) => exists(silently(args)))),
  op('@@', 'jsonb,jsonpath', 'bool', row((args) => match(silently(args)))),
  fn('jsonb_path_exists', PARAMETERS, 'bool', row(exists), OPTIONS),
  fn('jsonb_path_match', PARAMETERS, 'bool', row(match), OPTIONS),
  fn('jsonb_path_query_array', PARAMETERS, 'jsonb', row((args) => printJsonb(pathItems(args) ?? [])), OPTIONS),
  fn('jsonb_path_query_first', PARAMETERS, 'jsonb', row(first), OPTIONS),
];
