// Window functions: signatures only, the engine computes them. lag and lead take (value[, offset[, default]]).

import { list, oidOf } from '../define.ts';
import type { ParameterType, WindowFunction } from '../function-definition.ts';

function windowFunction(name: string, parameters: string, result: ParameterType): WindowFunction {
  const id = `${name}(${parameters})`;
  const types = list(parameters);
  return {
    id,
    name,
    parameters: types,
    result,
    oid: oidOf(id),
    ...(types[0] === 'anyelement' ? { resultType: ([type]) => type! } : {}),
  };
}

export const WINDOW_FUNCTIONS: readonly WindowFunction[] = [
  windowFunction('row_number', '', 'int8'),
  windowFunction('rank', '', 'int8'),
  windowFunction('dense_rank', '', 'int8'),
  windowFunction('percent_rank', '', 'float8'),
  windowFunction('cume_dist', '', 'float8'),
  windowFunction('ntile', 'int4', 'int4'),
  windowFunction('lag', 'anyelement', 'anyelement'),
  windowFunction('lag', 'anyelement,int4', 'anyelement'),
  windowFunction('lag', 'anycompatible,int4,anycompatible', 'anycompatible'),
  windowFunction('lead', 'anyelement', 'anyelement'),
  windowFunction('lead', 'anyelement,int4', 'anyelement'),
  windowFunction('lead', 'anycompatible,int4,anycompatible', 'anycompatible'),
  windowFunction('first_value', 'anyelement', 'anyelement'),
  windowFunction('last_value', 'anyelement', 'anyelement'),
  windowFunction('nth_value', 'anyelement,int4', 'anyelement'),
];
