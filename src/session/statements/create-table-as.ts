// CREATE TABLE AS and SELECT INTO: the query runs into the new table within the same transaction.
import type { Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Query } from '../../sql/ast.ts';
import type { CreateTableAs } from '../../sql/ast-definition.ts';
import { NUMERIC } from '../../types/sql-type.ts';
import type { StatementResult } from '../row-source.ts';
import { tagOnly } from '../row-source.ts';
import { columnsOfQuery } from './create-view.ts';
import { findPreparedStatement } from './find-by-name.ts';
import { openQuery } from './open-query.ts';
import { planStatement } from './plan-statement.ts';
import { alreadyExists, claimPlace } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';
import { TableWriter } from './write-rows.ts';

/** SELECT ... INTO t FROM ... as the CREATE TABLE AS it means; null for other queries. */
export function selectInto(query: Query): CreateTableAs | null {
  const { body, position } = query;
  if (body.kind !== 'select' || body.into === null) return null;
  return {
    kind: 'create_table_as',
    table: body.into.table,
    persistence: body.into.persistence,
    ifNotExists: false,
    columns: [],
    accessMethod: null,
    options: [],
    onCommit: null,
    tablespace: null,
    source: { ...query, body: { ...body, into: null } },
    withData: true,
    position,
  };
}

export async function runCreateTableAs(run: RunOf<CreateTableAs>): Promise<StatementResult> {
  const { state, statement } = run;
  state.transactions.requireWritable('CREATE TABLE AS');
  const place = await claimPlace(state, statement.table, { temporary: statement.persistence === 'temporary' });
  const { schemaOid, name, temporary } = place;
  if (statement.onCommit !== null && !temporary)
    throw sqlError('invalid_table_definition', 'ON COMMIT can only be used on temporary tables');
  if (alreadyExists(state, schemaOid, name, statement.ifNotExists)) return tagOnly('CREATE TABLE AS');
  const query = statement.source.kind === 'execute' ? preparedQuery(run, statement.source.name) : statement.source;
  const planned = await planStatement(
    state,
    query,
    run.parameters.map((parameter) => parameter.type),
  );
  const columns = columnsOfQuery(planned.bound.columns, statement.columns).map((column) =>
    column.type.name === 'numeric' && column.type.declared !== true ? { ...column, type: NUMERIC } : column,
  );
  const { transaction } = state.transactions;
  const editor = transaction.edit();
  const oid = editor.allocateOid();
  const onCommit =
    statement.onCommit === null || statement.onCommit === 'preserve' ? {} : { onCommit: statement.onCommit };
  const table: Table = {
    kind: 'table',
    oid,
    name,
    schemaOid,
    owner: state.role.oid,
    columns,
    constraints: [],
    temporary,
    ...onCommit,
  };
  editor.putRelation(table);
  if (!statement.withData) return tagOnly('CREATE TABLE AS');
  const rows = await openQuery(
    state,
    planned.plan as BatchPlan,
    planned.fields,
    run.parameters,
    planned.bound.relations.read,
  );
  const writer = new TableWriter(state, table);
  let count = 0;
  try {
    for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
      count += batch.count;
      await writer.write(batch);
    }
  } finally {
    writer.close();
    await rows.close();
  }
  return tagOnly(`SELECT ${count}`);
}

function preparedQuery(run: RunOf<CreateTableAs>, name: string): Query {
  const { statement } = findPreparedStatement(run.state, name).parsed!;
  if (statement.kind !== 'query') throw sqlError('wrong_object_type', 'prepared statement is not a SELECT');
  return statement;
}
