// Intervals in clauses (IDLE TIMEOUT, WITH DELAY, watermark delays): constants in microseconds; months are refused.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../sql/ast.ts';
import type { Interval } from '../../types/datum.ts';
import { INTERVAL } from '../../types/sql-type.ts';
import type { SessionState } from '../session-state.ts';
import { evaluateScalar } from './evaluate-scalar.ts';

const DAY_MICROS = 86_400_000_000n;

export function intervalMicros(state: SessionState, expression: Expression): bigint {
  const value = evaluateScalar(state, expression, INTERVAL) as Interval | null;
  if (value === null)
    throw sqlError('null_value_not_allowed', 'the interval must not be null', { position: expression.position });
  if (value.months !== 0) {
    throw sqlError('feature_not_supported', 'an interval of months has no fixed length', {
      hint: 'Use days, hours, minutes or seconds.',
      position: expression.position,
    });
  }
  return BigInt(value.days) * DAY_MICROS + value.micros;
}
