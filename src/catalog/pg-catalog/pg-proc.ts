// pg_proc: the functions, see function-rows.ts.

import { sqlArray } from '../../types/datum.ts';
import { systemRelation, vectorOf } from '../define-system-relation.ts';
import { functionRows, INTERNAL_LANGUAGE_OID, VOLATILITY_LETTERS } from './function-rows.ts';

export const PG_PROC = systemRelation(['pg_catalog', 'pg_proc', 1255, 'table'], functionRows, [
  ['oid', 'oid!', (f) => f.oid],
  ['proname', 'name!', (f) => f.name],
  ['pronamespace', 'oid!', (f) => f.schemaOid],
  ['proowner', 'oid!', (f) => f.owner],
  ['prolang', 'oid!', (f) => f.language],
  ['procost', 'float4!', (f) => (f.language === INTERNAL_LANGUAGE_OID ? 1 : 100)],
  ['prorows', 'float4!', (f) => (f.returnsSet ? 1000 : 0)],
  ['provariadic', 'oid!', (f) => (f.variadic ? (f.parameters.at(-1) ?? 0) : 0)],
  ['prosupport', 'regproc!'],
  ['prokind', 'char!', (f) => f.kind],
  ['prosecdef', 'bool!'],
  ['proleakproof', 'bool!'],
  ['proisstrict', 'bool!', (f) => f.strict],
  ['proretset', 'bool!', (f) => f.returnsSet],
  ['provolatile', 'char!', (f) => VOLATILITY_LETTERS[f.volatility]],
  ['proparallel', 'char!', (f) => (f.language === INTERNAL_LANGUAGE_OID ? 's' : 'u')],
  ['pronargs', 'int2!', (f) => f.parameters.length],
  ['pronargdefaults', 'int2!', (f) => f.defaults],
  ['prorettype', 'oid!', (f) => f.result],
  ['proargtypes', 'oidvector!', (f) => vectorOf(f.parameters)],
  ['proallargtypes', 'oid[]'],
  ['proargmodes', 'char[]'],
  ['proargnames', 'text[]', (f) => (f.parameterNames.length === 0 ? null : sqlArray(f.parameterNames))],
  ['proargdefaults', 'pg_node_tree'],
  ['protrftypes', 'oid[]'],
  ['prosrc', 'text!', (f) => f.source],
  ['probin', 'text'],
  ['prosqlbody', 'pg_node_tree'],
  ['proconfig', 'text[]'],
  ['proacl', 'aclitem[]'],
]);
