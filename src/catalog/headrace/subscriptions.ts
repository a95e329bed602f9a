// headrace.subscriptions: the queries pushed to sessions, how far each session is and what waits for it.
import { systemRelation } from '../define-system-relation.ts';

export const SUBSCRIPTIONS = systemRelation(
  ['headrace', 'subscriptions', 13_603, 'view'],
  (context) => context.subscriptions,
  [
    ['id', 'int4!', (s) => s.id],
    ['relation', 'oid', (s) => s.relation],
    ['query', 'text!', (s) => s.query],
    ['pid', 'int4!', (s) => s.processId],
    ['sent_epoch', 'int8!', (s) => s.sentEpoch],
    ['queued_rows', 'int8!', (s) => s.queuedRows],
    ['queued_bytes', 'int8!', (s) => s.queuedBytes],
  ],
);
