// A stable merge sort of JavaScript values that stops now and then: runs short enough for one piece, merged pair by pair.
const RUN = 1024;

export type Pause = () => Promise<void> | void;

export async function sortInPieces<T>(items: T[], compare: (a: T, b: T) => number, pause: Pause): Promise<T[]> {
  if (items.length <= RUN) return items.sort(compare);
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(compare));
    await pause();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [left, right] = [runs[i]!, runs[i + 1]];
      merged.push(right === undefined ? left : await merge(left, right, compare, pause));
    }
    runs = merged;
  }
  return runs[0]!;
}

async function merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number, pause: Pause): Promise<T[]> {
  const out: T[] = [];
  for (let [l, r] = [0, 0]; l < left.length || r < right.length; ) {
    const takesLeft = r === right.length || (l < left.length && compare(left[l]!, right[r]!) <= 0);
    out.push(takesLeft ? left[l++]! : right[r++]!);
    if (out.length % RUN === 0) await pause();
  }
  return out;
}
