// Cursors and prepared statements by name, with PostgreSQL's errors.
import { sqlError } from '../../errors/sql-error.ts';
import type { Portal, PreparedStatement } from '../portals.ts';
import type { SessionState } from '../session-state.ts';

export function findCursor(state: SessionState, name: string): Portal {
  const portal = state.portals.get(name);
  if (portal === undefined) throw sqlError('invalid_cursor_name', `cursor "${name}" does not exist`);
  return portal;
}

export function findPreparedStatement(state: SessionState, name: string): PreparedStatement {
  const prepared = state.prepared.get(name);
  if (prepared === undefined) {
    throw sqlError('invalid_sql_statement_name', `prepared statement "${name}" does not exist`);
  }
  return prepared;
}
