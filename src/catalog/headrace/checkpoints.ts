// headrace.checkpoints: the latest checkpoints since the server started, oldest first. bytes: what was written for it (row groups that have
// changed, states of queries, the manifest); unchanged row groups are kept from before. None where everything is in memory.
import { interval } from '../../types/datum.ts';
import { systemRelation, timestampOf } from '../define-system-relation.ts';

export const CHECKPOINTS = systemRelation(
  ['headrace', 'checkpoints', 13_607, 'view'],
  (context) => context.checkpoints,
  [
    ['epoch', 'int8', (c) => c.epoch],
    ['started_at', 'timestamptz!', (c) => timestampOf(c.startedAtMs)],
    ['duration', 'interval', (c) => (c.durationMs === null ? null : interval(0, 0, timestampOf(c.durationMs)))],
    ['bytes', 'int8!', (c) => BigInt(c.bytes)],
    ['state', 'text!', (c) => c.state],
    ['last_error', 'text', (c) => c.error],
  ],
);
