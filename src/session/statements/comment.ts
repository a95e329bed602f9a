// COMMENT ON relations, columns, constraints, schemas, functions, roles and databases.
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { CommentOn } from '../../sql/ast-alter.ts';
import { requireOwner, requireRelationOwner } from '../privileges.ts';
import { lockFound } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireRoleAdmin, requireRoleNamed } from './create-role.ts';
import { requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { findUserFunction } from './user-functions.ts';

const RELATIONS = new Set(['table', 'view', 'materialized view', 'stream', 'index', 'sequence', 'foreign table']);

export async function runComment({ state, statement }: RunOf<CommentOn>): Promise<StatementResult> {
  state.transactions.requireWritable('COMMENT');
  const comment = statement.comment === null || statement.comment === '' ? undefined : statement.comment;
  const { objectType, object } = statement;
  const editor = state.transactions.transaction.edit();
  if (RELATIONS.has(objectType)) {
    editor.putRelation({ ...(await ownRelation(state, () => requireRelation(state, object.name))), comment });
  } else if (objectType === 'column') {
    const relation = await ownRelation(state, () => requireRelation(state, object.name));
    commentColumn(state, relation, statement.part!, comment);
  } else if (objectType === 'constraint') {
    const relation = await ownRelation(state, () => requireRelation(state, object.on ?? object.name));
    commentConstraint(state, relation, statement.part ?? object.name.parts.at(-1)!, comment);
  } else commentOther(state, statement, comment);
  return tagOnly('COMMENT');
}

async function ownRelation(state: SessionState, find: () => Relation): Promise<Relation> {
  const relation = await lockFound(state, find, 'share update exclusive');
  requireRelationOwner(state, relation);
  return relation;
}

function commentColumn(state: SessionState, relation: Relation, name: string, comment: string | undefined): void {
  if (!relation.columns.some((column) => column.name === name)) {
    throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
  }
  const columns = relation.columns.map((column) => (column.name === name ? { ...column, comment } : column));
  state.transactions.transaction.edit().putRelation({ ...relation, columns });
}

function commentConstraint(state: SessionState, relation: Relation, name: string, comment: string | undefined): void {
  const known = 'constraints' in relation && relation.constraints.some((one) => one.name === name);
  if (!known || relation.kind !== 'table')
    throw sqlError('undefined_object', `constraint "${name}" for table "${relation.name}" does not exist`);
  const constraints = relation.constraints.map((one) => (one.name === name ? { ...one, comment } : one));
  state.transactions.transaction.edit().putRelation({ ...relation, constraints });
}

function commentOther(state: SessionState, statement: CommentOn, comment: string | undefined): void {
  const { objectType, object } = statement;
  const name = object.name.parts.at(-1)!;
  const catalog = state.catalog();
  const editor = state.transactions.transaction.edit();
  switch (objectType) {
    case 'schema': {
      const schema = catalog.findSchema(name);
      if (schema === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
      requireOwner(state, schema, `schema ${name}`);
      return editor.putSchema({ ...schema, comment });
    }
    case 'role':
      requireRoleAdmin(state);
      return editor.putRole({ ...requireRoleNamed(state, name), comment });
    case 'database': {
      const database = [...catalog.databases.values()].find((one) => one.name === name);
      if (database === undefined) throw sqlError('invalid_catalog_name', `database "${name}" does not exist`);
      requireOwner(state, database, `database ${name}`);
      return editor.putDatabase({ ...database, comment });
    }
    case 'function':
    case 'routine': {
      const found = findUserFunction(state, object);
      if (found === undefined) throw sqlError('undefined_function', `function ${name} does not exist`);
      requireOwner(state, found, `function ${name}`);
      return editor.putFunction({ ...found, comment });
    }
    default:
      return unsupported(
        `COMMENT ON ${objectType.toUpperCase()}`,
        'Comments are kept for relations and their parts, schemas, functions, roles and databases.',
        statement.position,
      );
  }
}
