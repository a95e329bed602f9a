// The schema of a session's temporary objects, pg_temp_N: made with the first of them, searched before all others, dropped with
// everything in it when the session ends; what a crash left over goes at the next start.
import type { Relation, Schema } from '../catalog/objects.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { Storage } from '../storage/storage.ts';
import type { Transaction } from '../storage/transactions/transaction.ts';
import type { SessionState } from './session-state.ts';

const PREFIX = 'pg_temp_';

export function temporarySchemaName(processId: number): string {
  return `${PREFIX}${processId}`;
}

export function isTemporarySchema(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The session's, made if it has none yet. */
export function requireTemporarySchema(state: SessionState): Schema {
  const name = temporarySchemaName(state.startup.processId);
  const known = state.catalog().findSchema(name);
  if (known !== undefined) return known;
  const editor = state.transactions.transaction.edit();
  const schema = { oid: editor.allocateOid(), name, owner: state.role.oid };
  editor.putSchema(schema);
  state.hasTemporarySchema = true;
  return schema;
}

/** 0A000 for a temporary relation of somebody else. */
export function refuseForeignTemporary(state: SessionState, oids: readonly number[]): void {
  const catalog = state.catalog();
  for (const oid of oids) {
    const schema = catalog.schemas.get(catalog.relations.get(oid)?.schemaOid ?? 0)?.name ?? '';
    if (isTemporarySchema(schema) && schema !== temporarySchemaName(state.startup.processId))
      throw sqlError('feature_not_supported', 'cannot access temporary tables of other sessions');
  }
}

/** 25006 in a read-only transaction, unless all that is changed is temporary. */
export function requireWritableRelations(state: SessionState, what: string, oids: readonly number[]): void {
  const relations = state.catalog().relations;
  const isTemporary = (oid: number) => {
    const relation = relations.get(oid);
    return relation?.kind === 'table' && relation.temporary;
  };
  if (!oids.every(isTemporary)) state.transactions.requireWritable(what);
}

/** What ON COMMIT says, as the last thing that a transaction does. */
export function applyOnCommit(state: SessionState, transaction: Transaction): void {
  if (!state.hasTemporarySchema) return;
  const schema = transaction.catalog().findSchema(temporarySchemaName(state.startup.processId));
  const tables = [...transaction.catalog().relations.values()].filter(
    (one) => one.kind === 'table' && one.schemaOid === schema?.oid && one.onCommit !== undefined,
  );
  for (const table of tables) {
    if (onCommitOf(table) === 'drop') transaction.edit().drop([table.oid], true);
    else if (transaction.own.has(table.oid)) transaction.truncate(table.oid);
  }
}

function onCommitOf(relation: Relation): string | undefined {
  return relation.kind === 'table' ? relation.onCommit : undefined;
}

/** At the end of a session, or for DISCARD TEMP. */
export async function dropTemporarySchema(storage: Storage, processId: number): Promise<void> {
  await dropSchemas(storage, (name) => name === temporarySchemaName(processId));
}

/** At the start of the server: nobody has temporary objects yet. */
export async function dropAbandonedSchemas(storage: Storage): Promise<void> {
  await dropSchemas(storage, isTemporarySchema);
}

async function dropSchemas(storage: Storage, isDoomed: (name: string) => boolean): Promise<void> {
  const doomed = [...storage.catalog().schemas.values()].filter(({ name }) => isDoomed(name));
  if (doomed.length === 0) return;
  const transaction = storage.begin();
  transaction.edit().drop(doomed.map((schema) => schema.oid), true); // biome-ignore format: one line
  await transaction.commit();
}
