// Reading the package's trees, which have no reliable shape: a node is an object whose fields are checked where they are used.
export type Tree = { readonly [field: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The nodes of a list; a single node is a list of one, anything else is empty. */
export function treesOf(value: unknown): readonly Tree[] {
  if (Array.isArray(value)) return value.filter(isTree);
  return isTree(value) ? [value] : [];
}

/** A name that some grammars give as text and others as { type, value } or { expr: { value } }; null when there is none. */
export function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (!isTree(value)) return null;
  return nameOf(value.expr ?? value.value ?? value.name);
}
