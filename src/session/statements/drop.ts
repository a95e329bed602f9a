// DROP of every kind of object.

import type { ObjectReference } from '../../catalog/dependents.ts';
import { relationKindWord } from '../../catalog/object-names.ts';
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SqlCondition } from '../../errors/sqlstates.ts';
import type { Drop, ObjectName, ObjectType } from '../../sql/ast-alter.ts';
import { formatTypeName } from '../../types/type-table.ts';
import { requireOwner, requireRelationOwner, requireSuperuser } from '../privileges.ts';
import { lockRelations, tryLockRelations } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireRoleAdmin } from './create-role.ts';
import { findRelation, qualifiedText, resolveTypeName } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { findUserFunction } from './user-functions.ts';

const RELATION_KINDS: Readonly<Partial<Record<ObjectType, Relation['kind']>>> = {
  table: 'table',
  view: 'view',
  'materialized view': 'materialized-view',
  stream: 'stream',
  source: 'stream',
  index: 'index',
  sequence: 'sequence',
};

export async function runDrop({ state, statement }: RunOf<Drop>): Promise<StatementResult> {
  state.transactions.requireWritable(`DROP ${statement.objectType.toUpperCase()}`);
  const oids: number[] = [];
  for (const object of statement.objects) {
    const oid = await lockObject(state, () => findObject(state, statement, object));
    if (oid !== null) oids.push(oid);
  }
  if (statement.objectType === 'role') {
    requireRoleAdmin(state);
    for (const oid of oids) dropRole(state, oid);
  } else if (oids.length > 0) await dropObjects(state, oids, statement.cascade);
  return tagOnly(`DROP ${statement.objectType.toUpperCase()}`);
}

function dropRole(state: SessionState, oid: number): void {
  if (oid === state.role.oid || oid === state.loginRole.oid)
    throw sqlError('object_in_use', 'current user cannot be dropped');
  if (state.catalog().roles.get(oid)?.superuser === true)
    requireSuperuser(state, 'must be superuser to drop superusers');
  state.transactions.transaction.edit().dropRole(oid, visibleSchemas(state));
}

function tablesOfIndexes(state: SessionState, oids: readonly number[]): ReadonlySet<number> {
  const relations = oids.map((oid) => state.catalog().relations.get(oid));
  return new Set(relations.flatMap((one) => (one?.kind === 'index' ? [one.table] : [])));
}

/** Drops objects or parts of them, everything that goes with them locked, the tables of indexes too. */
export async function dropObjects(
  state: SessionState,
  roots: readonly (number | ObjectReference)[],
  cascade: boolean,
): Promise<void> {
  const { transaction } = state.transactions;
  const going = () => {
    const oids = transaction.edit().goingWith(roots);
    return [...new Set([...oids, ...tablesOfIndexes(state, oids)])].toSorted((a, b) => a - b);
  };
  for (let before = going(); ; ) {
    await lockRelations(state, before, 'access exclusive');
    const after = going();
    if (after.every((oid) => before.includes(oid))) break;
    before = after;
  }
  const indexed = tablesOfIndexes(state, going());
  notifyCascade(state, transaction.edit().drop(roots, cascade, visibleSchemas(state)));
  for (const table of indexed) if (state.catalog().relations.has(table)) transaction.reshape(table);
}

function visibleSchemas(state: SessionState): number[] {
  return state.searchPath().map((name) => state.catalog().findSchema(name)!.oid);
}

/** What `find` finds, locked: it is looked up again after waiting, because it may have gone. */
async function lockObject(state: SessionState, find: () => number | null): Promise<number | null> {
  for (let oid = find(); ; ) {
    if (oid === null || tryLockRelations(state, [oid], 'access exclusive')) return oid;
    await lockRelations(state, [oid], 'access exclusive');
    const again = find();
    if (again === oid) return oid;
    oid = again;
  }
}

function notifyCascade(state: SessionState, taken: readonly string[]): void {
  if (taken.length === 0) return;
  const message =
    taken.length === 1 ? `drop cascades to ${taken[0]}` : `drop cascades to ${taken.length} other objects`;
  const detail = taken.map((one) => `drop cascades to ${one}`).join('\n');
  state.notice('NOTICE', sqlError('successful_completion', message, taken.length === 1 ? {} : { detail }));
}

/** The object's oid; null (with a NOTICE) when IF EXISTS meets none. */
function findObject(state: SessionState, statement: Drop, object: ObjectName): number | null {
  const { objectType } = statement;
  const name = object.name.parts.at(-1)!;
  const text = qualifiedText(object.name);
  const missing = (condition: SqlCondition, message: string): null => {
    if (!statement.ifExists) throw sqlError(condition, message);
    state.notice('NOTICE', sqlError('successful_completion', `${message}, skipping`));
    return null;
  };
  if (objectType === 'role') {
    return state.catalog().findRole(name)?.oid ?? missing('undefined_object', `role "${name}" does not exist`);
  }
  if (objectType === 'schema') {
    const schema = state.catalog().findSchema(name);
    if (schema === undefined) return missing('invalid_schema_name', `schema "${name}" does not exist`);
    if (schema.oid < 16_384 && schema.name !== 'public') {
      throw sqlError(
        'dependent_objects_still_exist',
        `cannot drop schema ${name} because it is required by the database system`,
      );
    }
    requireOwner(state, schema, `schema ${name}`);
    return schema.oid;
  }
  if (objectType === 'function' || objectType === 'routine' || objectType === 'aggregate') {
    const found = findUserFunction(state, object);
    if (found !== undefined) requireOwner(state, found, `function ${found.name}`);
    return found?.oid ?? missing('undefined_function', missingFunction(text, object));
  }
  const kind = RELATION_KINDS[objectType];
  if (kind === undefined)
    return unsupported(`DROP ${objectType.toUpperCase()}`, 'This kind of object does not exist here.', object.position);
  const relation = findRelation(state, object.name);
  if (relation === undefined) {
    const condition = objectType === 'index' ? 'undefined_object' : 'undefined_table';
    return missing(condition, `${objectType} "${text}" does not exist`);
  }
  if (relation.oid < 16_384) {
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  }
  requireKind(relation, kind, objectType);
  requireRelationOwner(state, relation);
  refuseConstraintIndex(state, relation);
  return relation.oid;
}

/** Without parameters the name alone was looked for. */
function missingFunction(name: string, { parameters }: ObjectName): string {
  if (parameters === null) return `could not find a function named "${name}"`;
  const types = parameters.filter(({ mode, type }) => mode !== 'out' && type !== null);
  return `function ${name}(${types.map(({ type }) => formatTypeName(resolveTypeName(type!))).join(', ')}) does not exist`;
}

function requireKind(relation: Relation, kind: Relation['kind'], objectType: ObjectType): void {
  if (relation.kind !== kind) {
    throw sqlError('wrong_object_type', `"${relation.name}" is not ${withArticle(objectType)}`, {
      hint: `Use DROP ${relationKindWord(relation).toUpperCase()} to remove ${withArticle(relationKindWord(relation))}.`,
    });
  }
}

function withArticle(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

/** The index of a constraint goes with it only. */
function refuseConstraintIndex(state: SessionState, relation: Relation): void {
  if (relation.kind !== 'index') return;
  const table = state.catalog().relations.get(relation.table);
  const constraint =
    table && 'constraints' in table ? table.constraints.find((one) => one.indexOid === relation.oid) : undefined;
  if (table === undefined || constraint === undefined) return;
  const where = `constraint ${constraint.name} on table ${table.name}`;
  throw sqlError('dependent_objects_still_exist', `cannot drop index ${relation.name} because ${where} requires it`, {
    hint: `You can drop ${where} instead.`,
  });
}
