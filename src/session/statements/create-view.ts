// CREATE [OR REPLACE] VIEW: kept as canonical SQL with the search path of its creation.
import type { Column, Relation, View } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { PlanColumn } from '../../plan/expression.ts';
import type { CreateView } from '../../sql/ast-definition.ts';
import { bindUpdatable } from '../../sql/binder/bind-statement.ts';
import { sameType, TEXT } from '../../types/sql-type.ts';
import { formatType } from '../../types/type-table.ts';
import { requireRelationOwner } from '../privileges.ts';
import { lockRelations } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { isTemporarySchema } from '../temporary-schema.ts';
import { claimPlace } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { defineView } from './view-definition.ts';

/** A query's output as catalog columns; `names` renames the first ones. */
export function columnsOfQuery(columns: readonly PlanColumn[], names: readonly string[]): Column[] {
  if (names.length > columns.length) {
    throw sqlError('syntax_error', 'CREATE VIEW specifies more column names than columns');
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
  const { planned, sql, needs } = await defineView(state, statement.query);
  const { schemaOid, name } = await claimPlace(state, statement.name, {
    temporary: isTemporary(state, statement, needs.dependsOn),
  });
  const columns = columnsOfQuery(planned.bound.columns, statement.columns);
  const existing = await lockExisting(state, schemaOid, name);
  if (existing !== undefined) {
    if (!statement.orReplace) throw sqlError('duplicate_table', `relation "${name}" already exists`);
    if (existing.kind !== 'view') throw sqlError('wrong_object_type', `"${name}" is not a view`);
    requireRelationOwner(state, existing);
    checkReplacement(existing.columns, columns);
  }
  const editor = state.transactions.transaction.edit();
  const oid = existing?.oid ?? editor.allocateOid();
  const view: View = {
    ...(existing?.comment === undefined ? {} : { comment: existing.comment }),
    kind: 'view',
    oid,
    name,
    schemaOid,
    owner: existing?.owner ?? state.role.oid,
    columns,
    sql,
    searchPath: state.searchPath(),
    ...checkOptionOf(statement),
  };
  const updatable = bindUpdatable(view, state.bindContext());
  if (view.checkOption !== undefined && updatable === undefined) {
    const text = 'WITH CHECK OPTION is supported only on automatically updatable views';
    throw sqlError('feature_not_supported', text, { hint: 'Select from a single table by filters and columns.' });
  }
  editor.putRelation(updatable === undefined ? view : { ...view, updatable }, needs);
  if (existing?.kind === 'view' && existing.sql !== sql) await rebuildContinuous(state, oid);
  return tagOnly('CREATE VIEW');
}

function checkOptionOf({ checkOption, options }: CreateView): Pick<View, 'checkOption'> {
  const given = options.find(({ name }) => name === 'check_option')?.value;
  const word = checkOption ?? (given === undefined || given === null ? null : 'text' in given ? given.text : null);
  if (word === null) return {};
  if (word === 'local' || word === 'cascaded') return { checkOption: word };
  throw sqlError('invalid_parameter_value', `invalid value for enum option "check_option": ${word}`, {
    detail: 'Valid values are "local" and "cascaded".',
  });
}

/** A view over temporary relations is one itself. */
function isTemporary(state: SessionState, { persistence, name }: CreateView, reads: readonly number[]): boolean {
  if (persistence === 'temporary') return true;
  const catalog = state.catalog();
  const schemas = reads.map((oid) => catalog.schemas.get(catalog.relations.get(oid)?.schemaOid ?? 0)?.name ?? '');
  if (!schemas.some(isTemporarySchema)) return false;
  const text = `view "${name.parts.at(-1)}" will be a temporary view`;
  state.notice('NOTICE', sqlError('successful_completion', text));
  return true;
}

async function lockExisting(state: SessionState, schemaOid: number, name: string): Promise<Relation | undefined> {
  const existing = state.catalog().findRelation(schemaOid, name);
  if (existing !== undefined) await lockRelations(state, [existing.oid], 'access exclusive');
  return state.catalog().findRelation(schemaOid, name);
}

/** Materialized views over a view that means something else now are made anew. */
async function rebuildContinuous(state: SessionState, oid: number): Promise<void> {
  const editor = state.transactions.transaction.edit();
  const continuous = editor.allDependentsOf(oid).filter((one) => one.kind === 'materialized-view');
  await lockRelations(state, continuous.map((one) => one.oid), 'access exclusive'); // biome-ignore format: one line
  for (const view of continuous) editor.renew(view);
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
    if (!sameType(next.type, column.type)) {
      const types = `from ${formatType(column.type)} to ${formatType(next.type)}`;
      throw sqlError('invalid_table_definition', `cannot change data type of view column "${column.name}" ${types}`);
    }
  }
}
