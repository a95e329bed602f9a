// Continuous queries in a checkpoint: for each job its plan and the state of its operators, at one epoch, in the state file `streams`. A job
// whose state cannot be saved is left out by name, and is built from the retained rows at the next start.
import type { MaterializedView } from '../../catalog/objects.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Json } from '../../storage/log/tagged-json.ts';
import type { BufferHome } from '../../storage/tables/group-memory.ts';
import type { Job } from '../jobs/job.ts';
import type { Work } from './operator.ts';
import { STATE_VERSION, StateReader, StateWriter } from './state-file.ts';

export const STATE_NAME = 'streams';

/** Everything of a job at `epoch`, in slices. */
export function* saveJob(home: BufferHome, epoch: bigint, job: Job, frames: Uint8Array[]): Work {
  if (job.relation === null || job.unsaved !== null || !survivesText(job.query)) return;
  const state = jobsWriter(home, epoch, frames).within(String(job.relation));
  state.value('plan', job.query as unknown as Json);
  yield* job.save(state);
}

/** What the states of jobs begin with. */
export function saveVersion(home: BufferHome, epoch: bigint, frames: Uint8Array[]): void {
  jobsWriter(home, epoch, frames).value('version', STATE_VERSION);
}

function jobsWriter(home: BufferHome, epoch: bigint, frames: Uint8Array[]): StateWriter {
  return new StateWriter(home, epoch, 'jobs', frames);
}

/** The states of a checkpoint, or null where they are of another version or damaged: then all views are built anew. */
export function openJobs(home: BufferHome, bytes: Uint8Array | null): StateReader | null {
  if (bytes === null) return null;
  try {
    const reader = StateReader.open(home, bytes);
    return reader.within('jobs').value('version') === STATE_VERSION ? reader : null;
  } catch {
    return null; // derived: the retained rows give it again
  }
}

/** The state of a view's job, with the plan that it belongs to, or null. */
export function stateOf(
  reader: StateReader | null,
  view: MaterializedView,
): { readonly plan: BatchPlan; readonly state: StateReader } | null {
  const state = reader?.within('jobs').within(String(view.oid));
  const plan = state?.value('plan') ?? null;
  return state === undefined || plan === null ? null : { plan: plan as unknown as BatchPlan, state };
}

/** Whether the plan's constants come back from JSON as they were. */
function survivesText(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  return Object.values(value).every(survivesText);
}
