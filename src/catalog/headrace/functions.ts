// headrace.functions: the functions users made.
import { formatType } from '../../types/type-table.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { UserFunction } from '../objects.ts';
import { roleName, schemaName } from '../pg-catalog/relation-facts.ts';

function parameterList(one: UserFunction): string {
  return one.parameterTypes
    .map((type, i) => `${one.parameterNames[i] ?? ''} ${formatType(type)}`.trimStart())
    .join(', ');
}

export const FUNCTIONS = systemRelation(
  ['headrace', 'functions', 13_605, 'view'],
  (context) => context.catalog.functions.values(),
  [
    ['function', 'oid!', (f) => f.oid],
    ['schema_name', 'name', (f, c) => schemaName(c, f.schemaOid)],
    ['function_name', 'name!', (f) => f.name],
    ['owner', 'name!', (f, c) => roleName(c, f.owner)],
    ['language', 'text!', (f) => f.language],
    ['parameters', 'text!', parameterList],
    ['result', 'text!', (f) => formatType(f.resultType)],
    ['volatility', 'text!', (f) => f.volatility],
    ['strict', 'bool!', (f) => f.strict],
    ['vectorized', 'bool!', (f) => f.vectorized],
    ['source', 'text!', (f) => f.source],
  ],
);
