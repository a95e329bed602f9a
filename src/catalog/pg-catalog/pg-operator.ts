// pg_operator: the registry's operators. The functions behind them have no names of their own.

import type { ScalarFunction } from '../../functions/function-definition.ts';
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID, PG_CATALOG_OID } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';
import { typeOidByName } from './type-rows.ts';

function operators(context: SystemContext): ScalarFunction[] {
  return context.functions.allScalars().filter((one) => one.operator !== undefined);
}

/** The oid of the operator of that name for the same operands, or for them swapped; 0: there is none. */
function relative(one: ScalarFunction, name: string | undefined, context: SystemContext, swapped: boolean): number {
  if (name === undefined) return 0;
  const operands = (swapped ? one.parameters.toReversed() : one.parameters).join();
  return context.functions.operatorsNamed(name).find((other) => other.parameters.join() === operands)?.oid ?? 0;
}

export const PG_OPERATOR = systemRelation(['pg_catalog', 'pg_operator', 2617, 'table'], operators, [
  ['oid', 'oid!', (o) => o.oid],
  ['oprname', 'name!', (o) => o.operator ?? ''],
  ['oprnamespace', 'oid!', PG_CATALOG_OID],
  ['oprowner', 'oid!', BOOTSTRAP_ROLE_OID],
  ['oprkind', 'char!', (o) => (o.parameters.length === 1 ? 'l' : 'b')],
  ['oprcanmerge', 'bool!', (o) => o.operator === '='],
  ['oprcanhash', 'bool!', (o) => o.operator === '='],
  ['oprleft', 'oid!', (o) => (o.parameters.length === 1 ? 0 : typeOidByName(o.parameters[0]!))],
  ['oprright', 'oid!', (o) => typeOidByName(o.parameters.at(-1)!)],
  ['oprresult', 'oid!', (o) => typeOidByName(o.result)],
  ['oprcom', 'oid!', (o, c) => relative(o, o.commutator, c, true)],
  ['oprnegate', 'oid!', (o, c) => relative(o, o.negator, c, false)],
  ['oprcode', 'regproc!'],
  ['oprrest', 'regproc!'],
  ['oprjoin', 'regproc!'],
]);
