// pg_rewrite: the rule by which each view answers. Its text is asked of pg_get_viewdef.
import { systemRelation } from '../define-system-relation.ts';
import { ruleOid } from './derived-oids.ts';
import { views } from './relation-facts.ts';

export const PG_REWRITE = systemRelation(['pg_catalog', 'pg_rewrite', 2618, 'table'], views, [
  ['oid', 'oid!', (v) => ruleOid(v.oid)],
  ['rulename', 'name!', '_RETURN'],
  ['ev_class', 'oid!', (v) => v.oid],
  ['ev_type', 'char!', '1'],
  ['ev_enabled', 'char!', 'O'],
  ['is_instead', 'bool!', true],
  ['ev_qual', 'pg_node_tree!', '<>'],
  ['ev_action', 'pg_node_tree!', '<>'],
]);
