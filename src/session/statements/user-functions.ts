// Catalog functions and what the sandbox must know to run them.
import type { UserFunction } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ObjectName } from '../../sql/ast-alter.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeNameInCatalog } from '../../types/type-table.ts';
import type { UdfDefinition } from '../../udf/udf-definition.ts';
import type { SessionState } from '../session-state.ts';
import { resolveTypeName } from './resolve-names.ts';

function sandboxType(type: SqlType): string {
  return type.name === 'array' ? `${typeNameInCatalog(type.element!)}[]` : typeNameInCatalog(type);
}

export function udfDefinition(one: UserFunction): UdfDefinition {
  return {
    id: String(one.oid),
    name: one.name,
    language: 'javascript',
    argTypes: one.parameterTypes.map(sandboxType),
    argNames: one.parameterNames,
    returnType: sandboxType(one.resultType),
    source: one.source,
    vectorized: one.vectorized,
    strict: one.strict,
  };
}

/** By name and, where written, parameter types. 42725 when a bare name means several. */
export function findUserFunction(state: SessionState, object: ObjectName): UserFunction | undefined {
  const candidates = state.catalog().findFunctions(object.name.parts.at(-1)!);
  if (object.parameters === null) {
    if (candidates.length > 1) {
      throw sqlError('ambiguous_function', `function name "${object.name.parts.join('.')}" is not unique`, {
        hint: 'Specify the argument list to select the function unambiguously.',
      });
    }
    return candidates[0];
  }
  const wanted = object.parameters
    .filter((p) => p.mode !== 'out' && p.type !== null)
    .map((p) => typeNameInCatalog(resolveTypeName(p.type!)));
  return candidates.find(
    (one) =>
      one.parameterTypes.length === wanted.length &&
      one.parameterTypes.every((type, i) => typeNameInCatalog(type) === wanted[i]),
  );
}
