// System relations (pg_catalog, information_schema, headrace): each file of this folder's subfolders defines one, as columns and
// a function that lists its rows from the catalog and the server's state. They are scanned like any table.
import type { FunctionRegistry } from '../functions/registry.ts';
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { CatalogSnapshot, Role } from './objects.ts';

export interface SystemRelationDefinition {
  readonly schema: 'pg_catalog' | 'information_schema' | 'headrace';
  readonly name: string;
  /** below 16384, fixed for ever */
  readonly oid: number;
  /** how pg_class calls it */
  readonly kind: 'table' | 'view';
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly notNull?: boolean }[];
  rows(context: SystemContext): Iterable<readonly (Datum | null)[]>;
}

/** What rows are made from. Plain data where it can be: no part of the engine or the session is visible here. */
export interface SystemContext {
  readonly catalog: CatalogSnapshot;
  readonly functions: FunctionRegistry;
  readonly session: {
    readonly user: Role;
    readonly database: string;
    readonly processId: number;
    readonly settings: readonly SettingRow[];
    readonly prepared: readonly PreparedRow[];
    readonly cursors: readonly CursorRow[];
    /** an expression of the catalog as it is shown to this session */
    expressionText(sql: string): string;
  };
  readonly activity: readonly ActivityRow[];
  readonly statistics: { rowCount(relation: number): number; sizeBytes(relation: number): number };
  readonly streams: readonly StreamRow[];
  readonly queries: readonly QueryRow[];
  readonly subscriptions: readonly SubscriptionRow[];
  readonly rejected: readonly RejectedRow[];
  readonly checkpoints: readonly CheckpointRow[];
  readonly server: { readonly startedAtMs: number; readonly port: number; readonly version: string };
}

export interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly defaultValue: string;
  readonly kind: string;
  readonly unit: string | null;
  readonly context: string;
  readonly description: string;
  readonly min: string | null;
  readonly max: string | null;
  readonly values: readonly string[] | null;
}
export interface PreparedRow {
  readonly name: string;
  readonly text: string;
  readonly preparedAtMs: number;
  readonly parameterTypes: readonly SqlType[];
  readonly fromSql: boolean;
}
export interface CursorRow {
  readonly name: string;
  readonly text: string;
  readonly holdable: boolean;
  readonly createdAtMs: number;
}
export interface ActivityRow {
  readonly processId: number;
  readonly userName: string;
  readonly databaseName: string;
  readonly applicationName: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly startedAtMs: number;
  readonly transactionStartedAtMs: number | null;
  readonly queryStartedAtMs: number | null;
  readonly stateChangedAtMs: number;
  readonly state: string;
  /** the kind of lock it waits for */
  readonly waitsFor: 'transactionid' | 'advisory' | null;
  readonly query: string;
}
export interface StreamRow {
  readonly relation: number;
  readonly connector: string;
  readonly watermarkMicros: bigint | null;
  /** from the watermark to the time of day; null without a watermark */
  readonly lagMicros: bigint | null;
  readonly idle: boolean;
  readonly acceptedRows: bigint;
  readonly lateRows: bigint;
  readonly malformedRows: bigint;
  readonly lastError: string | null;
}
export interface QueryRow {
  readonly relation: number;
  readonly state: string;
  readonly frontierEpoch: bigint;
  readonly inputRows: bigint;
  /** input, mean of the last ten full seconds */
  readonly rowsPerSecond: number;
  readonly outputRows: bigint;
  /** result rows that came when their window had been closed; null where none closes */
  readonly missedRows: bigint | null;
  readonly stateBytes: bigint;
  readonly lastError: string | null;
  readonly plan: string;
}
export interface SubscriptionRow {
  readonly id: number;
  readonly relation: number | null;
  readonly query: string;
  readonly processId: number;
  readonly sentEpoch: bigint;
  readonly queuedRows: bigint;
  readonly queuedBytes: bigint;
}
export interface CheckpointRow {
  /** null: it has not come so far as to fix one */
  readonly epoch: bigint | null;
  readonly startedAtMs: number;
  /** null: it is being taken */
  readonly durationMs: number | null;
  /** written so far */
  readonly bytes: number;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
}
export interface RejectedRow {
  readonly relation: number;
  readonly reason: string;
  readonly detail: string;
  readonly raw: string | null;
  readonly rejectedAtMs: number;
}
