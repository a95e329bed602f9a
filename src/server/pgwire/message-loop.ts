// The main road of an authenticated connection: takes messages strictly in order, drives the Session, writes the answers.
// Simple and extended query, error recovery until Sync, ReadyForQuery with what goes before it. Calls that answer at once
// cost no turn of the event loop; several answers leave in one packet as long as whole messages are waiting behind.
import { after, type Maybe } from '../../base/maybe.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type {
  PortalDescription,
  ResultField,
  ResultSink,
  Session,
  StatementDescription,
} from '../../session/session-contract.ts';
import {
  decodeBind,
  decodeEmpty,
  decodeExecute,
  decodeParse,
  decodeQuery,
  decodeTarget,
  type TargetMessage,
} from './frontend-messages.ts';
import type { Input } from './input.ts';
import { type Frame, FramingError, type LimitOf } from './message-reader.ts';
import {
  writeBare,
  writeError,
  writeNotification,
  writeParameterDescription,
  writeParameterStatus,
  writeReadyForQuery,
  writeRowDescription,
} from './message-writer.ts';
import type { Output } from './output.ts';
import { SyncLostError } from './result-sink.ts';

/** Between two turns of the event loop at most this long, if the client pipelines. */
const SLICE_MS = 4;
/** Of notifications that a client has not taken yet, and what one takes besides its texts. */
const MAX_NOTIFICATION_BYTES = 64 * 1024 * 1024;
const NOTIFICATION_BYTES = 100;

export interface LoopLog {
  /** an error was reported to the client */
  statementFailed(error: SqlError): void;
  /** the stream cannot be read on */
  protocolViolation(message: string): void;
}

export interface LoopParts {
  readonly session: Session;
  readonly input: Input;
  readonly output: Output;
  readonly sink: ResultSink;
  readonly limits: LimitOf;
  readonly log: LoopLog;
}

const code = (letter: string): number => letter.charCodeAt(0);
const [QUERY, PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, FLUSH, SYNC, FUNCTION_CALL, TERMINATE] = [...'QPBDECHSFX'].map(
  code,
);
const EXTENDED = new Set([PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, FLUSH]);

function tooManyNotifications(): SqlError {
  return sqlError('configuration_limit_exceeded', 'terminating connection because too many notifications wait for it', {
    hint: 'A session that listens should read, and not stay in a transaction.',
  });
}

export class MessageLoop {
  readonly #parts: LoopParts;
  readonly #notifications: [processId: number, channel: string, payload: string][] = [];
  #notificationBytes = 0;
  /** after an error in the extended protocol, until Sync */
  #skipping = false;
  /** a session call has not answered yet */
  #running = false;
  /** waiting for input with everything answered */
  #idle = false;
  #flushWanted = false;
  #idleTimer: NodeJS.Timeout | null = null;
  #dying: SqlError | null = null;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** Runs until the client leaves, the stream breaks or `terminate` was called. Never throws. */
  async run(): Promise<void> {
    const { input, output, limits } = this.#parts;
    this.#ready();
    let sliceStart = performance.now();
    while (this.#dying === null) {
      let frame: Frame | null;
      try {
        frame = input.next(limits);
      } catch (error) {
        this.#breakOff(error as FramingError);
        return;
      }
      if (frame === null) {
        output.flush();
        this.#flushWanted = false;
        if (!(await input.more())) return this.#lastWords();
        sliceStart = performance.now();
        continue;
      }
      if (frame.type === TERMINATE) return;
      if (output.isFull && !(await this.#clientReads())) return this.#lastWords();
      if (this.#skipping && frame.type !== SYNC) continue;
      const goesOn = this.#handle(frame);
      if (goesOn !== true && !(await goesOn)) return;
      if (performance.now() - sliceStart > SLICE_MS) {
        await new Promise(setImmediate);
        sliceStart = performance.now();
      }
    }
    this.#lastWords();
  }

  /** Waits for a client that pipelines and does not read its answers; false when it is gone, or is to go. */
  async #clientReads(): Promise<boolean> {
    try {
      await this.#parts.output.throttle();
      return true;
    } catch {
      return false;
    }
  }

  /** One message; false when the connection is over. */
  #handle(frame: Frame): boolean | Promise<boolean> {
    this.#leaveIdle();
    try {
      const pending = this.#dispatch(frame);
      if (!(pending instanceof Promise)) return true;
      if (this.#flushWanted) this.#parts.output.flush();
      this.#flushWanted = false;
      this.#running = true;
      return this.#finish(pending, frame.type);
    } catch (error) {
      return this.#recover(error, frame.type);
    }
  }

  async #finish(pending: Promise<void>, type: number): Promise<boolean> {
    try {
      await pending;
      this.#running = false;
      return true;
    } catch (error) {
      this.#running = false;
      return this.#recover(error, type);
    }
  }

  #dispatch(frame: Frame): Maybe<void> {
    const { session, sink, output } = this.#parts;
    const { body } = frame;
    switch (frame.type) {
      case QUERY:
        return after(session.runSimple(decodeQuery(body), sink), () => this.#ready());
      case PARSE: {
        const { name, text, paramTypeOids } = decodeParse(body);
        return after(session.parse(name, text, paramTypeOids), () => writeBare(output.writer, '1'));
      }
      case BIND: {
        const { portal, statement, values, paramFormats, resultFormats } = decodeBind(body);
        const bound = session.bind(portal, statement, values, paramFormats, resultFormats);
        return after(bound, () => writeBare(output.writer, '2'));
      }
      case DESCRIBE:
        return this.#describe(decodeTarget(body, 'DESCRIBE'));
      case EXECUTE: {
        const { portal, maxRows } = decodeExecute(body);
        return session.execute(portal, maxRows, sink);
      }
      case CLOSE: {
        const { target, name } = decodeTarget(body, 'CLOSE');
        const closed = target === 'S' ? session.closeStatement(name) : session.closePortal(name);
        return after(closed, () => writeBare(output.writer, '3'));
      }
      case FLUSH:
        decodeEmpty(body);
        return output.flush();
      case SYNC:
        this.#skipping = false;
        decodeEmpty(body);
        return after(session.sync(), () => this.#ready());
      case FUNCTION_CALL:
        throw sqlError('feature_not_supported', 'the function call protocol is not supported', {
          hint: 'Call the function with SELECT.',
        });
      default:
        return; // CopyData, CopyDone, CopyFail of a COPY that has failed already
    }
  }

  #describe(message: TargetMessage): Maybe<void> {
    const { session, output } = this.#parts;
    if (message.target === 'S') {
      return after(session.describeStatement(message.name), (description: StatementDescription) => {
        writeParameterDescription(output.writer, description.paramTypeOids);
        this.#describeRows(description.fields, null);
      });
    }
    return after(session.describePortal(message.name), (description: PortalDescription) => {
      this.#describeRows(description.fields, description.formats);
    });
  }

  #describeRows(fields: readonly ResultField[] | null, formats: PortalDescription['formats'] | null): void {
    const { writer } = this.#parts.output;
    if (fields === null) writeBare(writer, 'n');
    else writeRowDescription(writer, fields, formats);
  }

  /** Reports the error at once and decides how to go on; false when the connection is over. */
  async #recover(error: unknown, type: number): Promise<boolean> {
    const { session, output, log } = this.#parts;
    if (output.closed) return false;
    if (error instanceof FramingError) {
      this.#breakOff(error);
      return false;
    }
    if (this.#dying !== null) {
      this.#lastWords();
      return false;
    }
    const sqlErr = toSqlError(error);
    log.statementFailed(sqlErr);
    writeError(output.writer, 'ERROR', sqlErr);
    output.flush();
    await session.afterError();
    if (EXTENDED.has(type)) this.#skipping = true;
    else this.#ready();
    return true;
  }

  /** ReadyForQuery, preceded by notifications (outside a transaction) and changed settings. */
  #ready(): void {
    const { session, output } = this.#parts;
    const { writer } = output;
    const status = session.transactionStatus();
    if (status === 'I') this.#writeNotifications();
    for (const [name, value] of session.takeChangedParameters()) writeParameterStatus(writer, name, value);
    writeReadyForQuery(writer, status);
    this.#flushWanted = true;
    this.#idle = true;
    const limit = session.idleLimit();
    if (limit !== null) this.#idleTimer = setTimeout(() => this.terminate(limit.error), limit.timeoutMs);
  }

  #leaveIdle(): void {
    this.#idle = false;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }

  #writeNotifications(): void {
    for (const [processId, channel, payload] of this.#notifications.splice(0)) {
      writeNotification(this.#parts.output.writer, processId, channel, payload);
    }
    this.#notificationBytes = 0;
  }

  /** ClientDoor.notification. A client that lets too many wait, in a transaction or because it does not read, is cut off. */
  notify(processId: number, channel: string, payload: string): void {
    if (this.#dying !== null) return;
    const { output } = this.#parts;
    if (this.#notificationBytes + output.waitingBytes > MAX_NOTIFICATION_BYTES) {
      this.#notifications.length = 0;
      this.terminate(tooManyNotifications());
      return;
    }
    this.#notifications.push([processId, channel, payload]);
    this.#notificationBytes += NOTIFICATION_BYTES + channel.length + payload.length;
    if (!this.#idle || this.#parts.session.transactionStatus() !== 'I') return;
    this.#writeNotifications();
    output.flush();
  }

  /** A CancelRequest with the right key: interrupts the statement that runs now, if one does. */
  cancel(): void {
    if (!this.#running) return;
    this.#parts.session.cancel();
    this.interrupt(sqlError('query_canceled', 'canceling statement due to user request'));
  }

  /** ClientDoor.interrupt: a sink call that waits for the client fails with `error`. */
  interrupt(error: SqlError): void {
    if (!this.#running) return;
    this.#parts.output.interrupt(error);
    this.#parts.input.interrupt(error);
  }

  /** The client will send nothing more; a statement that nobody waits for is stopped. */
  clientLeft(): void {
    if (this.#running && !this.#parts.input.reader.hasMessage()) this.#parts.session.cancel();
  }

  /** The socket is gone. */
  connectionLost(): void {
    if (this.#running) this.#parts.session.cancel();
  }

  /** Ends the loop with FATAL `error`, after interrupting what runs. */
  terminate(error: SqlError): void {
    if (this.#dying !== null) return;
    this.#dying = error;
    if (this.#running) {
      this.#parts.session.cancel();
      this.interrupt(error);
    } else {
      this.#parts.input.end();
      this.#parts.output.interrupt(error);
    }
  }

  #lastWords(): void {
    this.#leaveIdle();
    const { output } = this.#parts;
    if (this.#dying !== null) writeError(output.writer, 'FATAL', this.#dying);
    this.#dying = null;
    output.flush();
  }

  #breakOff(error: FramingError): void {
    this.#leaveIdle();
    const { output, log } = this.#parts;
    log.protocolViolation(error.message);
    if (error instanceof SyncLostError) {
      writeError(output.writer, 'ERROR', error.fatal!);
      const message = 'terminating connection because protocol synchronization was lost';
      writeError(output.writer, 'FATAL', sqlError('protocol_violation', message));
    } else if (error.fatal !== null) {
      writeError(output.writer, 'FATAL', error.fatal);
    }
    output.flush();
  }
}
