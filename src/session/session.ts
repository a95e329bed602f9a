// ClientSession: one client's session behind the wire contract. It keeps settings, the transaction, prepared statements and
// portals, and sends every statement down one road: parse -> runStatement (statements/) -> portal -> sink.
import { after, guarded, type Maybe } from '../base/maybe.ts';
import { Pieces } from '../base/pieces.ts';
import { SqlError, sqlError } from '../errors/sql-error.ts';
import type { ParsedStatement } from '../sql/ast.ts';
import { parseDialectStatements } from '../sql/dialects/parse-dialect.ts';
import { TEXT } from '../types/sql-type.ts';
import type { TypeSettings } from '../types/type-settings.ts';
import { typeFromOid, typeOid } from '../types/type-table.ts';
import { decodeParameter } from './parameters.ts';
import { expandFormats, Portal, type PreparedStatement } from './portals.ts';
import type {
  Format,
  PortalDescription,
  ResultSink,
  Session,
  StatementDescription,
  TransactionStatus,
} from './session-contract.ts';
import type { SessionState } from './session-state.ts';
import { describeStatement, type StatementShape } from './statements/describe-statement.ts';
import { runStatement } from './statements/run-statement.ts';

export class ClientSession implements Session {
  private readonly state: SessionState;

  constructor(state: SessionState) {
    this.state = state;
  }

  parameterStatuses(): Iterable<readonly [string, string]> {
    return this.state.settings.takeReported(false);
  }

  takeChangedParameters(): Iterable<readonly [string, string]> {
    return this.state.settings.takeReported(true);
  }

  outputSettings(): TypeSettings {
    return this.state.typeSettings();
  }

  transactionStatus(): TransactionStatus {
    return this.state.transactions.status();
  }

  async runSimple(text: string, out: ResultSink): Promise<void> {
    const { state } = this;
    await state.dropPortal('');
    state.prepared.delete('');
    const pieces = new Pieces();
    const statements = await parseDialectStatements(text, this.state.settings.get('sql_dialect'));
    if (statements.length === 0) {
      out.emptyQuery();
      return;
    }
    for (const [index, parsed] of statements.entries()) {
      await pieces.next();
      const last = index === statements.length - 1;
      await this.bracketed(parsed, text, out, async () => {
        const prepared = await this.prepareStatement('', parsed, text, [], true);
        if (prepared.parameterTypes.length > 0) throw sqlError('undefined_parameter', 'there is no parameter $1');
        const portal = new Portal('', prepared, [], expandFormats([], prepared.fields?.length ?? 0));
        try {
          await this.startPortal(portal, out);
          if (prepared.fields !== null) out.rowDescription(prepared.fields, portal.formats);
          // The implicit transaction ends before its last tag is sent, so that a failed commit is an error.
          await portal.fetch(0, out, last ? () => state.transactions.endImplicit() : null);
        } finally {
          await portal.close();
        }
      });
    }
  }

  async parse(name: string, text: string, paramTypeOids: readonly number[]): Promise<void> {
    const { state } = this;
    if (name === '') state.prepared.delete(name);
    const statements = await parseDialectStatements(text, this.state.settings.get('sql_dialect'));
    if (statements.length > 1) {
      throw sqlError('syntax_error', 'cannot insert multiple commands into a prepared statement');
    }
    const parsed = statements[0] ?? null;
    const declared = paramTypeOids.map((oid) => (oid === 0 || oid === 705 ? undefined : typeFromOid(oid)));
    if (parsed !== null) state.transactions.checkUsable(parsed.statement);
    const prepared = await this.prepareStatement(name, parsed, text, declared, false);
    if (state.prepared.has(name))
      throw sqlError('duplicate_prepared_statement', `prepared statement "${name}" already exists`);
    state.prepared.set(name, prepared);
  }

  describeStatement(name: string): StatementDescription {
    const prepared = this.findPrepared(name);
    if (prepared.fields !== null) this.state.transactions.checkNotFailed();
    return { paramTypeOids: prepared.parameterTypes.map(typeOid), fields: prepared.fields };
  }

  bind(
    portalName: string,
    statementName: string,
    values: readonly (Uint8Array | null)[],
    paramFormats: readonly Format[],
    resultFormats: readonly Format[],
  ): Maybe<void> {
    const { state } = this;
    const prepared = this.findPrepared(statementName);
    if (values.length !== prepared.parameterTypes.length) {
      throw sqlError(
        'protocol_violation',
        `bind message supplies ${values.length} parameters, but prepared statement "${statementName}" requires ${prepared.parameterTypes.length}`,
      );
    }
    if (prepared.parsed !== null) state.transactions.checkUsable(prepared.parsed.statement);
    if (portalName !== '' && state.portals.has(portalName)) {
      throw sqlError('duplicate_cursor', `cursor "${portalName}" already exists`);
    }
    const dropped = portalName === '' ? state.dropPortal('') : undefined;
    if (prepared.plan?.failure != null) throw prepared.plan.failure;
    const parameters = values.map((bytes, i) => {
      const type = prepared.parameterTypes[i]!;
      const format = paramFormats.length === 0 ? 0 : paramFormats.length === 1 ? paramFormats[0]! : paramFormats[i]!;
      return { type, value: bytes === null ? null : decodeParameter(bytes, type, format, i, state) };
    });
    const formats = expandFormats(resultFormats, prepared.fields?.length ?? 0);
    state.portals.set(portalName, new Portal(portalName, prepared, parameters, formats));
    return dropped;
  }

  describePortal(name: string): PortalDescription {
    const portal = this.findPortal(name);
    if (portal.statement.fields !== null) this.state.transactions.checkNotFailed();
    return { fields: portal.statement.fields, formats: portal.formats };
  }

  execute(name: string, maxRows: number, out: ResultSink): Maybe<void> {
    const portal = this.findPortal(name);
    const { parsed, text } = portal.statement;
    if (parsed === null) return out.emptyQuery();
    return this.bracketed(parsed, text, out, () => {
      if (portal.started) return portal.fetch(maxRows, out, null);
      return after(this.startPortal(portal, out), () => portal.fetch(maxRows, out, null));
    });
  }

  closeStatement(name: string): void {
    this.state.prepared.delete(name);
  }

  closePortal(name: string): Maybe<void> {
    return this.state.dropPortal(name);
  }

  sync(): Maybe<void> {
    return this.state.transactions.endImplicit();
  }

  async afterError(): Promise<void> {
    await this.state.transactions.fail();
  }

  cancel(): void {
    this.state.cancel();
  }

  idleLimit(): { readonly timeoutMs: number; readonly error: SqlError } | null {
    const { settings, transactions } = this.state;
    const inTransaction = transactions.status() !== 'I';
    const timeoutMs = settings.number(inTransaction ? 'idle_in_transaction_session_timeout' : 'idle_session_timeout');
    this.state.activity.idle(inTransaction, transactions.status() === 'E');
    if (timeoutMs === 0) return null;
    const error = inTransaction
      ? sqlError('idle_in_transaction_session_timeout', 'terminating connection due to idle-in-transaction timeout')
      : sqlError('idle_session_timeout', 'terminating connection due to idle-session timeout');
    return { timeoutMs, error };
  }

  async close(): Promise<void> {
    await this.state.close();
  }

  /** Runs the portal's statement as far as there are rows to fetch. */
  private startPortal(portal: Portal, out: ResultSink): Maybe<void> {
    const { state } = this;
    const { statement, parameters } = portal;
    state.transactions.beforeStatement(statement.parsed!.statement);
    return after(runStatement({ state, prepared: statement, parameters, out, portal }), (result) =>
      portal.start(result, state.services.arena),
    );
  }

  /** Statement bracket: activity, statement_timeout, cancel, and error positions. */
  private bracketed(parsed: ParsedStatement, text: string, out: ResultSink, run: () => Maybe<void>): Maybe<void> {
    const { state } = this;
    state.transactions.checkUsable(parsed.statement);
    state.startStatement(text, out);
    const failed = (error: unknown) => {
      throw state.interruption() ?? withNames(error, state);
    };
    return guarded(run, failed, () => state.endStatement());
  }

  private async prepareStatement(
    name: string,
    parsed: ParsedStatement | null,
    text: string,
    declared: (ReturnType<typeof typeFromOid> | undefined)[],
    fromSql: boolean,
  ): Promise<PreparedStatement> {
    const description: StatementShape =
      parsed === null
        ? { parameterTypes: declared.map((type) => type ?? TEXT), fields: null, plan: null }
        : await describeStatement(this.state, parsed.statement, declared);
    return { name, text, parsed, ...description, preparedAt: Date.now(), fromSql };
  }

  private findPrepared(name: string): PreparedStatement {
    const prepared = this.state.prepared.get(name);
    if (prepared !== undefined) return prepared;
    const message =
      name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`;
    throw sqlError('invalid_sql_statement_name', message);
  }

  private findPortal(name: string): Portal {
    const portal = this.state.portals.get(name);
    if (portal === undefined) throw sqlError('invalid_cursor_name', `portal "${name}" does not exist`);
    return portal;
  }
}

/** Errors of constraints say which relation it is; clients want its name and schema. */
function withNames(error: unknown, state: SessionState): unknown {
  if (!(error instanceof SqlError) || error.details.relation === undefined) return error;
  const catalog = state.catalog();
  const relation = catalog.relations.get(error.details.relation);
  if (relation === undefined) return error;
  const names = { schema: catalog.schemas.get(relation.schemaOid)!.name, table: relation.name };
  return new SqlError(error.condition, error.message, { ...error.details, ...names });
}
