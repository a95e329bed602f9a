// KeyIndex: key bytes -> row id, one row per key. Open addressing over typed arrays: a slot holds an entry number, an entry its hash, row id
// and where its key lies in one growing byte heap. Deleted entries leave tombstones; growing rebuilds without them. A big index is many
// tables, by linear hashing: whenever there are so many entries more, the next table in line is cut in two. Never are more than some
// thousand entries moved at once.
const EMPTY = 0;
const DELETED = -1;
/** Entries per table, from which on there is one more. */
const TABLE_ENTRIES = 2048;
const FIRST_ENTRIES = 4;
/** Of a key's bytes, what is set aside for one. */
const KEY_BYTES = 16;
/** Slots in a table go by the low bits of the hash, tables by those from here on. */
const TABLE_SHIFT = 16;

export class KeyIndex {
  private readonly tables: KeyTable[] = [new KeyTable(FIRST_ENTRIES)];
  /** tables at the beginning of this round of cutting: a power of two */
  private before = 1;
  /** the next one to be cut; those before it, and those made of them, go by one bit more of the hash */
  private next = 0;
  private entries = 0;

  get size(): number {
    return this.entries;
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
    if (before >= 0) return before;
    this.entries++;
    if (this.entries > this.tables.length * TABLE_ENTRIES) this.cut();
    return -1;
  }

  /** Removes the key. Returns the row id that was there, or -1. */
  delete(key: Uint8Array, length: number): number {
    const hash = hashBytes(key, length);
    const before = this.table(hash).delete(key, length, hash);
    if (before >= 0) this.entries--;
    return before;
  }

  private table(hash: number): KeyTable {
    const number = hash >>> TABLE_SHIFT;
    const at = number & (this.before - 1);
    return this.tables[at < this.next ? number & (this.before * 2 - 1) : at]!;
  }

  private cut(): void {
    const whole = this.tables[this.next]!;
    const room = Math.max(FIRST_ENTRIES, 2 ** Math.ceil(Math.log2(whole.size * 0.6)));
    this.tables[this.next] = new KeyTable(room);
    this.tables.push(new KeyTable(room));
    this.next++;
    whole.moveTo((hash) => this.table(hash));
    if (this.next < this.before) return;
    this.before *= 2;
    this.next = 0;
  }
}

class KeyTable {
  private slots: Int32Array; // entry + 1
  private hashes: Int32Array;
  private rowIds: Float64Array;
  private starts: Float64Array; // of the key; an entry's key ends where the next one's starts
  private heap: Uint8Array;
  private entries = 0;
  private live = 0;

  /** `room`: entries that it holds without growing. Every small transaction makes one: arrays of up to 64 bytes cost V8 no allocation outside its heap. */
  constructor(room: number) {
    this.slots = new Int32Array(room * 2);
    this.hashes = new Int32Array(room);
    this.rowIds = new Float64Array(room);
    this.starts = new Float64Array(room + 1);
    this.heap = new Uint8Array(room * KEY_BYTES);
  }

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
    this.push(key, 0, length, hash, rowId);
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

  /** Adds its content to others, which do not have it. */
  moveTo(table: (hash: number) => KeyTable): void {
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.rowIds[entry] === -1) continue;
      const [from, to, hash] = [this.starts[entry]!, this.starts[entry + 1]!, this.hashes[entry]!];
      table(hash).push(this.heap, from, to - from, hash, this.rowIds[entry]!);
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

  /** A key that is not there: `length` bytes from `from` on. */
  private push(key: Uint8Array, from: number, length: number, hash: number, rowId: number): void {
    if ((this.entries + 1) * 2 > this.slots.length) this.rebuild();
    if (this.entries === this.hashes.length) this.growEntries();
    const start = this.entries === 0 ? 0 : this.starts[this.entries]!;
    if (start + length > this.heap.length) {
      const grown = new Uint8Array(Math.max(this.heap.length * 2, start + length));
      grown.set(this.heap);
      this.heap = grown;
    }
    for (let i = 0; i < length; i++) this.heap[start + i] = key[from + i]!;
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
