// What a sort moves: {u64 prefix of the keys, u32 row address}.
export const ENTRY: usize = 12;

// @ts-ignore: decorator
@inline
export function copyEntry(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u32>(to, load<u32>(from, 8), 8);
}
