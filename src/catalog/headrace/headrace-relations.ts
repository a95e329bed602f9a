// The relations of the schema headrace, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';
import { CHECKPOINTS } from './checkpoints.ts';
import { FUNCTIONS } from './functions.ts';
import { QUERIES } from './queries.ts';
import { REJECTED } from './rejected.ts';
import { SETTINGS } from './settings.ts';
import { STREAMS } from './streams.ts';
import { SUBSCRIPTIONS } from './subscriptions.ts';

export const HEADRACE_RELATIONS: readonly SystemRelationDefinition[] = [
  STREAMS,
  QUERIES,
  SUBSCRIPTIONS,
  REJECTED,
  CHECKPOINTS,
  FUNCTIONS,
  SETTINGS,
];
