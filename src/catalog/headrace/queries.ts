// headrace.queries: each continuous query (materialized view): its state, how far it is, what it has read, written and keeps. rows_per_second:
// input rows, mean of the last ten full seconds. missed_rows: result rows, or new versions of them, that came for windows which
// EMIT ON WINDOW CLOSE had closed before and which it therefore does not show; NULL for other queries.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';

export const QUERIES = systemRelation(['headrace', 'queries', 13_602, 'view'], (context) => context.queries, [
  ['relation', 'oid!', (q) => q.relation],
  ['schema_name', 'name', (q, c) => schemaName(c, c.catalog.relations.get(q.relation)?.schemaOid ?? 0)],
  ['query_name', 'name', (q, c) => c.catalog.relations.get(q.relation)?.name ?? null],
  ['state', 'text!', (q) => q.state],
  ['frontier_epoch', 'int8!', (q) => q.frontierEpoch],
  ['input_rows', 'int8!', (q) => q.inputRows],
  ['output_rows', 'int8!', (q) => q.outputRows],
  ['missed_rows', 'int8', (q) => q.missedRows],
  ['rows_per_second', 'float8!', (q) => q.rowsPerSecond],
  ['state_bytes', 'int8!', (q) => q.stateBytes],
  ['last_error', 'text', (q) => q.lastError],
  ['plan', 'text!', (q) => q.plan],
]);
