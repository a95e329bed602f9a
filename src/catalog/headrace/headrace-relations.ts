// The relations of the schema headrace, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';

export const HEADRACE_RELATIONS: readonly SystemRelationDefinition[] = [];
