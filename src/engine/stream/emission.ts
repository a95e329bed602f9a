// When a continuous query's result shows itself: its mode (every change, a window's rows once, the whole result), its trigger (at once,
// every so often, once per start) and what of its state may be forgotten. Read from EMIT and from the view's options; whether the
// query can honour the mode is decided here too.
import type { EmitMode, MaterializedView } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { neverRetracts } from './append-only.ts';
import type { SourceFacts } from './build-dataflow.ts';
import { withWindowEnd } from './event-times.ts';
import { optionInterval } from './option-interval.ts';
import type { WindowEnd } from './window-close.ts';

export type Trigger =
  | { readonly kind: 'continuous' }
  | { readonly kind: 'interval'; readonly micros: bigint }
  /** at its start, and again at each ALTER ... RESUME */
  | { readonly kind: 'once' };

export interface Emission {
  readonly mode: EmitMode;
  readonly trigger: Trigger;
  readonly paused: boolean;
  /** how often it was resumed */
  readonly resumed: number;
  readonly stateTtlMicros: bigint | null;
  readonly checkpointMicros: bigint | null;
}

/** Of a subscription's own query. */
export function plainEmission(mode: EmitMode): Emission {
  const trigger = { kind: 'continuous' } as const;
  return { mode, trigger, paused: false, resumed: 0, stateTtlMicros: null, checkpointMicros: null };
}

const OPTIONS = ['output_mode', 'trigger', 'state_ttl', 'checkpoint_interval'];

/** Throws 22023 for an option that is not there or has a value that means nothing. */
export function emissionOf(view: Pick<MaterializedView, 'emit' | 'options' | 'paused' | 'resumed'>): Emission {
  const { options } = view;
  for (const name of Object.keys(options)) {
    if (OPTIONS.includes(name)) continue;
    throw sqlError('invalid_parameter_value', `unrecognized option "${name}" of a materialized view`, {
      hint: `The options are ${OPTIONS.join(', ')}.`,
      option: name,
    });
  }
  return {
    mode: view.emit,
    trigger: triggerOf(options.trigger),
    paused: view.paused === true,
    resumed: view.resumed ?? 0,
    stateTtlMicros: options.state_ttl === undefined ? null : duration('state_ttl', options.state_ttl),
    checkpointMicros:
      options.checkpoint_interval === undefined ? null : duration('checkpoint_interval', options.checkpoint_interval),
  };
}

function triggerOf(text: string | undefined): Trigger {
  const words = (text ?? 'continuous')
    .trim()
    .toLowerCase()
    .split(/[\s=:]+/);
  switch (words[0]) {
    case 'continuous':
      if (words.length === 1) return { kind: 'continuous' };
      break;
    case 'once':
    case 'available_now':
    case 'availablenow':
      if (words.length === 1) return { kind: 'once' };
      break;
    case 'processing_time':
    case 'processingtime':
      return { kind: 'interval', micros: duration('trigger', words.slice(1).join(' ')) };
    default:
  }
  throw sqlError('invalid_parameter_value', `invalid value for option "trigger": "${text}"`, {
    hint: "Use 'processing_time 5 seconds', 'once', 'available_now' or 'continuous'.",
    option: 'trigger',
  });
}

function duration(option: string, text: string): bigint {
  const { months, days, micros } = optionInterval(option, text.replace(/^'|'$/g, ''));
  const total = BigInt(days) * 86_400_000_000n + micros;
  if (months !== 0 || total <= 0n) {
    throw sqlError('invalid_parameter_value', `invalid value for option "${option}": "${text}"`, {
      hint: 'Use a positive interval of days, hours, minutes or seconds.',
      option,
    });
  }
  return total;
}

/** The plan that runs for an emission mode, and the window end it waits for. Throws 0A000 with the reason when it cannot be honoured. */
export function planForEmission(
  plan: BatchPlan,
  mode: EmitMode,
  facts: SourceFacts,
): { readonly plan: BatchPlan; readonly end: WindowEnd | null } {
  if (mode.kind === 'changes' || mode.kind === 'complete') return { plan, end: null };
  if (mode.kind === 'append' && neverRetracts(plan, facts.appendOnly)) return { plan, end: null };
  const found = withWindowEnd(plan, facts.watermark);
  if (found === null) throw mode.kind === 'append' ? noAppend() : noWindow();
  const delay = mode.kind === 'append' ? 0n : mode.delayMicros;
  return { plan: found.plan, end: { ...found.end, plusMicros: found.end.plusMicros + delay } };
}

function noAppend() {
  return sqlError('feature_not_supported', 'output mode append needs rows that never change', {
    detail: 'The query takes rows back, and no watermark says when a window of it is complete.',
    hint: 'Group by the window of TUMBLE, HOP or SESSION over the watermark column, or use output mode update or complete.',
  });
}

function noWindow() {
  return sqlError('feature_not_supported', 'EMIT ON WINDOW CLOSE needs rows that belong to an event-time window', {
    detail: 'No column of the result is in every row window_start or window_end over a column with a watermark.',
    hint: 'Group by the window of TUMBLE or HOP over the watermark column (of a full join: coalesce of both), or use EMIT CHANGES.',
  });
}
