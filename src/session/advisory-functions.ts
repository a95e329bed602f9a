// pg_advisory_lock and its kin: of one number or two, shared or not, of the session or the transaction, waiting or not.
import { sqlError } from '../errors/sql-error.ts';
import type { Datum } from '../types/datum.ts';
import type { AdvisoryMode, AdvisoryScope } from './advisory-locks.ts';
import type { SessionState } from './session-state.ts';
import type { SystemFunction } from './system-functions.ts';

/** One bigint and two integers are different spaces. */
function keyOf(numbers: readonly (Datum | null)[]): string {
  return numbers.join(' ');
}

function taking(scope: AdvisoryScope, mode: AdvisoryMode, waits: boolean): SystemFunction {
  return (state, numbers) => {
    const request = { session: state.startup.processId, key: keyOf(numbers), mode, scope };
    const { advisoryLocks } = state.services;
    if (!waits) return advisoryLocks.tryTake(request);
    state.waitFor((timeoutMs, signal) => advisoryLocks.take(request, timeoutMs, signal));
    return '';
  };
}

function giving(mode: AdvisoryMode): SystemFunction {
  return (state, numbers) => {
    if (state.services.advisoryLocks.release(state.startup.processId, keyOf(numbers), mode)) return true;
    const name = mode === 'shared' ? 'ShareLock' : 'ExclusiveLock';
    state.notice('WARNING', sqlError('warning', `you don't own a lock of type ${name}`));
    return false;
  };
}

function all(state: SessionState): string {
  state.services.advisoryLocks.releaseSession(state.startup.processId);
  return '';
}

export const ADVISORY_FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
  pg_advisory_lock: taking('session', 'exclusive', true),
  pg_advisory_lock_shared: taking('session', 'shared', true),
  pg_try_advisory_lock: taking('session', 'exclusive', false),
  pg_try_advisory_lock_shared: taking('session', 'shared', false),
  pg_advisory_xact_lock: taking('transaction', 'exclusive', true),
  pg_advisory_xact_lock_shared: taking('transaction', 'shared', true),
  pg_try_advisory_xact_lock: taking('transaction', 'exclusive', false),
  pg_try_advisory_xact_lock_shared: taking('transaction', 'shared', false),
  pg_advisory_unlock: giving('exclusive'),
  pg_advisory_unlock_shared: giving('shared'),
  pg_advisory_unlock_all: all,
};
