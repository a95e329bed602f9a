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

interface Changes {
  readonly settings: Readonly<Record<string, string>>;
  readonly workers?: number;
  readonly otherPlans?: boolean;
  readonly narrowAtOnce?: boolean;
}

/** The main life under other settings of the session. */
function under(name: string, { settings, workers = 0, otherPlans = false, narrowAtOnce = false }: Changes): Life {
  const unknown = Object.keys(settings).find((setting) => findSetting(setting) === undefined);
  return {
    name,
    missing: unknown === undefined ? null : `there is no setting ${unknown}`,
    otherPlans,
    open: () => new InProcessTarget({ durable: true, workers, settings, narrowAtOnce }),
  };
}

const REMOVABLE = RULES.filter((rule) => rule.mandatory !== true).map((rule) => rule.name);

export const LIVES: readonly Life[] = [
  { name: 'main', missing: null, otherPlans: false, open: () => new InProcessTarget({ durable: true }) },
  { name: 'incremental', missing: null, otherPlans: false, open: (records) => new ViewTarget(records) },
  { name: 'restart', missing: null, otherPlans: false, open: (records, random) => new RestartTarget(records, random) },
  under('batch-1', { settings: { 'headrace.batch_rows': '1' } }),
  under('batch-3', { settings: { 'headrace.batch_rows': '3' } }),
  under('no-optimizer', { settings: { 'headrace.optimizer_disabled_rules': REMOVABLE.join(',') }, otherPlans: true }),
  // Tables of tests are small: the main life rarely generates code and never asks a worker.
  under('generated-code', { settings: { 'headrace.min_generated_rows': '0' } }),
  under('no-generated-code', { settings: { 'headrace.min_generated_rows': '-1' } }),
  // Nor do their row groups fill, from when on they hold codes.
  under('narrow', { settings: { 'headrace.min_generated_rows': '0' }, narrowAtOnce: true }),
  // Operators that keep more than a few rows go on in temporary files.
  under('spill', { settings: { 'headrace.batch_rows': '3', 'headrace.spill_rows': '4' } }),
  under('workers', { settings: { 'headrace.min_worker_rows': '0' }, workers: 1 }),
];

/** Lives that `npm test` does not draw: two have every file anyway, one starts threads for each. */
const NOT_DRAWN = new Set(['main', 'incremental', 'workers']);
export const SAMPLED_LIVES = LIVES.filter(({ name, missing }) => missing === null && !NOT_DRAWN.has(name));
