// Oids of rows whose objects have none of their own in our catalog (a column's default, a view's rule, a connector seen as a
// foreign server): derived from what they belong to, in ranges above all others.

/** of a column's default in pg_attrdef */
export function defaultOid(relation: number, attribute: number): number {
  return 2_000_000_000 + ((relation * 1600 + attribute) % 2_000_000_000);
}

/** of a view's rule in pg_rewrite */
export function ruleOid(view: number): number {
  return 1_500_000_000 + (view % 400_000_000);
}

/** of the foreign-data wrapper and server that stand for a connector */
export function connectorOid(connector: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < connector.length; i++) hash = Math.imul(hash ^ connector.charCodeAt(i), 0x01000193);
  return 1_000_000_000 + ((hash >>> 0) % 400_000_000);
}
