// DROP of every kind of object.
import { relationKindWord } from '../../catalog/object-names.ts';
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SqlCondition } from '../../errors/sqlstates.ts';
import type { Drop, ObjectName, ObjectType } from '../../sql/ast-alter.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireRoleAdmin } from './create-role.ts';
import { findRelation, qualifiedText } from './resolve-names.ts';
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

export function runDrop({ state, statement }: RunOf<Drop>): StatementResult {
  state.transactions.requireWritable(`DROP ${statement.objectType.toUpperCase()}`);
  const oids: number[] = [];
  for (const object of statement.objects) {
    const oid = findObject(state, statement, object);
    if (oid !== null) oids.push(oid);
  }
  const editor = state.transactions.transaction.edit();
  if (statement.objectType === 'role') {
    requireRoleAdmin(state);
    for (const oid of oids) editor.dropRole(oid);
  } else if (oids.length > 0) {
    notifyCascade(state, editor.drop(oids, statement.cascade));
  }
  return tagOnly(`DROP ${statement.objectType.toUpperCase()}`);
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
    state.notice('NOTICE', sqlError(condition, `${message}, skipping`));
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
    return schema.oid;
  }
  if (objectType === 'function' || objectType === 'routine' || objectType === 'aggregate') {
    const found = findUserFunction(state, object);
    return (
      found?.oid ??
      missing('undefined_function', `function ${text}${object.parameters === null ? '' : '(...)'} does not exist`)
    );
  }
  const kind = RELATION_KINDS[objectType];
  if (kind === undefined)
    return unsupported(`DROP ${objectType.toUpperCase()}`, 'This kind of object does not exist here.', object.position);
  const relation = findRelation(state, object.name);
  if (relation === undefined) {
    return missing('undefined_table', `${objectType} "${text}" does not exist`);
  }
  if (relation.kind !== kind) {
    throw sqlError(
      'wrong_object_type',
      `"${relation.name}" is not ${/^[aeiou]/.test(objectType) ? 'an' : 'a'} ${objectType}`,
      {
        hint: `Use DROP ${relationKindWord(relation).toUpperCase()} to remove a ${relationKindWord(relation)}.`,
      },
    );
  }
  if (relation.oid < 16_384) {
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  }
  return relation.oid;
}
