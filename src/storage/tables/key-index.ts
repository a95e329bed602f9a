// KeyIndex: key bytes -> row id, one row per key. Open addressing over typed arrays: a slot holds an entry number, an entry its hash, row id
// and where its key lies in one growing byte heap. Deleted entries leave tombstones; growing rebuilds without them. A big index is cut
// into parts by hash, each of which grows alone: no growth takes longer than a few milliseconds.
const EMPTY = 0;
const DELETED = -1;
/** Entries from which on an index has parts. */
const CUT_AT = 8192;
const PART_BITS = 8;

export class KeyIndex {
  private whole: KeyTable | null = new KeyTable();
  private parts: readonly KeyTable[] = [];

  get size(): number {
    return this.tables.reduce((sum, table) => sum + table.size, 0);
  }

  /** Bytes it holds. */
  get bytes(): number {
    return this.tables.reduce((sum, table) => sum + table.bytes, 0);
  }

  /** The row id under the key, or -1. */
  find(key: Uint8Array, length: number): number {
    const hash = hashBytes(key, length);
    return this.table(hash).find(key, length, hash);
  }

  /** Puts or replaces. Returns the row id that was there, or -1. */
  set(key: Uint8Array, length: number, rowId: number): number {
    const hash = hashBytes(key, length);
    const before = this.table(hash).set(key, length, hash, rowId);
    if (this.whole !== null && this.whole.size > CUT_AT) this.cut(this.whole);
    return before;
  }

  /** Removes the key. Returns the row id that was there, or -1. */
  delete(key: Uint8Array, length: number): number {
    const hash = hashBytes(key, length);
    return this.table(hash).delete(key, length, hash);
  }

  private get tables(): readonly KeyTable[] {
    return this.whole === null ? this.parts : [this.whole];
  }

  /** The part by the high bits, slots in it by the low ones. */
  private table(hash: number): KeyTable {
    return this.whole ?? this.parts[hash >>> (32 - PART_BITS)]!;
  }

  private cut(whole: KeyTable): void {
    this.parts = Array.from({ length: 1 << PART_BITS }, () => new KeyTable());
    this.whole = null;
    for (const { key, hash, rowId } of whole.content()) this.table(hash).set(key, key.length, hash, rowId);
  }
}

class KeyTable {
  // Every small transaction makes one: arrays of up to 64 bytes cost V8 no allocation outside its heap.
  private slots = new Int32Array(8); // entry + 1
  private hashes = new Int32Array(4);
  private rowIds = new Float64Array(4);
  private starts = new Float64Array(5); // of the key; an entry's key ends where the next one's starts
  private heap = new Uint8Array(64);
  private entries = 0;
  private live = 0;

  get size(): number {
    return this.live;
  }

  /** Bytes it holds. */
  get bytes(): number {
    return (
      this.slots.byteLength +
      this.hashes.byteLength +
      this.rowIds.byteLength +
      this.starts.byteLength +
      this.heap.length
    );
  }

  /** The row id under the key, or -1. */
  find(key: Uint8Array, length: number, hash: number): number {
    const slot = this.slotOf(key, length, hash);
    return slot < 0 ? -1 : this.rowIds[this.slots[slot]! - 1]!;
  }

  /** Puts or replaces. Returns the row id that was there, or -1. */
  set(key: Uint8Array, length: number, hash: number, rowId: number): number {
    const slot = this.slotOf(key, length, hash);
    if (slot >= 0) {
      const entry = this.slots[slot]! - 1;
      const before = this.rowIds[entry]!;
      this.rowIds[entry] = rowId;
      return before;
    }
    if ((this.entries + 1) * 2 > this.slots.length) this.rebuild();
    this.push(key, length, hash, rowId);
    return -1;
  }

  /** Removes the key. Returns the row id that was there, or -1. */
  delete(key: Uint8Array, length: number, hash: number): number {
    const slot = this.slotOf(key, length, hash);
    if (slot < 0) return -1;
    const entry = this.slots[slot]! - 1;
    this.slots[slot] = DELETED;
    this.live--;
    const before = this.rowIds[entry]!;
    this.rowIds[entry] = -1;
    return before;
  }

  *content(): Generator<{ key: Uint8Array; hash: number; rowId: number }> {
    for (let entry = 0; entry < this.entries; entry++) {
      const rowId = this.rowIds[entry]!;
      if (rowId === -1) continue;
      const key = this.heap.subarray(this.starts[entry]!, this.starts[entry + 1]!);
      yield { key, hash: this.hashes[entry]!, rowId };
    }
  }

  private slotOf(key: Uint8Array, length: number, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const content = this.slots[slot]!;
      if (content === EMPTY) return -1;
      if (content === DELETED || this.hashes[content - 1] !== hash) continue;
      if (this.keyEquals(content - 1, key, length)) return slot;
    }
  }

  private keyEquals(entry: number, key: Uint8Array, length: number): boolean {
    const start = this.starts[entry]!;
    if (this.starts[entry + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.heap[start + i] !== key[i]) return false;
    return true;
  }

  private push(key: Uint8Array, length: number, hash: number, rowId: number): void {
    if (this.entries === this.hashes.length) this.growEntries();
    const start = this.entries === 0 ? 0 : this.starts[this.entries]!;
    if (start + length > this.heap.length) {
      const grown = new Uint8Array(Math.max(this.heap.length * 2, start + length));
      grown.set(this.heap);
      this.heap = grown;
    }
    for (let i = 0; i < length; i++) this.heap[start + i] = key[i]!;
    const entry = this.entries++;
    this.starts[entry] = start;
    this.starts[entry + 1] = start + length;
    this.hashes[entry] = hash;
    this.rowIds[entry] = rowId;
    this.live++;
    this.link(entry);
  }

  private link(entry: number): void {
    const mask = this.slots.length - 1;
    let slot = this.hashes[entry]! & mask;
    while (this.slots[slot]! > 0) slot = (slot + 1) & mask;
    this.slots[slot] = entry + 1;
  }

  private growEntries(): void {
    const size = this.hashes.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.hashes);
    this.hashes = hashes;
    const rowIds = new Float64Array(size);
    rowIds.set(this.rowIds);
    this.rowIds = rowIds;
    const starts = new Float64Array(size + 1);
    starts.set(this.starts);
    this.starts = starts;
  }

  /** Drops dead entries and their key bytes, and doubles the slots unless that alone made room. */
  private rebuild(): void {
    let kept = 0;
    let end = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.rowIds[entry] === -1) continue;
      const start = this.starts[entry]!;
      const length = this.starts[entry + 1]! - start;
      this.heap.copyWithin(end, start, start + length);
      this.hashes[kept] = this.hashes[entry]!;
      this.rowIds[kept] = this.rowIds[entry]!;
      this.starts[kept] = end;
      end += length;
      kept++;
    }
    this.starts[kept] = end;
    this.entries = kept;
    this.slots = new Int32Array(kept * 4 > this.slots.length ? this.slots.length * 2 : this.slots.length);
    for (let entry = 0; entry < kept; entry++) this.link(entry);
  }
}

export function hashBytes(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5 ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
