// JSON that also carries bigint and bytes: {"$bigint": "1"}, {"$bytes": "base64"}; an object of the user's that looks like one of
// these is wrapped as {"$plain": {...}}. Undefined members are left out, as JSON does. Used in log records and manifests.

import { Pieces } from '../../base/pieces.ts';

/** What the log and the manifests can carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

const TAGS = new Set(['$bigint', '$bytes', '$plain']);

export function stringifyTagged(value: unknown): string {
  return JSON.stringify(isPlain(value) ? value : tag(value));
}

/** The same text for an object with long lists, of several members; others have their turn meanwhile. */
export async function stringifyTaggedInPieces(value: object): Promise<string> {
  const pieces = new Pieces();
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (!Array.isArray(member)) {
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${stringifyTagged(member)}`);
      continue;
    }
    const items: string[] = [];
    for (const item of member) {
      items.push(stringifyTagged(item));
      const pause = pieces.next();
      if (pause !== undefined) await pause;
    }
    members.push(`${JSON.stringify(key)}:[${items.join()}]`);
  }
  return `{${members.join()}}`;
}

/** Whether JSON has all of it as it is: most values, which then are not made anew. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return typeof value !== 'bigint';
  if (value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  const members = Object.values(value);
  return members.every(isPlain) && !(members.length === 1 && TAGS.has(Object.keys(value)[0]!));
}

export function parseTagged(text: string): Json {
  return untag(JSON.parse(text));
}

function tag(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(tag);
  const entries = Object.entries(value);
  const plain = Object.fromEntries(entries.map(([key, member]) => [key, tag(member)]));
  return entries.length === 1 && TAGS.has(entries[0]![0]) ? { $plain: plain } : plain;
}

function untag(value: unknown): Json {
  if (value === null || typeof value !== 'object') return value as Json;
  if (Array.isArray(value)) return value.map(untag);
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [key, member] = entries[0]!;
    if (key === '$bigint') return BigInt(member as string);
    if (key === '$bytes') return Uint8Array.from(Buffer.from(member as string, 'base64'));
    if (key === '$plain') return untagMembers(member as object);
  }
  return untagMembers(value);
}

function untagMembers(value: object): Json {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, untag(member)]));
}
