// LISTEN, UNLISTEN, NOTIFY.
import { sqlError } from '../../errors/sql-error.ts';
import type { Listen, Notify, Unlisten } from '../../sql/ast-utility.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { RunOf } from './statement-run.ts';

const MAX_PAYLOAD_BYTES = 7999;

export function runListen({ state, statement }: RunOf<Listen>): StatementResult {
  state.listen(statement.channel);
  return tagOnly('LISTEN');
}

export function runUnlisten({ state, statement }: RunOf<Unlisten>): StatementResult {
  state.unlisten(statement.channel);
  return tagOnly('UNLISTEN');
}

export function runNotify({ state, statement }: RunOf<Notify>): StatementResult {
  const payload = statement.payload ?? '';
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
    throw sqlError('invalid_parameter_value', 'payload string too long');
  }
  state.notify(statement.channel, payload);
  return tagOnly('NOTIFY');
}
