// The relations of the schema pg_catalog, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';

export const PG_CATALOG_RELATIONS: readonly SystemRelationDefinition[] = [];
