// LIKE with a constant pattern: one without `_` becomes a program of literal parts between `%` that a kernel searches in order.
// Program, u32 words: anchored at the start, anchored at the end, number of parts, then (address, length, two places) per part: the
// places are those of the bytes that are likely to be rare in texts, at which a search looks first.
import { encodeValue } from '../../columns/datum-vector.ts';
import { BOOL, TEXT } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';
import { KernelCallNode } from './kernel-call.ts';

interface LiteralParts {
  readonly parts: readonly string[];
  readonly anchoredStart: boolean;
  readonly anchoredEnd: boolean;
}

/** The parts of a LIKE pattern with backslash escapes; null if it has `_` or ends with an escape. */
function literalParts(pattern: string): LiteralParts | null {
  const parts: string[] = [];
  let part = '';
  let lastIsWild = false;
  for (let i = 0; i < pattern.length; i++) {
    let char = pattern[i]!;
    if (char === '_') return null;
    lastIsWild = char === '%';
    if (lastIsWild) {
      if (part !== '') parts.push(part);
      part = '';
      continue;
    }
    if (char === '\\') {
      i++;
      if (i === pattern.length) return null;
      char = pattern[i]!;
    }
    part += char;
  }
  if (part !== '') parts.push(part);
  return { parts, anchoredStart: !pattern.startsWith('%'), anchoredEnd: !lastIsWild };
}

/** Bytes of texts from common to rare; others are rarer than all of these. */
const COMMON = ' etaoinsrhldcu.,0123456789mfpgwybvkxjqz';

function rarity(byte: number): number {
  const at = COMMON.indexOf(String.fromCharCode(byte));
  return at < 0 ? COMMON.length : at;
}

/** Places of the two rarest bytes, different bytes if there are. */
function rarestPlaces(bytes: Uint8Array): readonly [number, number] {
  const places = [...bytes.keys()].sort((a, b) => rarity(bytes[b]!) - rarity(bytes[a]!));
  const first = places[0] ?? 0;
  return [first, places.find((place) => bytes[place] !== bytes[first]) ?? places[1] ?? first];
}

/** Numbers that follow the text column in the `like_parts_view` kernels: the program's address, 1 for NOT LIKE. Null: not for them. */
export function likeParameters(program: Program, kernel: string, args: readonly Node[]): [number, number] | null {
  if (kernel !== 'like_view' && kernel !== 'not_like_view') return null;
  const pattern = args[1]?.constant?.value;
  if (typeof pattern !== 'string' || args.length !== 2) return null;
  const literal = literalParts(pattern);
  if (literal === null) return null;
  const { region, memory } = program.context;
  const words = region.allocate(12 + 16 * literal.parts.length) >>> 2;
  memory.u32.set([literal.anchoredStart ? 1 : 0, literal.anchoredEnd ? 1 : 0, literal.parts.length], words);
  literal.parts.forEach((part, i) => {
    const bytes = encodeValue(TEXT, part);
    const address = region.allocate(bytes.length);
    memory.u8.set(bytes, address);
    memory.u32.set([address, bytes.length, ...rarestPlaces(bytes)], words + 3 + 4 * i);
  });
  return [words * 4, kernel === 'like_view' ? 0 : 1];
}

/** The specialised node of [NOT] LIKE with a constant pattern, or null. */
export function specialiseLike(program: Program, kernel: string, args: readonly Node[]): Node | null {
  const parameters = likeParameters(program, kernel, args);
  if (parameters === null) return null;
  return new KernelCallNode(program, { type: BOOL, kernel: 'like_parts_view', args: [args[0]!], parameters });
}
