// pg_description: the comments on relations and columns.
import { systemRelation } from '../define-system-relation.ts';
import { CATALOG_CLASS } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';
import { allRelations } from './relation-facts.ts';

function* comments(
  context: SystemContext,
): Generator<{ readonly object: number; readonly part: number; readonly text: string }> {
  for (const relation of allRelations(context)) {
    if (relation.comment !== undefined) yield { object: relation.oid, part: 0, text: relation.comment };
    for (const { attribute, comment } of relation.columns) {
      if (comment !== undefined) yield { object: relation.oid, part: attribute, text: comment };
    }
  }
}

export const PG_DESCRIPTION = systemRelation(['pg_catalog', 'pg_description', 2609, 'table'], comments, [
  ['objoid', 'oid!', (d) => d.object],
  ['classoid', 'oid!', CATALOG_CLASS.relation],
  ['objsubid', 'int4!', (d) => d.part],
  ['description', 'text!', (d) => d.text],
]);
