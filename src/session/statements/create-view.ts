// CREATE [OR REPLACE] VIEW: kept as canonical SQL with the search path of its creation.

import { relationKindWord } from '../../catalog/object-names.ts';
import type { Column } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { PlanColumn } from '../../plan/expression.ts';
import type { CreateView } from '../../sql/ast-definition.ts';
import { printStatement } from '../../sql/parser/print.ts';
import { TEXT } from '../../types/sql-type.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { planStatement } from './plan-statement.ts';
import { newObjectPlace } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';

/** A query's output as catalog columns; `names` renames the first ones. */
export function columnsOfQuery(columns: readonly PlanColumn[], names: readonly string[]): Column[] {
  if (names.length > columns.length) {
    throw sqlError('invalid_table_definition', 'CREATE VIEW specifies more column names than columns');
  }
  const seen = new Set<string>();
  return columns.map((column, i) => {
    const name = names[i] ?? column.name;
    if (seen.has(name)) throw sqlError('duplicate_column', `column "${name}" specified more than once`);
    seen.add(name);
    const type = column.type.name === 'unknown' ? TEXT : column.type;
    return { name, attribute: i + 1, type, notNull: false, defaultSql: null, generated: null };
  });
}

export async function runCreateView({ state, statement }: RunOf<CreateView>): Promise<StatementResult> {
  if (statement.recursive)
    unsupported('CREATE RECURSIVE VIEW', 'Use WITH RECURSIVE inside the view.', statement.position);
  state.transactions.requireWritable('CREATE VIEW');
  const { schemaOid, name } = newObjectPlace(state, statement.name);
  const planned = await planStatement(state, statement.query, []);
  const columns = columnsOfQuery(planned.bound.columns, statement.columns);
  const existing = state.catalog().findRelation(schemaOid, name);
  if (existing !== undefined) {
    if (!statement.orReplace) throw sqlError('duplicate_table', `relation "${name}" already exists`);
    if (existing.kind !== 'view')
      throw sqlError('wrong_object_type', `"${name}" is not a view`, {
        detail: `It is a ${relationKindWord(existing)}.`,
      });
    checkReplacement(existing.columns, columns);
  }
  const editor = state.transactions.transaction.edit();
  editor.putRelation(
    {
      kind: 'view',
      oid: existing?.oid ?? editor.allocateOid(),
      name,
      schemaOid,
      owner: state.role.oid,
      columns,
      sql: printStatement(statement.query),
      searchPath: state.searchPath(),
    },
    planned.bound.relations.read,
  );
  return tagOnly('CREATE VIEW');
}

/** OR REPLACE may only add columns at the end. */
function checkReplacement(before: readonly Column[], after: readonly Column[]): void {
  if (after.length < before.length) throw sqlError('invalid_table_definition', 'cannot drop columns from view');
  for (const [i, column] of before.entries()) {
    const next = after[i]!;
    if (next.name !== column.name) {
      throw sqlError(
        'invalid_table_definition',
        `cannot change name of view column "${column.name}" to "${next.name}"`,
        {
          hint: 'Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.',
        },
      );
    }
    if (next.type.name !== column.type.name) {
      throw sqlError('invalid_table_definition', `cannot change data type of view column "${column.name}"`);
    }
  }
}
