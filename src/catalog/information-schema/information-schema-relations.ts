// The relations of the schema information_schema, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';

export const INFORMATION_SCHEMA_RELATIONS: readonly SystemRelationDefinition[] = [];
