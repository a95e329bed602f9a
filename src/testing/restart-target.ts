// The restarted life of an .slt file: between records the database is closed and opened again on its directory, or crashes. Only where
// the session holds nothing that a restart takes with it (transaction, cursors, prepared statements, temporary tables); its settings
// and its role are set again.
import { InProcessTarget } from './in-process-target.ts';
import type { SltRecord } from './slt-file.ts';
import { appliesTo, type TargetResult } from './slt-run.ts';

/** How many restarts a file may expect to see. */
const RESTARTS = 3;
const HELD = `SELECT (SELECT count(*) FROM pg_catalog.pg_prepared_statements) + (SELECT count(*) FROM pg_catalog.pg_cursors)
  + (SELECT count(*) FROM pg_catalog.pg_class WHERE relpersistence = 't')`;
const SETTINGS = "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session'";
/** Values that live in the session: no restart before a record that asks for one. */
const PERSONAL = /\b(currval|lastval|my\.\w+)\b/i;

export class RestartTarget extends InProcessTarget {
  override readonly engine = 'restart';
  private readonly random: () => number;
  private readonly chance: number;
  private readonly firstFree: number;
  private executed = 0;

  constructor(records: readonly SltRecord[], random: () => number) {
    super({ durable: true });
    this.random = random;
    const texts = records.flatMap((record) => ('sql' in record && appliesTo(record, this.engine) ? [record.sql] : []));
    this.chance = RESTARTS / Math.max(texts.length, 1);
    this.firstFree = texts.findLastIndex((sql) => PERSONAL.test(sql)) + 1;
  }

  override async execute(sql: string): Promise<TargetResult> {
    if (this.executed++ >= this.firstFree && this.random() < this.chance) await this.restartIfFree();
    return super.execute(sql);
  }

  private async restartIfFree(): Promise<void> {
    if (this.session === null || this.session.transactionStatus() !== 'I') return;
    const held = await super.execute(HELD);
    if (held.rows?.[0]?.[0] !== '0') return;
    const settings = (await super.execute(SETTINGS)).rows ?? [];
    const role =
      (await super.execute('SELECT quote_ident(current_user) WHERE current_user <> session_user')).rows ?? [];
    await (this.random() < 0.5 ? this.restart() : this.crash());
    for (const [name, value] of settings) {
      await super.execute(`SELECT set_config('${name}', '${value!.replaceAll("'", "''")}', false)`);
    }
    for (const [name] of role) await super.execute(`SET ROLE ${name}`);
  }
}
