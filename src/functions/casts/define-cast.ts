// Short forms for the cast tables: a cast is a scalar function with the id "cast(from->to)" whose body gets the target type.
import type { Datum } from '../../types/datum.ts';
import type { SqlType, TypeName } from '../../types/sql-type.ts';
import { type BodyFor, oidOf } from '../define.ts';
import type { CastFunction, EvaluationContext, ParameterType } from '../function-definition.ts';

export type CastContext = CastFunction['context'];

/** A cast with a body of its own. `volatility` is stable where the session's settings matter. */
export function cast(
  from: TypeName,
  to: TypeName,
  context: CastContext,
  body: BodyFor,
  volatility: 'immutable' | 'stable' = 'immutable',
  resultType?: (args: readonly SqlType[]) => SqlType,
): CastFunction {
  const id = `cast(${from}->${to})`;
  return {
    from,
    to,
    context,
    function: {
      id,
      name: to,
      parameters: [from as ParameterType],
      result: to as ParameterType,
      strict: true,
      volatility,
      body,
      oid: oidOf(id),
      ...(resultType === undefined ? {} : { resultType }),
    },
  };
}

/** A cast that computes one value from one value. */
export function rowCast(
  from: TypeName,
  to: TypeName,
  context: CastContext,
  convert: (value: Datum, target: SqlType, context: EvaluationContext, source: SqlType) => Datum | null,
  volatility: 'immutable' | 'stable' = 'immutable',
): CastFunction {
  const body: BodyFor = (args, target) => {
    const source = args[0]!;
    return { kind: 'row', evaluate: ([value], evaluation) => convert(value!, target, evaluation, source) };
  };
  return cast(from, to, context, body, volatility);
}

/** Same bytes: no work at all. */
export function sameBytes(from: TypeName, to: TypeName, context: CastContext): CastFunction {
  return { from, to, context, function: 'binary-compatible' };
}
