// An interval that is the value of a stream's or a view's option: retention, trigger, state_ttl, checkpoint_interval.
import { sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { Interval } from '../../types/datum.ts';
import { parseInterval } from '../../types/interval.ts';
import { INTERVAL } from '../../types/sql-type.ts';

/** Throws 22007 that names the option. */
export function optionInterval(option: string, text: string): Interval {
  try {
    return parseInterval(text, INTERVAL);
  } catch (error) {
    const { condition, message, details } = toSqlError(error);
    throw sqlError(condition, message, {
      hint: "Use an interval such as '7 days' or '5 seconds'.",
      ...details,
      option,
    });
  }
}
