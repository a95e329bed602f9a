// The columns that every subscription puts before the query's own.
import { BOOL, INT8 } from '../../types/sql-type.ts';
import type { ResultField } from '../session-contract.ts';
import { plainField } from './statement-run.ts';

export function subscriptionPrefix(progress: boolean): readonly ResultField[] {
  const prefix = [plainField('_epoch', INT8), plainField('_diff', INT8)];
  return progress ? [...prefix, plainField('_progressed', BOOL)] : prefix;
}
