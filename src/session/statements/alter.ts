// ALTER of relations, sequences, roles and owners: the fork to the files that do it.
import { relationKindWord } from '../../catalog/object-names.ts';
import type { AclItem, Relation } from '../../catalog/objects.ts';
import { rolesOf, withGrant } from '../../catalog/privileges.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type {
  AlterAction,
  AlterOwner,
  AlterRelation,
  AlterRole,
  AlterSequence,
  Rename,
  SetSchema,
} from '../../sql/ast-alter.ts';
import type { AlterMaterializedViewState } from '../../sql/ast-definition.ts';
import { requireOwner, requireRelationOwner } from '../privileges.ts';
import { lockFound } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { alterQueryState, setQueryOptions, setStreamOptions } from './alter-query.ts';
import { alterTable } from './alter-table.ts';
import { lockRolesNamed, requireRoleAdmin, requireRoleNamed, withRoleOptions } from './create-role.ts';
import { runRename, runSetSchema } from './rename.ts';
import { findRelation, qualifiedText, requireRelation } from './resolve-names.ts';
import { changedNumbers, ownedBy, requireWithin } from './sequence-options.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { findUserFunction } from './user-functions.ts';
import { atOptions } from './with-options.ts';

type Alter = AlterRelation | AlterSequence | AlterRole | Rename | SetSchema | AlterOwner | AlterMaterializedViewState;

export async function runAlter(run: RunOf<Alter>): Promise<StatementResult> {
  const { state, statement } = run;
  state.transactions.requireWritable('ALTER');
  switch (statement.kind) {
    case 'alter_relation':
      return alterRelation(state, statement);
    case 'alter_sequence':
      return alterSequence(state, statement);
    case 'alter_role':
      return alterRole(state, statement);
    case 'rename':
      return runRename({ ...run, statement });
    case 'set_schema':
      return runSetSchema({ ...run, statement });
    case 'alter_owner':
      return alterOwner(state, statement);
    case 'alter_materialized_view_state':
      return alterQueryState(state, statement);
  }
}

async function alterRelation(state: SessionState, statement: AlterRelation): Promise<StatementResult> {
  const tag = tagOnly(`ALTER ${statement.objectType.toUpperCase()}`);
  if (statement.ifExists && findRelation(state, statement.name) === undefined) {
    const text = `relation "${qualifiedText(statement.name)}" does not exist, skipping`;
    state.notice('NOTICE', sqlError('successful_completion', text));
    return tag;
  }
  const relation = await lockFound(state, () => requireRelation(state, statement.name));
  if (relation.kind === 'system-table' || relation.kind === 'system-view')
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  requireRelationOwner(state, relation);
  for (const action of inPasses(statement.actions)) {
    if (action.kind === 'owner_to') {
      await lockRolesNamed(state, [action.owner]);
      setOwner(state, requireRelation(state, statement.name), action.owner);
    } else if (action.kind === 'set_options' && relation.kind === 'materialized-view')
      await atOptions(action.options, () => setQueryOptions(state, statement.name, action.options));
    else if (action.kind === 'set_options' && relation.kind === 'stream')
      await atOptions(action.options, () => setStreamOptions(state, statement.name, action.options));
    else if (relation.kind === 'table') await alterTable(state, statement, action);
    else refuseAction(statement, action, relation);
  }
  return tag;
}

const PASSES: Readonly<Record<string, number>> = {
  drop_column: 0,
  drop_constraint: 0,
  drop_not_null: 0,
  alter_type: 1,
  add_column: 2,
  set_not_null: 3,
  set_default: 3,
  add_constraint: 4,
};

/** What is dropped goes first, then types change, then come new columns, then constraints over them. */
function inPasses(actions: readonly AlterAction[]): readonly AlterAction[] {
  return actions.toSorted((a, b) => (PASSES[a.kind] ?? 5) - (PASSES[b.kind] ?? 5));
}

function refuseAction(statement: AlterRelation, action: AlterAction, relation: Relation): never {
  if (action.kind === 'set_options') {
    unsupported(
      `ALTER ${statement.objectType.toUpperCase()} ... SET`,
      'Drop it and create it with other options.',
      action.position,
    );
  }
  const word = ACTION_WORDS[action.kind] ?? action.kind.replaceAll('_', ' ').toUpperCase();
  const kind = relationKindWord(relation);
  throw sqlError('wrong_object_type', `ALTER action ${word} cannot be performed on relation "${relation.name}"`, {
    detail: `This operation is not supported for ${kind}${kind === 'index' ? 'es' : 's'}.`,
  });
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  alter_type: 'ALTER COLUMN ... SET DATA TYPE',
  set_default: 'ALTER COLUMN ... SET DEFAULT',
  set_not_null: 'ALTER COLUMN ... SET NOT NULL',
  drop_not_null: 'ALTER COLUMN ... DROP NOT NULL',
};

function alterRole(state: SessionState, statement: AlterRole): StatementResult {
  if (statement.setting !== null || statement.name === null) {
    unsupported('ALTER ROLE ... SET', 'Use SET in the session, or connection parameters.', statement.position);
  }
  const role = state.catalog().findRole(statement.name);
  if (role === undefined) throw sqlError('undefined_object', `role "${statement.name}" does not exist`);
  const onlyOwnPassword =
    role.oid === state.role.oid && statement.options.every((option) => option.name === 'password');
  if (!onlyOwnPassword) requireRoleAdmin(state);
  state.transactions.transaction.edit().putRole(withRoleOptions(state, role, statement.options));
  return tagOnly('ALTER ROLE');
}

async function alterOwner(state: SessionState, statement: AlterOwner): Promise<StatementResult> {
  const tag = tagOnly(`ALTER ${statement.objectType.toUpperCase()}`);
  const { transaction } = state.transactions;
  const name = statement.object.name.parts.at(-1)!;
  await lockRolesNamed(state, [statement.owner]);
  if (statement.objectType === 'schema') {
    const schema = state.catalog().findSchema(name);
    if (schema === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
    requireOwner(state, schema, `schema ${name}`);
    transaction.edit().putSchema({ ...schema, owner: requireNewOwner(state, statement.owner) });
    return tag;
  }
  if (statement.objectType === 'function' || statement.objectType === 'routine') {
    const found = findUserFunction(state, statement.object);
    if (found === undefined) throw sqlError('undefined_function', `function ${name} does not exist`);
    requireOwner(state, found, `function ${name}`);
    transaction.edit().putFunction({ ...found, owner: requireNewOwner(state, statement.owner) });
    return tag;
  }
  setOwner(state, await lockFound(state, () => requireRelation(state, statement.object.name)), statement.owner);
  return tag;
}

/** One that the session's role is, or is a member of. */
function requireNewOwner(state: SessionState, name: string): number {
  const role = requireRoleNamed(state, name);
  if (!state.role.superuser && !rolesOf(state.catalog(), state.role.oid, false).has(role.oid))
    throw sqlError('insufficient_privilege', `must be member of role "${role.name}"`);
  return role.oid;
}

/** What the old owner had and gave is the new owner's. */
function ownedAcl({ acl, owner: before }: Relation, owner: number): { readonly acl?: readonly AclItem[] } {
  if (acl === undefined) return {};
  const moved = (oid: number) => (oid === before ? owner : oid);
  let next: readonly AclItem[] = [];
  for (const item of acl)
    next = withGrant(next, { ...item, grantee: moved(item.grantee), grantor: moved(item.grantor) });
  return { acl: next };
}

/** A table's indexes and owned sequences go with it. */
function setOwner(state: SessionState, relation: Relation, name: string): void {
  requireRelationOwner(state, relation);
  const owner = requireNewOwner(state, name);
  const editor = state.transactions.transaction.edit();
  for (const one of [...state.catalog().relations.values()]) {
    const isPart =
      (one.kind === 'index' && one.table === relation.oid) ||
      (one.kind === 'sequence' && one.ownedBy?.table === relation.oid);
    if (one.oid === relation.oid || isPart) editor.putRelation({ ...one, owner, ...ownedAcl(one, owner) });
  }
}

/** ALTER SEQUENCE: its numbers, where it goes on, whose it is. */
async function alterSequence(state: SessionState, statement: AlterSequence): Promise<StatementResult> {
  const tag = tagOnly('ALTER SEQUENCE');
  if (statement.ifExists && findRelation(state, statement.name) === undefined) {
    const text = `relation "${qualifiedText(statement.name)}" does not exist, skipping`;
    state.notice('NOTICE', sqlError('successful_completion', text));
    return tag;
  }
  const sequence = await lockFound(state, () => requireRelation(state, statement.name));
  if (sequence.kind !== 'sequence') throw sqlError('wrong_object_type', `"${sequence.name}" is not a sequence`);
  requireRelationOwner(state, sequence);
  const after = { ...sequence, ...changedNumbers(sequence, statement.options), ...ownedBy(state, statement.options) };
  const { transaction } = state.transactions;
  transaction.edit().putRelation(after);
  requireWithin(after, statement.options, transaction.sequences.value(sequence).lastValue);
  const restart = statement.options.find((option) => option.kind === 'restart');
  if (restart?.kind === 'restart')
    transaction.sequences.restart(after, restart.value === null ? after.start : BigInt(restart.value));
  return tag;
}
