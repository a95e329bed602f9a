// headrace.settings: the session's settings in few columns; pg_settings has PostgreSQL's.
import { sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';

export const SETTINGS = systemRelation(
  ['headrace', 'settings', 13_606, 'view'],
  (context) => context.session.settings,
  [
    ['name', 'text!', (s) => s.name],
    ['value', 'text!', (s) => s.value],
    ['default_value', 'text!', (s) => s.defaultValue],
    ['kind', 'text!', (s) => s.kind],
    ['unit', 'text', (s) => s.unit],
    ['minimum', 'text', (s) => s.min],
    ['maximum', 'text', (s) => s.max],
    ['allowed', 'text[]', (s) => (s.values === null ? null : sqlArray(s.values))],
    ['description', 'text!', (s) => s.description],
  ],
);
