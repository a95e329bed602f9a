// LIKE source [INCLUDING ...] in CREATE TABLE: the source's columns with their NOT NULL, and what INCLUDING asks for.
import { relationKindWord } from '../../catalog/object-names.ts';
import type { Column, Constraint, Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { LikeClause } from '../../sql/ast-definition.ts';
import { addKey } from './key-definitions.ts';
import { freeName, requireRelation } from './resolve-names.ts';
import { allocateOid, constraintName, replaceColumn, type TableDraft } from './table-draft.ts';

export function addLike(draft: TableDraft, clause: LikeClause): void {
  const source = requireRelation(draft.state, clause.table);
  if (source.kind === 'index' || source.kind === 'sequence') {
    throw sqlError('wrong_object_type', `relation "${source.name}" is invalid in LIKE clause`, {
      detail: `This operation is not supported for ${relationKindWord(source)}${source.kind === 'index' ? 'es' : 's'}.`,
      position: clause.table.position,
    });
  }
  const asked = (what: string) => isAsked(clause, what);
  const placed = new Map<number, number>();
  for (const column of source.columns) {
    const attribute = draft.columns.length + 1;
    placed.set(column.attribute, attribute);
    draft.columns.push(copiedColumn(draft, column, attribute, asked));
    if (column.generated?.startsWith('identity') === true && asked('identity'))
      copyIdentity(draft, source, column, attribute);
  }
  if (asked('constraints')) for (const one of checksOf(source)) copyCheck(draft, one, placed);
  if (asked('indexes')) copyIndexes(draft, source, placed);
}

/** The last option that names it, or ALL, decides. */
function isAsked(clause: LikeClause, what: string): boolean {
  return clause.options.findLast((option) => option.what === what || option.what === 'all')?.including ?? false;
}

function copiedColumn(draft: TableDraft, column: Column, attribute: number, asked: (what: string) => boolean): Column {
  if (draft.columns.some((one) => one.name === column.name)) {
    throw sqlError('duplicate_column', `column "${column.name}" specified more than once`);
  }
  const { name, type, notNull, defaultSql, generated } = column;
  const comment = asked('comments') && column.comment !== undefined ? { comment: column.comment } : {};
  const plain: Column = { name, attribute, type, notNull, defaultSql: null, generated: null, ...comment };
  if (generated === 'stored') return asked('generated') ? { ...plain, defaultSql, generated } : plain;
  return generated === null && asked('defaults') ? { ...plain, defaultSql } : plain;
}

function copyIdentity(draft: TableDraft, source: Relation, column: Column, attribute: number): void {
  const { state, place } = draft;
  for (const relation of state.catalog().relations.values()) {
    if (relation.kind !== 'sequence' || relation.ownedBy?.table !== source.oid) continue;
    if (relation.ownedBy.attribute !== column.attribute) continue;
    const oid = allocateOid(draft);
    const name = freeName(
      state,
      place.schemaOid,
      [place.name, column.name, 'seq'],
      draft.sequences.map((s) => s.name),
    );
    draft.sequences.push({
      ...relation,
      oid,
      name,
      schemaOid: place.schemaOid,
      ownedBy: { table: place.oid, attribute },
    });
    const defaultSql = `nextval('${oid}'::regclass)`;
    replaceColumn(draft, { ...draft.columns.at(-1)!, generated: column.generated, defaultSql });
  }
}

function checksOf(source: Relation): readonly Constraint[] {
  return 'constraints' in source ? source.constraints.filter(({ kind }) => kind === 'check') : [];
}

function copyCheck(draft: TableDraft, check: Constraint, placed: ReadonlyMap<number, number>): void {
  draft.constraints.push({
    ...check,
    oid: allocateOid(draft),
    name: constraintName(draft, check.name, []),
    columns: check.columns.map((attribute) => placed.get(attribute)!),
  });
}

function copyIndexes(draft: TableDraft, source: Relation, placed: ReadonlyMap<number, number>): void {
  const { state, place } = draft;
  const nameOf = (attribute: number) => draft.columns.find((one) => one.attribute === placed.get(attribute))!.name;
  for (const index of state.catalog().relations.values()) {
    if (index.kind !== 'index' || index.table !== source.oid) continue;
    const columns = index.keyAttributes.map(nameOf);
    const isKey = 'constraints' in source && source.constraints.some((one) => one.indexOid === index.oid);
    const nullsNotDistinct = index.nullsNotDistinct === true;
    if (isKey) {
      addKey(draft, { primary: index.primary, columns, name: null, nullsNotDistinct, position: 0 });
      continue;
    }
    const taken = draft.indexes.map((one) => one.name);
    draft.indexes.push({
      ...index,
      oid: allocateOid(draft),
      name: freeName(state, place.schemaOid, [place.name, ...columns, 'idx'], taken),
      schemaOid: place.schemaOid,
      table: place.oid,
      keyAttributes: index.keyAttributes.map((attribute) => placed.get(attribute)!),
    });
  }
}
