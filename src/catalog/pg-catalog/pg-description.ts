// pg_description: the comments on relations, columns, constraints, schemas and functions.
import { systemRelation } from '../define-system-relation.ts';
import { CATALOG_CLASS } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';
import { allConstraints, allRelations } from './relation-facts.ts';

interface Comment {
  readonly object: number;
  readonly catalog: number;
  readonly part: number;
  readonly text: string;
}

function* comments(context: SystemContext): Generator<Comment> {
  for (const relation of allRelations(context)) {
    const catalog = CATALOG_CLASS.relation;
    if (relation.comment !== undefined) yield { object: relation.oid, catalog, part: 0, text: relation.comment };
    for (const { attribute, comment } of relation.columns) {
      if (comment !== undefined) yield { object: relation.oid, catalog, part: attribute, text: comment };
    }
  }
  const others = [
    [CATALOG_CLASS.constraint, [...allConstraints(context)].map(({ constraint }) => constraint)],
    [CATALOG_CLASS.schema, [...context.catalog.schemas.values()]],
    [CATALOG_CLASS.function, [...context.catalog.functions.values()]],
  ] as const;
  for (const [catalog, objects] of others) {
    for (const { oid, comment } of objects) {
      if (comment !== undefined) yield { object: oid, catalog, part: 0, text: comment };
    }
  }
}

export const PG_DESCRIPTION = systemRelation(['pg_catalog', 'pg_description', 2609, 'table'], comments, [
  ['objoid', 'oid!', (d) => d.object],
  ['classoid', 'oid!', (d) => d.catalog],
  ['objsubid', 'int4!', (d) => d.part],
  ['description', 'text!', (d) => d.text],
]);
