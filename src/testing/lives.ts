// The lives of an .slt file: the same records with the same answers, run in another way each time. `npm test` lives the main and the
// incremental life of every file and one of the others, drawn by a seed; `npm run slt -- --life all` lives them all.
import { findSetting } from '../session/settings.ts';
import { RULES } from '../sql/optimizer/optimize.ts';
import { InProcessTarget } from './in-process-target.ts';
import { RestartTarget } from './restart-target.ts';
import type { SltRecord } from './slt-file.ts';
import type { SltTarget } from './slt-run.ts';
import { ViewTarget } from './view-target.ts';

export interface Life {
  readonly name: string;
  /** why it cannot be lived in this version; null: it can */
  readonly missing: string | null;
  /** plans are others than the main life's: EXPLAIN is left out */
  readonly otherPlans: boolean;
  readonly open: (records: readonly SltRecord[], random: () => number) => SltTarget;
}

/** The main life under other settings of the session. */
function underSetting(name: string, setting: string, value: string, otherPlans = false): Life {
  return {
    name,
    missing: findSetting(setting) === undefined ? `there is no setting ${setting}` : null,
    otherPlans,
    open: () => new InProcessTarget({ durable: true, settings: { [setting]: value } }),
  };
}

const REMOVABLE = RULES.filter((rule) => rule.mandatory !== true).map((rule) => rule.name);

export const LIVES: readonly Life[] = [
  { name: 'main', missing: null, otherPlans: false, open: () => new InProcessTarget({ durable: true }) },
  { name: 'incremental', missing: null, otherPlans: false, open: (records) => new ViewTarget(records) },
  { name: 'restart', missing: null, otherPlans: false, open: (records, random) => new RestartTarget(records, random) },
  {
    name: 'workers',
    missing: null,
    open: () => new InProcessTarget({ durable: true, workers: 2, settings: { 'headrace.min_worker_rows': '0' } }),
  },
  underSetting('batch-1', 'headrace.batch_rows', '1'),
  underSetting('batch-3', 'headrace.batch_rows', '3'),
  underSetting('no-optimizer', 'headrace.optimizer_disabled_rules', REMOVABLE.join(','), true),
  underSetting('no-generated-code', 'headrace.generated_code', 'off'),
];

/** The lives that `npm test` samples. */
export const SAMPLED_LIVES = LIVES.filter(
  ({ name, missing }) => missing === null && name !== 'main' && name !== 'incremental',
);
