// pg_aggregate: the aggregates. How they compute is not made of functions, so none are named.
import { systemRelation } from '../define-system-relation.ts';
import { typeOidByName } from './type-rows.ts';

export const PG_AGGREGATE = systemRelation(
  ['pg_catalog', 'pg_aggregate', 2600, 'table'],
  (context) => context.functions.allAggregates(),
  [
    ['aggfnoid', 'regproc!', (a) => a.oid],
    ['aggkind', 'char!', (a) => (a.orderedSet === true ? 'o' : 'n')],
    ['aggnumdirectargs', 'int2!', (a) => (a.orderedSet === true ? Math.max(0, a.parameters.length - 1) : 0)],
    ['aggtransfn', 'regproc!'],
    ['aggfinalfn', 'regproc!'],
    ['aggcombinefn', 'regproc!'],
    ['aggserialfn', 'regproc!'],
    ['aggdeserialfn', 'regproc!'],
    ['aggmtransfn', 'regproc!'],
    ['aggminvtransfn', 'regproc!'],
    ['aggmfinalfn', 'regproc!'],
    ['aggfinalextra', 'bool!'],
    ['aggmfinalextra', 'bool!'],
    ['aggfinalmodify', 'char!', 'r'],
    ['aggmfinalmodify', 'char!', 'r'],
    ['aggsortop', 'oid!'],
    ['aggtranstype', 'oid!', (a) => typeOidByName(a.result)],
    ['aggtransspace', 'int4!'],
    ['aggmtranstype', 'oid!'],
    ['aggmtransspace', 'int4!'],
    ['agginitval', 'text'],
    ['aggminitval', 'text'],
  ],
);
