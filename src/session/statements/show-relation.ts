// SHOW COLUMNS FROM t (DESCRIBE t) and SHOW CREATE: one relation, for people; programs read information_schema and call pg_get_viewdef.
import { relationKindWord } from '../../catalog/object-names.ts';
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ShowColumns, ShowCreate } from '../../sql/ast-utility.ts';
import { BOOL } from '../../types/sql-type.ts';
import { formatType } from '../../types/type-table.ts';
import { columnDefault, type Definable, relationDefinition } from '../relation-definition.ts';
import { DatumRowSource, type StatementResult } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import { requireRelation } from './resolve-names.ts';
import { plainField, type RunOf } from './statement-run.ts';

export function showColumnsFields(): readonly ResultField[] {
  return [
    plainField('column'),
    plainField('type'),
    plainField('nullable', BOOL),
    plainField('key'),
    plainField('default'),
  ];
}

export function runShowColumns({ state, statement }: RunOf<ShowColumns>): StatementResult {
  const relation = requireRelation(state, statement.relation);
  const rows = relation.columns.map((column) => [
    column.name,
    formatType(column.type),
    !column.notNull,
    keyWord(relation, column.attribute),
    columnDefault(state, column).replace(/^DEFAULT /, '') || null,
  ]);
  return { rows: new DatumRowSource(state.services.arena, showColumnsFields(), rows), tag: () => 'SHOW' };
}

/** What the column is to its relation's keys or its stream's time. */
function keyWord(relation: Relation, attribute: number): string | null {
  if (relation.kind === 'stream' && relation.watermark?.attribute === attribute) return 'watermark';
  if (!('constraints' in relation)) return null;
  const kinds = relation.constraints.filter((one) => one.columns.includes(attribute)).map((one) => one.kind);
  if (kinds.includes('primary-key')) return 'primary';
  if (kinds.includes('unique')) return 'unique';
  return kinds.includes('foreign-key') ? 'foreign' : null;
}

export function showCreateFields(): readonly ResultField[] {
  return [plainField('name'), plainField('definition')];
}

export function runShowCreate({ state, statement }: RunOf<ShowCreate>): StatementResult {
  const relation = requireRelation(state, statement.relation);
  if (!isDefinable(relation, statement.object)) {
    const { position } = statement.relation;
    throw sqlError('wrong_object_type', `"${relation.name}" is not a ${statement.object.replace('_', ' ')}`, {
      detail: `It is a ${relationKindWord(relation)}.`,
      position,
    });
  }
  const rows = [[relation.name, relationDefinition(state, relation)]];
  return { rows: new DatumRowSource(state.services.arena, showCreateFields(), rows), tag: () => 'SHOW' };
}

/** SHOW CREATE TABLE is what other engines say for anything with columns. */
function isDefinable(relation: Relation, object: ShowCreate['object']): relation is Definable {
  if (object === 'table') return ['table', 'view', 'materialized-view', 'stream'].includes(relation.kind);
  return relation.kind === object.replace('_', '-');
}
