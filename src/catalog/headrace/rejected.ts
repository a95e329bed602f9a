// headrace.rejected: the late and malformed rows that streams kept, with the reason.
import { systemRelation, timestampOf } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';

export const REJECTED = systemRelation(['headrace', 'rejected', 13_604, 'view'], (context) => context.rejected, [
  ['relation', 'oid!', (r) => r.relation],
  ['schema_name', 'name', (r, c) => schemaName(c, c.catalog.relations.get(r.relation)?.schemaOid ?? 0)],
  ['stream_name', 'name', (r, c) => c.catalog.relations.get(r.relation)?.name ?? null],
  ['reason', 'text!', (r) => r.reason],
  ['detail', 'text!', (r) => r.detail],
  ['raw', 'text', (r) => r.raw],
  ['rejected_at', 'timestamptz!', (r) => timestampOf(r.rejectedAtMs)],
]);
