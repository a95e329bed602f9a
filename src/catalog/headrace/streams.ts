// headrace.streams: each stream's connector and options, watermark and counts of accepted, late and malformed rows. lag: how far the
// watermark is behind the time of day (negative before it, NULL without one), which grows while no rows come.
import { interval, sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';
import { optionTexts } from '../pg-catalog/connector-rows.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';

const DAY = 86_400_000_000n;

function optionsOf(context: SystemContext, oid: number): readonly string[] {
  const relation = context.catalog.relations.get(oid);
  return relation?.kind === 'stream' ? optionTexts(relation) : [];
}

export const STREAMS = systemRelation(['headrace', 'streams', 13_601, 'view'], (context) => context.streams, [
  ['relation', 'oid!', (s) => s.relation],
  ['schema_name', 'name', (s, c) => schemaName(c, c.catalog.relations.get(s.relation)?.schemaOid ?? 0)],
  ['stream_name', 'name', (s, c) => c.catalog.relations.get(s.relation)?.name ?? null],
  ['connector', 'text!', (s) => s.connector],
  ['options', 'text[]!', (s, c) => sqlArray(optionsOf(c, s.relation))],
  ['watermark', 'timestamptz', (s) => s.watermarkMicros],
  ['lag', 'interval', (s) => (s.lagMicros === null ? null : interval(0, Number(s.lagMicros / DAY), s.lagMicros % DAY))],
  ['idle', 'bool!', (s) => s.idle],
  ['accepted_rows', 'int8!', (s) => s.acceptedRows],
  ['late_rows', 'int8!', (s) => s.lateRows],
  ['malformed_rows', 'int8!', (s) => s.malformedRows],
  ['last_error', 'text', (s) => s.lastError],
]);
