// pg_amop: the comparisons of the b-tree operator classes, among the types of a family too.
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { SystemContext } from '../system-relation.ts';
import { OPERATOR_CLASSES } from './operator-classes.ts';
import { typeOidByName } from './type-rows.ts';

const BTREE = 403;
/** by strategy number, from 1 */
const STRATEGIES = ['<', '<=', '=', '>=', '>'];
const FIRST_OID = 10_000;

interface ClassOperator {
  readonly oid: number;
  readonly family: number;
  readonly left: number;
  readonly right: number;
  readonly strategy: number;
  readonly operator: number;
}

function classOperators({ functions }: SystemContext): ClassOperator[] {
  const found: ClassOperator[] = [];
  const operands = ({ parameters }: ScalarFunction) => parameters.map(typeOidByName);
  for (const [i, name] of STRATEGIES.entries()) {
    for (const one of functions.operatorsNamed(name)) {
      const [left, right] = operands(one);
      const families = [left, right].map((type) => OPERATOR_CLASSES.find((known) => known.type === type)?.family);
      if (families[0] === undefined || families[0] !== families[1]) continue;
      const place = { family: families[0], left: left!, right: right!, strategy: i + 1 };
      found.push({ oid: FIRST_OID + found.length, ...place, operator: one.oid });
    }
  }
  return found;
}

export const PG_AMOP = systemRelation(['pg_catalog', 'pg_amop', 2602, 'table'], classOperators, [
  ['oid', 'oid!', (o) => o.oid],
  ['amopfamily', 'oid!', (o) => o.family],
  ['amoplefttype', 'oid!', (o) => o.left],
  ['amoprighttype', 'oid!', (o) => o.right],
  ['amopstrategy', 'int2!', (o) => o.strategy],
  ['amoppurpose', 'char!', 's'],
  ['amopopr', 'oid!', (o) => o.operator],
  ['amopmethod', 'oid!', BTREE],
  ['amopsortfamily', 'oid!'],
]);
