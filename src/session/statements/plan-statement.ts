// Text road of SELECT, INSERT, UPDATE, DELETE: bind -> optimize -> plan, remembered with the prepared statement until the
// catalog or the search path changes.
import type { Maybe } from '../../base/maybe.ts';
import { Pieces } from '../../base/pieces.ts';
import type { CatalogSnapshot } from '../../catalog/objects.ts';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan, IndexKey, ModifyPlan } from '../../plan/batch.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import type { DataStatement } from '../../sql/ast.ts';
import type { BindTrace, BoundStatement } from '../../sql/binder/bind-context.ts';
import { bindStatement } from '../../sql/binder/bind-statement.ts';
import { optimizing } from '../../sql/optimizer/optimize.ts';
import { isChange, liftChanges } from '../../sql/planner/lift-changes.ts';
import { planBatch } from '../../sql/planner/plan-batch.ts';
import { planModify } from '../../sql/planner/plan-modify.ts';
import type { RelationLockMode } from '../../storage/transactions/lock-modes.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeFacts, typeOid, typmodOf } from '../../types/type-table.ts';
import type { PreparedStatement } from '../portals.ts';
import { lockRelations, tryLockRelations } from '../relation-locks.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { StatementPrivileges } from '../statement-privileges.ts';
import { refuseForeignTemporary } from '../temporary-schema.ts';
import { ConstantFolding } from './constant-folding.ts';
import { withExternalSchemas } from './external-schemas.ts';

export interface PlannedStatement {
  readonly bound: BoundStatement;
  readonly optimized: LogicalPlan;
  /** what a WITH that changes data runs before `plan` */
  readonly steps: readonly PlannedStep[];
  readonly plan: BatchPlan | ModifyPlan;
  readonly fields: readonly ResultField[];
  readonly basis: PlanBasis;
  /** a constant expression of the plan that cannot be computed (1/0): raised before the statement runs, as PostgreSQL does */
  readonly failure: SqlError | null;
}

export interface PlannedStep {
  readonly id: number;
  readonly name: string;
  readonly plan: BatchPlan | ModifyPlan;
}

/** What a remembered plan depends on besides its text. */
interface PlanBasis {
  readonly catalogVersion: number;
  readonly searchPath: string;
  readonly role: number;
  readonly disabledRules: string;
}

/** Whether what the plan was made from is still so. */
function isCurrent({ basis }: PlannedStatement, state: SessionState): boolean {
  return (
    basis.catalogVersion === state.catalog().version &&
    basis.searchPath === state.settings.get('search_path') &&
    basis.role === state.roleOid &&
    basis.disabledRules === state.settings.get('headrace.optimizer_disabled_rules')
  );
}

/** What the binder shall give besides; see BindContext. */
export interface PlanOptions {
  readonly rowIds?: boolean;
  /** The caller runs the steps of a WITH that changes data; without it they are refused. */
  readonly changes?: boolean;
  readonly trace?: BindTrace;
  /** no privileges are needed: a statement's own checks */
  readonly unchecked?: boolean;
}

/** Plans, and locks what the plan uses; should that have changed while it waited, it plans anew. */
export async function planStatement(
  state: SessionState,
  statement: DataStatement,
  declared: readonly (SqlType | undefined)[],
  options: PlanOptions = {},
): Promise<PlannedStatement> {
  for (;;) {
    const planned = await planUnlocked(state, statement, declared, options);
    await lockPlanned(state, planned);
    if (isCurrent(planned, state)) return planned;
  }
}

/** The remembered plan while nothing it depends on has changed, or a new one; what it uses is locked either way. */
export function currentPlan(
  state: SessionState,
  prepared: PreparedStatement,
  statement: DataStatement,
): Maybe<PlannedStatement> {
  const known = prepared.plan;
  if (known !== null && isCurrent(known, state) && tryLockPlanned(state, known)) return known;
  return planAgain(state, prepared, statement);
}

async function planAgain(
  state: SessionState,
  prepared: PreparedStatement,
  statement: DataStatement,
): Promise<PlannedStatement> {
  const planned = await planStatement(state, statement, prepared.parameterTypes, { changes: true });
  if (prepared.fields !== null) requireSameFields(prepared.fields, planned.fields);
  return planned;
}

function readMode({ bound }: PlannedStatement): RelationLockMode {
  return bound.locking === undefined ? 'access share' : 'row share';
}

function tryLockPlanned(state: SessionState, planned: PlannedStatement): boolean {
  const { read, written } = planned.bound.relations;
  return tryLockRelations(state, read, readMode(planned)) && tryLockRelations(state, written, 'row exclusive');
}

async function lockPlanned(state: SessionState, planned: PlannedStatement): Promise<void> {
  const { read, written } = planned.bound.relations;
  await lockRelations(state, read, readMode(planned));
  await lockRelations(state, written, 'row exclusive');
}

/** Clients have been told the result's columns. */
function requireSameFields(before: readonly ResultField[], after: readonly ResultField[]): void {
  const same =
    before.length === after.length &&
    before.every(
      ({ typeOid, typeModifier }, i) => typeOid === after[i]!.typeOid && typeModifier === after[i]!.typeModifier,
    );
  if (!same) throw sqlError('feature_not_supported', 'cached plan must not change result type');
}

/** A plan without locks: for subscriptions, which follow what they read and end when it goes. */
export async function planUnlocked(
  state: SessionState,
  statement: DataStatement,
  declared: readonly (SqlType | undefined)[],
  { rowIds, changes, trace, unchecked = false }: PlanOptions = {},
): Promise<PlannedStatement> {
  const catalog = state.catalog();
  const searchPath = state.settings.get('search_path');
  const pieces = new Pieces(); // of a long text: others have their turn between two stages
  const functions = state.services.functions(catalog);
  const privileges = state.role.superuser || unchecked ? null : new StatementPrivileges(state);
  const bound = await withExternalSchemas(state, (externalSchema) =>
    bindStatement(statement, {
      catalog,
      functions,
      searchPath: state.searchPath(),
      parameterTypes: [...declared],
      externalSchema,
      currentUser: state.role.name,
      database: state.startup.database,
      ...state.temporarySchema(),
      evaluation: state.evaluation(),
      rowIds: rowIds === true,
      trace: privileges === null ? trace : privileges.trace(trace),
    }),
  );
  privileges?.verify(statement, bound.functions);
  refuseForeignTemporary(state, [...bound.relations.read, ...bound.relations.written]);
  const disabled = state.settings.get('headrace.optimizer_disabled_rules');
  const folding = new ConstantFolding(state);
  await pieces.next();
  const optimized = await inPieces(
    pieces,
    optimizing(bound.plan, {
      disabledRules: disabled === '' ? [] : disabled.split(',').map((rule) => rule.trim()),
      statistics: (relation) => state.services.storage.estimatedRows(relation),
      values: (relation, attribute) => state.services.storage.estimatedValues(relation, attribute),
      functions,
      fold: (expression) => folding.fold(expression),
    }),
  );
  const plannerOptions = {
    functions,
    statistics: (relation: number) => state.services.storage.estimatedRows(relation),
    indexes: (relation: number) => lookupIndexes(catalog, relation),
  };
  const planOf = (one: LogicalPlan) =>
    isChange(one) ? planModify(one, plannerOptions) : planBatch(one, plannerOptions);
  const { steps, main } = liftChanges(optimized);
  if (steps.length > 0 && changes !== true) {
    throw sqlError('feature_not_supported', 'data-modifying statements in WITH are not allowed here', {
      position: statement.position,
    });
  }
  return {
    bound,
    optimized,
    steps: steps.map(({ id, name, plan }) => ({ id, name, plan: planOf(plan) })),
    plan: planOf(main),
    fields: resultFields(bound),
    basis: { catalogVersion: catalog.version, searchPath, role: state.roleOid, disabledRules: disabled },
    failure: folding.failureIn(optimized),
  };
}

async function inPieces<T>(pieces: Pieces, steps: Generator<void, T, void>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    const pause = pieces.next();
    if (pause !== undefined) await pause;
  }
}

/** The indexes of a table as the planner knows them. */
function lookupIndexes(catalog: CatalogSnapshot, relation: number): IndexKey[] {
  return catalog.indexesOf(relation).map(({ oid, name, keyAttributes, columns, unique }) => ({
    oid,
    name,
    attributes: keyAttributes,
    types: columns.map(({ type }) => type),
    unique,
  }));
}

function resultFields(bound: BoundStatement): ResultField[] {
  return bound.columns.map((column) => ({
    name: column.name,
    tableOid: column.origin?.relation ?? 0,
    columnNumber: column.origin?.attribute ?? 0,
    typeOid: typeOid(column.type),
    typeLength: typeFacts(column.type).length,
    typeModifier: typmodOf(column.type),
    type: column.type,
  }));
}
