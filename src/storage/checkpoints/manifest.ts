// Manifest: what a checkpoint consists of, as one frame: the catalog, metadata, sequences, each relation's row groups with their segment
// files, state files; the payloads are the delete bitmaps. Written under a temporary name and renamed: the highest number counts.
import type { CatalogObject } from '../../catalog/catalog-change.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { CHECKPOINT_FOLDER } from '../disk/data-directory.ts';
import { type Disk, readWholeFile, writeFileAtomically } from '../disk/disk.ts';
import { decodeFrame, encodeFrameOf } from '../log/frame.ts';
import { type Json, stringifyTaggedInPieces } from '../log/tagged-json.ts';
import type { SequenceValue } from '../log/write-set.ts';

export interface ManifestGroup {
  readonly rowIdBase: number;
  readonly rowCount: number;
  readonly path: string;
  readonly bytes: number;
  readonly sealed: boolean;
  /** of the group's delete bitmap among the payloads; 0 = nothing deleted */
  readonly deletedBytes: number;
}

export interface Manifest {
  readonly epoch: bigint;
  readonly catalogVersion: number;
  readonly highestOid: number;
  readonly objects: readonly CatalogObject[];
  readonly metadata: readonly (readonly [string, Json])[];
  readonly sequences: readonly (readonly [number, SequenceValue])[];
  readonly relations: readonly {
    readonly oid: number;
    readonly nextRowId: number;
    readonly groups: readonly ManifestGroup[];
  }[];
  readonly states: readonly { readonly name: string; readonly path: string }[];
  /** the log file in which the commits behind it begin; absent in manifests of earlier versions */
  readonly logSegment?: number;
}

export function manifestPath(number: number): string {
  return `${CHECKPOINT_FOLDER}/manifest-${String(number).padStart(8, '0')}`;
}

/** Returns its bytes. */
export async function writeManifest(
  disk: Disk,
  number: number,
  manifest: Manifest,
  bitmaps: readonly Uint8Array[],
): Promise<number> {
  const header = await stringifyTaggedInPieces(manifest);
  return writeFileAtomically(disk, manifestPath(number), [encodeFrameOf(manifest.epoch, true, 0, header, bitmaps)]);
}

/** The newest manifest, or null in a new directory. Throws data_corrupted. */
export async function readManifest(
  disk: Disk,
): Promise<{ number: number; manifest: Manifest; bitmaps: Uint8Array } | null> {
  const numbers = (await disk.list(CHECKPOINT_FOLDER))
    .map((name) => /^manifest-(\d{8})$/.exec(name))
    .filter((match) => match !== null)
    .map((match) => Number(match[1]));
  if (numbers.length === 0) return null;
  const number = Math.max(...numbers);
  const frame = decodeFrame(await readWholeFile(disk, manifestPath(number)));
  if (frame === null) {
    throw sqlError('data_corrupted', `invalid checkpoint in file "${manifestPath(number)}" at offset 0`, {
      hint: 'Restore the data directory from a backup.',
    });
  }
  return { number, manifest: frame.header as unknown as Manifest, bitmaps: frame.payload };
}
