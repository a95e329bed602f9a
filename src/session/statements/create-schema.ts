// CREATE SCHEMA.
import { sqlError } from '../../errors/sql-error.ts';
import type { CreateSchema } from '../../sql/ast-definition.ts';
import { denied, may } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { claimName } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export async function runCreateSchema({ state, statement }: RunOf<CreateSchema>): Promise<StatementResult> {
  state.transactions.requireWritable('CREATE SCHEMA');
  if (statement.elements.length > 0)
    unsupported('CREATE SCHEMA with objects inside', 'Create them with statements of their own.', statement.position);
  const database = [...state.catalog().databases.values()].find((one) => one.name === state.startup.database)!;
  if (!may(state, 'database', database, 'CREATE')) throw denied(`database ${database.name}`);
  const name = statement.name ?? statement.owner ?? state.role.name;
  await claimName(state, 'schema', name);
  const catalog = state.catalog();
  const owner = statement.owner === null ? state.role : catalog.findRole(statement.owner);
  if (owner === undefined) throw sqlError('undefined_object', `role "${statement.owner}" does not exist`);
  if (name.startsWith('pg_')) {
    throw sqlError('reserved_name', `unacceptable schema name "${name}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  if (catalog.findSchema(name) !== undefined) {
    if (!statement.ifNotExists) throw sqlError('duplicate_schema', `schema "${name}" already exists`);
    state.notice('NOTICE', sqlError('duplicate_schema', `schema "${name}" already exists, skipping`));
    return tagOnly('CREATE SCHEMA');
  }
  const editor = state.transactions.transaction.edit();
  editor.putSchema({ oid: editor.allocateOid(), name, owner: owner.oid });
  return tagOnly('CREATE SCHEMA');
}
