// Time zones: IANA names through Intl, fixed offsets, and the abbreviations PostgreSQL knows by default. Offsets are seconds
// east of UTC, remembered per zone and day (a day with a transition is looked up exactly).
import { sqlError } from '../errors/sql-error.ts';
import { MICROS_PER_SECOND } from './calendar.ts';

// biome-ignore format: a table reads best in few lines
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  utc: 0, gmt: 0, z: 0, zulu: 0, ut: 0, uct: 0, wet: 0, west: 1, bst: 1, cet: 1, cest: 2, met: 1, mest: 2, eet: 2, eest: 3, msk: 3, msd: 4,
  est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7, akst: -9, akdt: -8, hst: -10, ast: -4, adt: -3,
  nst: -3.5, ndt: -2.5, jst: 9, kst: 9, ist: 2, sast: 2, aest: 10, aedt: 11, acst: 9.5, acdt: 10.5, awst: 8, nzst: 12, nzdt: 13, brt: -3, art: -3,
  hkt: 8, pkt: 5,
};

type Zone = { readonly fixed: number } | { readonly name: string; readonly format: Intl.DateTimeFormat };

const ZONES = new Map<string, Zone | null>();
const DAY_OFFSETS = new Map<string, Map<number, number | null>>();

/** POSIX-style "+5", "-03:30", "UTC+2", "<+02>-02": the number counts west of Greenwich. */
function posixZone(text: string): Zone | null {
  const match = /^(?:[A-Za-z]{3,}|<[^>]*>)?([+-]?)(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const size = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return { fixed: match[1] === '-' ? size : -size };
}

function namedZone(name: string): Zone | null {
  try {
    return { name, format: new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' }) };
  } catch {
    return null;
  }
}

function findZone(name: string): Zone | null {
  const known = ZONES.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  let zone: Zone | null = null;
  if (Object.hasOwn(ABBREVIATIONS, lower)) zone = { fixed: ABBREVIATIONS[lower]! * 3600 };
  else if (/^(?:etc\/)?(?:utc|gmt|uct|zulu)$/.test(lower)) zone = { fixed: 0 };
  else if (/^(?:est5edt|cst6cdt|mst7mdt|pst8pdt)$/.test(lower)) zone = namedZone(name.toUpperCase());
  else if (/^[A-Za-z_]+(?:[/+-][A-Za-z0-9_+-]+)*$/.test(name) && !/^[A-Za-z]{3,}[+-]\d/.test(name)) {
    zone = namedZone(name);
  }
  zone ??= posixZone(name);
  if (ZONES.size < 2000) ZONES.set(name, zone);
  return zone;
}

export function isTimeZone(name: string): boolean {
  return findZone(name) !== null;
}

/** The offset an abbreviation such as EST stands for, in seconds east; undefined when it is none. */
export function abbreviationOffset(word: string): number | undefined {
  const lower = word.toLowerCase();
  return Object.hasOwn(ABBREVIATIONS, lower) ? ABBREVIATIONS[lower]! * 3600 : undefined;
}

function zoneOf(name: string): Zone {
  const zone = findZone(name);
  if (zone === null) throw sqlError('invalid_parameter_value', `time zone "${name}" not recognized`);
  return zone;
}

/** The session's setting may also be an offset "+02:00", there meaning east: that is what SHOW prints, as "<+02>-02". */
function lookUp(format: Intl.DateTimeFormat, seconds: number): number {
  const clamped = Math.max(-8.64e12, Math.min(8.64e12, seconds));
  const parts = format.formatToParts(clamped * 1000);
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-])(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?$/.exec(text);
  if (match === null) return 0;
  const size = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -size : size;
}

/** Seconds east of UTC in force in a zone at an instant (microseconds since 1970 UTC). Unknown zone: 22023. */
export function offsetAt(zoneName: string, utcMicros: bigint): number {
  const zone = zoneOf(zoneName);
  if ('fixed' in zone) return zone.fixed;
  const seconds = Number(utcMicros / MICROS_PER_SECOND);
  const day = Math.floor(seconds / 86400);
  let days = DAY_OFFSETS.get(zone.name);
  if (days === undefined) {
    days = new Map();
    DAY_OFFSETS.set(zone.name, days);
  }
  let offset = days.get(day);
  if (offset === undefined) {
    const start = lookUp(zone.format, day * 86400);
    offset = start === lookUp(zone.format, day * 86400 + 86399) ? start : null;
    if (days.size > 20000) days.clear();
    days.set(day, offset);
  }
  return offset ?? lookUp(zone.format, seconds);
}

/** The instant of a local time. In a gap the offset before it counts, in an overlap the one after, as in PostgreSQL. */
export function localToUtc(zoneName: string, localMicros: bigint): bigint {
  const dayMicros = 86_400_000_000n;
  const before = offsetAt(zoneName, localMicros - dayMicros);
  const after = offsetAt(zoneName, localMicros + dayMicros);
  const early = localMicros - BigInt(before) * MICROS_PER_SECOND;
  if (before === after) return early;
  const late = localMicros - BigInt(after) * MICROS_PER_SECOND;
  if (offsetAt(zoneName, late) === after) return late;
  return early;
}

export function utcToLocal(zoneName: string, utcMicros: bigint): bigint {
  return utcMicros + BigInt(offsetAt(zoneName, utcMicros)) * MICROS_PER_SECOND;
}

/** "+02", "-03:30", "+00:19:32". */
export function formatOffset(seconds: number): string {
  const size = Math.abs(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const rest = size % 3600;
  let text = `${seconds < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}`;
  if (rest !== 0) text += `:${two(Math.floor(rest / 60))}`;
  if (rest % 60 !== 0) text += `:${two(rest % 60)}`;
  return text;
}

/** The zone's abbreviation at an instant (CET, EST ...), or its offset where it has none. */
export function zoneAbbreviation(zoneName: string, utcMicros: bigint): string {
  const zone = zoneOf(zoneName);
  if ('fixed' in zone) {
    if (/^[A-Za-z]{1,5}$/.test(zoneName)) return zoneName.toUpperCase();
    return zone.fixed === 0 ? 'UTC' : formatOffset(zone.fixed);
  }
  const milliseconds = Number(utcMicros / 1000n);
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA']) {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone.name, timeZoneName: 'short' });
    const text = format.formatToParts(milliseconds).find((part) => part.type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{2,5}$/.test(text) && text !== 'GMT') return text;
    if (text === 'GMT' && offsetAt(zoneName, utcMicros) === 0) return text;
  }
  return formatOffset(offsetAt(zoneName, utcMicros));
}
