// Oids of what every database contains, as PostgreSQL numbers it; schemas and the bootstrap role that owns them.
export const PG_CATALOG_OID = 11;
export const PUBLIC_OID = 2200;
export const INFORMATION_SCHEMA_OID = 13_000;
export const HEADRACE_OID = 13_001;
/** The first role: owner of everything the system comes with. */
export const BOOTSTRAP_ROLE_OID = 10;
/** The encoding UTF8, the only one. */
export const UTF8_ENCODING = 6;
export const DEFAULT_COLLATION_OID = 100;
export const C_COLLATION_OID = 950;
export const DEFAULT_TABLESPACE_OID = 1663;

/** classid and classoid: the catalog that an object's oid belongs to. */
export const CATALOG_CLASS = {
  type: 1247,
  attribute: 1249,
  function: 1255,
  relation: 1259,
  role: 1260,
  database: 1262,
  foreignServer: 1417,
  foreignDataWrapper: 2328,
  attributeDefault: 2604,
  constraint: 2606,
  schema: 2615,
  rewrite: 2618,
} as const;
