// pg_cursors: the session's open cursors.
import { systemRelation, timestampOf } from '../define-system-relation.ts';

export const PG_CURSORS = systemRelation(
  ['pg_catalog', 'pg_cursors', 12077, 'view'],
  (context) => context.session.cursors,
  [
    ['name', 'text', (p) => p.name],
    ['statement', 'text', (p) => p.text],
    ['is_holdable', 'bool', (p) => p.holdable],
    ['is_binary', 'bool', false],
    ['is_scrollable', 'bool', false],
    ['creation_time', 'timestamptz', (p) => timestampOf(p.createdAtMs)],
  ],
);
