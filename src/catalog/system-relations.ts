// All system relations: pg_catalog, information_schema and headrace. Every Catalog contains them as objects, so that the binder
// finds them like any relation; their rows are computed when they are scanned. A new one is a file and a line in its list.
import { HEADRACE_RELATIONS } from './headrace/headrace-relations.ts';
import { INFORMATION_SCHEMA_RELATIONS } from './information-schema/information-schema-relations.ts';
import type { Relation, SystemRelation } from './objects.ts';
import { PG_CATALOG_RELATIONS } from './pg-catalog/pg-catalog-relations.ts';
import { BOOTSTRAP_ROLE_OID, HEADRACE_OID, INFORMATION_SCHEMA_OID, PG_CATALOG_OID } from './system-oids.ts';
import type { SystemRelationDefinition } from './system-relation.ts';

const SCHEMA_OIDS: Readonly<Record<SystemRelationDefinition['schema'], number>> = {
  pg_catalog: PG_CATALOG_OID,
  information_schema: INFORMATION_SCHEMA_OID,
  headrace: HEADRACE_OID,
};

const ALL: readonly SystemRelationDefinition[] = [
  ...PG_CATALOG_RELATIONS,
  ...INFORMATION_SCHEMA_RELATIONS,
  ...HEADRACE_RELATIONS,
];
const BY_OID = new Map(ALL.map((definition) => [definition.oid, definition]));
const OBJECTS = ALL.map(objectOf);

/** Every system relation's definition. */
export function allSystemRelations(): readonly SystemRelationDefinition[] {
  return ALL;
}

/** The definition whose rows a scan of this relation reads; undefined for oids that are no system relation's. */
export function findSystemRelation(oid: number): SystemRelationDefinition | undefined {
  return BY_OID.get(oid);
}

/** The system relations as catalog objects; Catalog.of puts them into every catalog, nothing persists them. */
export function systemRelationObjects(): readonly SystemRelation[] {
  return OBJECTS;
}

export function isSystemRelation(relation: Relation): relation is SystemRelation {
  return relation.kind === 'system-table' || relation.kind === 'system-view';
}

function objectOf(definition: SystemRelationDefinition): SystemRelation {
  return {
    kind: definition.kind === 'table' ? 'system-table' : 'system-view',
    oid: definition.oid,
    name: definition.name,
    schemaOid: SCHEMA_OIDS[definition.schema],
    owner: BOOTSTRAP_ROLE_OID,
    columns: definition.columns.map(({ name, type, notNull }, i) => ({
      name,
      attribute: i + 1,
      type,
      notNull: notNull === true,
      defaultSql: null,
      generated: null,
    })),
  };
}
