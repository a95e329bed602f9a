// LISTEN, UNLISTEN and NOTIFY of one session: what a transaction asks for happens when it commits, in its order, the listening first; a
// rollback, to a savepoint too, forgets it.
import { sqlError } from '../errors/sql-error.ts';
import type { NotificationHub, NotificationListener } from './notifications.ts';

/** channel null: all of them */
type Listening = { readonly kind: 'listen' | 'unlisten'; readonly channel: string | null };
type Action = Listening | { readonly kind: 'notify'; readonly channel: string; readonly payload: string };

const MAX_CHANNEL_BYTES = 63;
const MAX_PAYLOAD_BYTES = 7999;
/** of one transaction */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

const keyOf = (channel: string, payload: string) => `${channel}\0${payload}`;

export class PendingNotifications {
  private readonly hub: NotificationHub;
  private readonly processId: number;
  private readonly deliver: NotificationListener;
  private readonly listening = new Set<string>();
  private readonly actions: Action[] = [];
  /** equal ones are sent once */
  private readonly pending = new Set<string>();
  private pendingBytes = 0;

  constructor(hub: NotificationHub, processId: number, deliver: NotificationListener) {
    this.hub = hub;
    this.processId = processId;
    this.deliver = deliver;
  }

  /** Channels, as committed. */
  get channels(): readonly string[] {
    return [...this.listening];
  }

  listen(channel: string): void {
    this.actions.push({ kind: 'listen', channel });
  }

  /** null: all channels. */
  unlisten(channel: string | null): void {
    this.actions.push({ kind: 'unlisten', channel });
  }

  /** Throws 22023 for what is no channel, or a payload that is too long; 54000 when too much waits for the commit. */
  notify(channel: string, payload: string): void {
    if (channel === '') throw sqlError('invalid_parameter_value', 'channel name cannot be empty');
    if (Buffer.byteLength(channel) > MAX_CHANNEL_BYTES)
      throw sqlError('invalid_parameter_value', 'channel name too long');
    const bytes = Buffer.byteLength(payload);
    if (bytes > MAX_PAYLOAD_BYTES) throw sqlError('invalid_parameter_value', 'payload string too long');
    const key = keyOf(channel, payload);
    if (this.pending.has(key)) return;
    if (this.pendingBytes + bytes > MAX_PENDING_BYTES)
      throw sqlError('program_limit_exceeded', 'too many notifications in one transaction');
    this.pending.add(key);
    this.pendingBytes += bytes;
    this.actions.push({ kind: 'notify', channel, payload });
  }

  /** For `rollbackTo`. */
  get mark(): number {
    return this.actions.length;
  }

  rollbackTo(mark: number): void {
    for (const action of this.actions.splice(mark)) {
      if (action.kind !== 'notify') continue;
      this.pending.delete(keyOf(action.channel, action.payload));
      this.pendingBytes -= Buffer.byteLength(action.payload);
    }
  }

  commit(): void {
    if (this.actions.length === 0) return;
    const actions = [...this.actions];
    this.rollbackTo(0);
    for (const action of actions) if (action.kind !== 'notify') this.apply(action);
    for (const action of actions)
      if (action.kind === 'notify') this.hub.notify(this.processId, action.channel, action.payload);
  }

  /** The session is over. */
  close(): void {
    this.apply({ kind: 'unlisten', channel: null });
  }

  private apply({ kind, channel }: Listening): void {
    for (const name of channel === null ? [...this.listening] : [channel]) {
      if (kind === 'listen') {
        this.listening.add(name);
        this.hub.listen(name, this.deliver);
      } else if (this.listening.delete(name)) this.hub.unlisten(name, this.deliver);
    }
  }
}
