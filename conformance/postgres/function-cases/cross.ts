// Short forms for lists of SQL expressions: calls and operators over every combination of given arguments.

/** Every combination of one item from each list. */
function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]]);
}

/** name(a, b, ...) for all combinations; several names are called alike. */
export function calls(names: string, ...lists: readonly (readonly string[])[]): string[] {
  return names.split(' ').flatMap((name) => combinations(lists).map((args) => `${name}(${args.join(', ')})`));
}

/** a operator b for all combinations of operators (separated by blanks) and operands. */
export function operators(symbols: string, left: readonly string[], right: readonly string[] = left): string[] {
  return symbols.split(' ').flatMap((symbol) => combinations([left, right]).map(([a, b]) => `${a} ${symbol} ${b}`));
}

/** SQL literals of a type, each as 'text'::type; null stands for NULL. */
export function literals(type: string, values: readonly (string | null)[]): string[] {
  return values.map((value) => (value === null ? `NULL::${type}` : `${quote(value)}::${type}`));
}

/** Untyped literals, control characters in escape form. */
export function texts(...values: readonly (string | null)[]): string[] {
  return values.map((value) => (value === null ? 'NULL' : quote(value)));
}

function quote(value: string): string {
  if (!/[\\\n\t\r]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const names: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  return `E'${value.replaceAll("'", "''").replace(/[\\\n\t\r]/g, (c) => names[c]!)}'`;
}

/** Each value cast to each type. */
export function casts(values: readonly string[], ...types: readonly string[]): string[] {
  return values.flatMap((value) => types.map((type) => `(${value})::${type}`));
}
