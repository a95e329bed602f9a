// CREATE SEQUENCE.
import type { CreateSequence } from '../../sql/ast-definition.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { INT8 } from '../../types/sql-type.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { alreadyExists, claimPlace, resolveTypeName } from './resolve-names.ts';
import { ownedBy, sequenceFromOptions } from './sequence-options.ts';
import type { RunOf } from './statement-run.ts';

export async function runCreateSequence({ state, statement }: RunOf<CreateSequence>): Promise<StatementResult> {
  state.transactions.requireWritable('CREATE SEQUENCE');
  const { schemaOid, name } = await claimPlace(state, statement.name, {
    temporary: statement.persistence === 'temporary',
  });
  if (alreadyExists(state, schemaOid, name, statement.ifNotExists)) return tagOnly('CREATE SEQUENCE');
  let type: SqlType = INT8;
  for (const option of statement.options) if (option.kind === 'as') type = resolveTypeName(option.type);
  const editor = state.transactions.transaction.edit();
  editor.putRelation({
    kind: 'sequence',
    oid: editor.allocateOid(),
    name,
    schemaOid,
    owner: state.role.oid,
    columns: [],
    ownedBy: null,
    ...sequenceFromOptions(type, statement.options),
    ...ownedBy(state, statement.options),
  });
  return tagOnly('CREATE SEQUENCE');
}
