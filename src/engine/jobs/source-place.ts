// Where sources go on, as commit metadata: `offsets/<oid>`, and an item each under `offsets/<oid>/<key>`.
import type { ChangedItems, SourcePlace } from '../../connectors/source.ts';
import type { Json } from '../../storage/log/tagged-json.ts';
import type { Storage } from '../../storage/storage.ts';

const OFFSETS = 'offsets/';

type Metadata = readonly (readonly [key: string, value: Json])[];

/** What a commit says of a source's place. */
export function placeMetadata(oid: number, offsets: unknown, items: ChangedItems): Metadata {
  const key = `${OFFSETS}${oid}`;
  return [
    [key, JSON.stringify(offsets)],
    ...items.map(([name, item]) => [`${key}/${name}`, item === null ? null : JSON.stringify(item)] as const),
  ];
}

/** What the commits of a stream's source have left; null: nothing yet. */
export function sourcePlace(storage: Storage, oid: number): SourcePlace | null {
  const stored = storage.metadata(`${OFFSETS}${oid}`);
  if (typeof stored !== 'string') return null;
  const prefix = `${OFFSETS}${oid}/`;
  const items = new Map<string, unknown>();
  for (const [key, item] of storage.metadataEntries())
    if (key.startsWith(prefix)) items.set(key.slice(prefix.length), JSON.parse(String(item)));
  return { offsets: JSON.parse(stored), items };
}

/** Forgets the places of streams that are no more. */
export function gonePlaces(storage: Storage): Metadata {
  const { relations } = storage.catalog();
  const gone = [...storage.metadataEntries().keys()].filter((key) => {
    const oid = /^offsets\/(\d+)(?:\/|$)/.exec(key)?.[1];
    return oid !== undefined && !relations.has(Number(oid));
  });
  return gone.map((key) => [key, null] as const);
}
