// ALTER TABLE ... ALTER COLUMN TYPE [USING]: every row is converted and written anew; keys, checks and the default keep their meaning.
import type { Column, Table } from '../../catalog/objects.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Expression as Syntax } from '../../sql/ast.ts';
import type { AlterAction } from '../../sql/ast-alter.ts';
import { bindScalarExpression } from '../../sql/binder/bind-statement.ts';
import { parseExpression } from '../../sql/parser/parse.ts';
import { type SqlType, sameType } from '../../types/sql-type.ts';
import { formatType, formatTypeName } from '../../types/type-table.ts';
import type { SessionState } from '../session-state.ts';
import { refreshIndexes, requireColumn } from './put-draft.ts';
import { resolveTypeName } from './resolve-names.ts';
import { columnValue, rewriteTable } from './rewrite-table.ts';
import { requireConstraint } from './validate-rows.ts';

type AlterType = AlterAction & { readonly kind: 'alter_type' };

export async function alterColumnType(state: SessionState, table: Table, action: AlterType): Promise<void> {
  const column = requireColumn(table, action.column);
  const type = resolveTypeName(action.type);
  refuseUses(state, table, column);
  const value = convertedValue(state, table, column, type, action.using);
  if (column.defaultSql !== null && column.generated === null) requireDefault(state, column, type);
  if (sameType(type, column.type) && action.using === null) return;
  const { missing, ...kept } = column;
  void missing;
  const columns = table.columns.map((one) => (one === column ? { ...kept, type } : one));
  const after = { ...table, columns };
  const values = table.columns.map((one) => (one === column ? value : columnValue(one)));
  await rewriteTable(state, table, after, values);
  refreshIndexes(state, table.oid);
  for (const constraint of after.constraints) {
    if (constraint.kind === 'check' || constraint.columns.includes(column.attribute))
      await requireConstraint(state, after, constraint);
  }
}

/** What keeps the old type in mind: views and generated columns. */
function refuseUses(state: SessionState, table: Table, column: Column): void {
  const refuse = (what: string, detail: string) => {
    throw sqlError('feature_not_supported', `cannot alter type of a column used by a ${what}`, { detail });
  };
  for (const needs of state.catalog().dependencies?.values() ?? []) {
    const user = state.catalog().relations.get(needs.oid);
    if (user === undefined || !needs.dependsOn.includes(table.oid)) continue;
    const uses = needs.columns?.some(([oid, attribute]) => oid === table.oid && attribute === column.attribute) ?? true;
    if (!uses) continue;
    const word = user.kind === 'materialized-view' ? 'materialized view' : user.kind;
    refuse('view or rule', `rule _RETURN on ${word} ${user.name} depends on column "${column.name}"`);
  }
  const generated = table.columns.find((one) => one.generatedFrom?.includes(column.attribute));
  if (generated !== undefined)
    refuse('generated column', `Column "${column.name}" is used by generated column "${generated.name}".`);
}

/** USING's expression, or the column itself, assigned to the new type. */
function convertedValue(
  state: SessionState,
  table: Table,
  column: Column,
  type: SqlType,
  using: Syntax | null,
): Expression {
  const inputs = table.columns.map((one) => ({ id: one.attribute, name: one.name, type: one.type }));
  const syntax = using ?? { kind: 'column', parts: [column.name], position: 0 };
  const options = { relation: table.name, clause: 'transform expressions', target: type };
  try {
    return bindScalarExpression(syntax, inputs, state.bindContext(), options);
  } catch (error) {
    if (!(error instanceof SqlError) || error.condition !== 'cannot_coerce') throw error;
    const what = using === null ? `column "${column.name}"` : `result of USING clause for column "${column.name}"`;
    const hint =
      using === null
        ? `You might need to specify "USING ${column.name}::${formatType(type)}".`
        : 'You might need to add an explicit cast.';
    throw sqlError('datatype_mismatch', `${what} cannot be cast automatically to type ${formatTypeName(type)}`, {
      hint,
    });
  }
}

function requireDefault(state: SessionState, column: Column, type: SqlType): void {
  const bound = bindScalarExpression(parseExpression(column.defaultSql!), [], state.bindContext(), {
    target: column.type,
  });
  const convertible = state.services.functions(state.catalog()).cast(bound.type, type);
  if (sameType(bound.type, type) || bound.type.name === type.name) return;
  if (convertible !== undefined && convertible.context !== 'explicit') return;
  const text = `default for column "${column.name}" cannot be cast automatically to type ${formatTypeName(type)}`;
  throw sqlError('datatype_mismatch', text);
}
