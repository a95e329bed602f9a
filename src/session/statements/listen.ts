// LISTEN, UNLISTEN, NOTIFY.
import type { Listen, Notify, Unlisten } from '../../sql/ast-utility.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { RunOf } from './statement-run.ts';

export function runListen({ state, statement }: RunOf<Listen>): StatementResult {
  state.notifications.listen(statement.channel);
  return tagOnly('LISTEN');
}

export function runUnlisten({ state, statement }: RunOf<Unlisten>): StatementResult {
  state.notifications.unlisten(statement.channel);
  return tagOnly('UNLISTEN');
}

export function runNotify({ state, statement }: RunOf<Notify>): StatementResult {
  state.notifications.notify(statement.channel, statement.payload ?? '');
  return tagOnly('NOTIFY');
}
