// Whether parts of plans are alike but for where in the query they stand.

export function textOf(part: unknown): string {
  return JSON.stringify(part, (name, value) =>
    name === 'position' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
}

export function sameText(a: unknown, b: unknown): boolean {
  return textOf(a) === textOf(b);
}
