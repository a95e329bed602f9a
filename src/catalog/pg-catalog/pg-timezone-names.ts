// pg_timezone_names: the time zones known, with what they are now.

import { interval } from '../../types/datum.ts';
import { offsetAt, zoneAbbreviation } from '../../types/time-zone.ts';
import { systemRelation } from '../define-system-relation.ts';

interface Zone {
  readonly name: string;
  readonly abbreviation: string;
  /** seconds east of UTC */
  readonly offset: number;
  readonly daylight: boolean;
}

const YEAR_MICROS = 31_556_952_000_000n;

const HOUR_MS = 3_600_000;
let known: { readonly hour: number; readonly zones: readonly Zone[] } | undefined;

/** Computing all zones takes a quarter of a second, so an hour's answer is kept. */
function zones(): readonly Zone[] {
  const hour = Math.floor(Date.now() / HOUR_MS);
  if (known?.hour !== hour) known = { hour, zones: [...zonesAt(BigInt(Date.now()) * 1000n)] };
  return known.zones;
}

function* zonesAt(now: bigint): Generator<Zone> {
  for (const name of ['UTC', ...Intl.supportedValuesOf('timeZone')]) {
    const offset = offsetAt(name, now);
    // daylight saving time is the larger of the year's offsets
    const half = offsetAt(name, now + YEAR_MICROS / 2n);
    yield { name, abbreviation: zoneAbbreviation(name, now), offset, daylight: offset > half };
  }
}

export const PG_TIMEZONE_NAMES = systemRelation(['pg_catalog', 'pg_timezone_names', 12126, 'view'], zones, [
  ['name', 'text', (z) => z.name],
  ['abbrev', 'text', (z) => z.abbreviation],
  ['utc_offset', 'interval', (z) => interval(0, 0, BigInt(z.offset) * 1_000_000n)],
  ['is_dst', 'bool', (z) => z.daylight],
]);
