// PostgreSQL's object identifiers of the functions and operators that exist there, by our ids.
export const POSTGRES_OIDS: ReadonlyMap<string, number> = new Map();
