// The rows of pg_type: our types and their arrays, the pseudo-types that function signatures use, and a row type per relation
// (with the relation's oid: row types have the numbers that types leave free).

import { PSEUDO_TYPE_OIDS, pseudoTypeOid } from '../../types/pseudo-types.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { allTypeFacts, type TypeFacts, typeFromName, typeOid } from '../../types/type-table.ts';
import type { Relation } from '../objects.ts';
import { BOOTSTRAP_ROLE_OID, C_COLLATION_OID, DEFAULT_COLLATION_OID, PG_CATALOG_OID } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';
import { type TypeFunctions, typeFunctions } from './type-functions.ts';

export interface TypeRow {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly length: number;
  readonly byValue: boolean;
  /** b base, c composite, p pseudo */
  readonly kind: 'b' | 'c' | 'p';
  readonly category: string;
  readonly preferred: boolean;
  /** the relation whose row type it is; 0: none */
  readonly relation: number;
  readonly element: number;
  readonly array: number;
  readonly functions: TypeFunctions;
  readonly align: string;
  readonly storage: string;
  readonly collation: number;
  /** how subscripts work: 'array', 'vector' (fixed-length), 'jsonb' or not at all */
  readonly subscript: number;
}

const ARRAY_SUBSCRIPT_OID = 6179;
const SUBSCRIPTS: ReadonlyMap<string, number> = new Map([
  ['name', 6180],
  ['int2vector', ARRAY_SUBSCRIPT_OID],
  ['oidvector', ARRAY_SUBSCRIPT_OID],
  ['jsonb', 6098],
]);

const CSTRING_ARRAY_OID = 1263;

const OWN = { schemaOid: PG_CATALOG_OID, owner: BOOTSTRAP_ROLE_OID } as const;

function collationOf(name: string): number {
  if (name === 'name') return C_COLLATION_OID;
  return ['text', 'varchar', 'bpchar', 'pg_node_tree'].includes(name) ? DEFAULT_COLLATION_OID : 0;
}

function baseRow(facts: TypeFacts): TypeRow {
  return {
    ...OWN,
    oid: facts.oid,
    name: facts.name,
    length: facts.length,
    byValue: facts.byValue,
    kind: facts.category === 'P' || facts.category === 'X' ? 'p' : 'b',
    category: facts.category,
    preferred: facts.preferred,
    relation: 0,
    element: facts.elementOid ?? 0,
    array: facts.arrayOid,
    functions: typeFunctions(facts.name),
    align: facts.align,
    storage: facts.storage,
    collation: collationOf(facts.name),
    subscript: SUBSCRIPTS.get(facts.name) ?? 0,
  };
}

function arrayRow(of: { oid: number; array: number; name: string; align: string; collation: number }): TypeRow {
  return {
    ...OWN,
    oid: of.array,
    name: `_${of.name}`,
    length: -1,
    byValue: false,
    kind: of.name === 'record' || of.name === 'cstring' ? 'p' : 'b',
    category: of.name === 'record' || of.name === 'cstring' ? 'P' : 'A',
    preferred: false,
    relation: 0,
    element: of.oid,
    array: 0,
    functions: typeFunctions('array'),
    align: of.align === 'd' ? 'd' : 'i',
    storage: 'x',
    collation: of.collation,
    subscript: ARRAY_SUBSCRIPT_OID,
  };
}

function pseudoRow(name: keyof typeof PSEUDO_TYPE_OIDS): TypeRow {
  const isArray = name.endsWith('array') && name !== 'anynonarray';
  return {
    ...OWN,
    oid: PSEUDO_TYPE_OIDS[name],
    name,
    length: isArray ? -1 : name === 'cstring' ? -2 : name === 'internal' ? 8 : 4,
    byValue: !isArray && name !== 'cstring',
    kind: 'p',
    category: 'P',
    preferred: false,
    relation: 0,
    element: 0,
    array: name === 'cstring' ? CSTRING_ARRAY_OID : 0,
    functions: typeFunctions(name),
    align: isArray || name === 'internal' ? 'd' : name === 'cstring' ? 'c' : 'i',
    storage: isArray ? 'x' : 'p',
    collation: 0,
    subscript: 0,
  };
}

function relationRow(relation: Relation): TypeRow {
  return {
    oid: relation.oid,
    name: relation.name,
    schemaOid: relation.schemaOid,
    owner: relation.owner,
    length: -1,
    byValue: false,
    kind: 'c',
    category: 'C',
    preferred: false,
    relation: relation.oid,
    element: 0,
    array: 0,
    functions: typeFunctions('record'),
    align: 'd',
    storage: 'x',
    collation: 0,
    subscript: 0,
  };
}

function builtInRows(): readonly TypeRow[] {
  const base = allTypeFacts()
    .filter((facts) => facts.name !== 'array')
    .map(baseRow);
  const pseudo = (Object.keys(PSEUDO_TYPE_OIDS) as (keyof typeof PSEUDO_TYPE_OIDS)[]).map(pseudoRow);
  const plain = [...base, ...pseudo];
  return [...plain, ...plain.filter((row) => row.array !== 0).map(arrayRow)];
}

const BUILT_IN = builtInRows();

export function builtInTypes(): readonly TypeRow[] {
  return BUILT_IN;
}

const BUILT_IN_OIDS = new Set(BUILT_IN.map((row) => row.oid));

/** The oid of a relation's row type; 0: it has none. */
export function rowTypeOf(relation: Relation): number {
  const without = relation.kind === 'index' || relation.kind === 'sequence' || BUILT_IN_OIDS.has(relation.oid);
  return without ? 0 : relation.oid;
}

export function* typeRows(context: SystemContext): Generator<TypeRow> {
  yield* BUILT_IN;
  for (const relation of context.catalog.relations.values()) if (rowTypeOf(relation) !== 0) yield relationRow(relation);
}

/** The oid of a type as signatures spell it ("int4[]", "anyelement"); 0 for an unknown one. */
export function typeOidByName(name: string): number {
  const pseudo = pseudoTypeOid(name);
  if (pseudo !== undefined) return pseudo;
  if (name === 'cstring[]') return CSTRING_ARRAY_OID;
  if (name === 'char') return 18;
  const type = typeFromName([name]);
  return type === undefined ? 0 : typeOid(type);
}

/** attcollation and its like. */
export function collationOfType(type: SqlType): number {
  return collationOf(type.name === 'array' ? type.element!.name : type.name);
}
