// SqlError: the one exception type that reaches a client. Thrown with `throw sqlError(condition, message, details)`;
// caught only at a statement, a job or a connection. Conditions and SQLSTATEs are in sqlstates.ts.
import { SQLSTATES, type SqlCondition } from './sqlstates.ts';

/** Optional ErrorResponse fields, named as PostgreSQL names them. `position` is 1-based, in characters of the query text. */
export interface SqlErrorDetails {
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: number;
  readonly context?: string;
  /** oid of the relation whose constraint it is: the session tells its name and schema */
  readonly relation?: number;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
  /** not for clients: the name of the WITH option it is about, as it was written; the statement finds its position */
  readonly option?: string;
}

export class SqlError extends Error {
  readonly condition: SqlCondition;
  readonly sqlstate: string;
  readonly details: SqlErrorDetails;

  constructor(condition: SqlCondition, message: string, details: SqlErrorDetails = {}) {
    super(message);
    this.name = 'SqlError';
    this.condition = condition;
    this.sqlstate = SQLSTATES[condition];
    this.details = details;
  }

  /** The same error with a position, if it has none yet. */
  at(position: number | undefined): SqlError {
    if (position === undefined || this.details.position !== undefined) return this;
    return new SqlError(this.condition, this.message, { ...this.details, position });
  }
}

/** Builds (does not throw) a SqlError. */
export function sqlError(condition: SqlCondition, message: string, details?: SqlErrorDetails): SqlError {
  return new SqlError(condition, message, details);
}

/** Any thrown value as a SqlError; a stack that is full becomes 54001, what is unknown internal_error XX000. */
export function toSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  if (error instanceof RangeError && error.message === 'Maximum call stack size exceeded') {
    return sqlError('statement_too_complex', 'stack depth limit exceeded', {
      hint: 'The statement or a value in it nests too deeply.',
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  const wrapped = new SqlError('internal_error', message);
  if (error instanceof Error && error.stack !== undefined) wrapped.stack = error.stack;
  return wrapped;
}
