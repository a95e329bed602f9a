// For the end of a switch over a union: the compiler checks that nothing is left.
export function unreachable(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
