// Every statement's fork in the road: one file of this folder per kind.
import type { Statement } from '../../sql/ast.ts';
import type { StatementResult } from '../row-source.ts';
import { runAlter } from './alter.ts';
import { runComment } from './comment.ts';
import { runCopy } from './copy.ts';
import { runCreateFunction } from './create-function.ts';
import { runCreateIndex } from './create-index.ts';
import { runCreateMaterializedView } from './create-materialized-view.ts';
import { runCreateRole } from './create-role.ts';
import { runCreateSchema } from './create-schema.ts';
import { runCreateSequence } from './create-sequence.ts';
import { runCreateStream } from './create-stream.ts';
import { runCreateTable } from './create-table.ts';
import { runCreateTableAs, selectInto } from './create-table-as.ts';
import { runCreateView } from './create-view.ts';
import { runClose, runDeclareCursor, runFetch } from './cursors.ts';
import { runDrop } from './drop.ts';
import { runExplain } from './explain.ts';
import { runGrantPrivileges, runGrantRole } from './grant.ts';
import { runListen, runNotify, runUnlisten } from './listen.ts';
import { runLockTable } from './lock-table.ts';
import { runMaintenance } from './maintenance.ts';
import { runDeallocate, runDiscard, runExecute, runPrepare } from './prepare.ts';
import { runRefresh } from './refresh.ts';
import { runMerge, runModify } from './run-modify.ts';
import { runQuery } from './run-query.ts';
import { runSet, runSetTimeZone, runSetTransaction, runShow } from './set-show.ts';
import { runShowObjects } from './show-objects.ts';
import { runShowColumns, runShowCreate } from './show-relation.ts';
import type { StatementRun } from './statement-run.ts';
import { runSubscribe } from './subscribe.ts';
import { runTransaction } from './transaction.ts';
import { runTruncate } from './truncate.ts';
import { refuseStatement } from './unsupported-statement.ts';

export function runStatement(run: Omit<StatementRun, 'perform'>): Promise<StatementResult> | StatementResult {
  return runKind({ ...run, perform: runKind }, run.prepared.parsed!.statement);
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table of kinds
function runKind(run: StatementRun, statement: Statement): Promise<StatementResult> | StatementResult {
  switch (statement.kind) {
    case 'query': {
      const definition = selectInto(statement);
      return definition === null
        ? runQuery({ ...run, statement })
        : runCreateTableAs({ ...run, statement: definition });
    }
    case 'insert':
    case 'update':
    case 'delete':
      return runModify({ ...run, statement });
    case 'merge':
      return runMerge({ ...run, statement });
    case 'transaction':
      return runTransaction({ ...run, statement });
    case 'set_transaction':
      return runSetTransaction({ ...run, statement });
    case 'set':
      return runSet({ ...run, statement });
    case 'set_time_zone':
      return runSetTimeZone({ ...run, statement });
    case 'show':
      return runShow({ ...run, statement });
    case 'show_objects':
      return runShowObjects({ ...run, statement });
    case 'show_columns':
      return runShowColumns({ ...run, statement });
    case 'show_create':
      return runShowCreate({ ...run, statement });
    case 'prepare':
      return runPrepare({ ...run, statement });
    case 'execute':
      return runExecute({ ...run, statement });
    case 'deallocate':
      return runDeallocate({ ...run, statement });
    case 'discard':
      return runDiscard({ ...run, statement });
    case 'declare_cursor':
      return runDeclareCursor({ ...run, statement });
    case 'fetch':
      return runFetch({ ...run, statement });
    case 'close':
      return runClose({ ...run, statement });
    case 'explain':
      return runExplain({ ...run, statement });
    case 'copy':
      return runCopy({ ...run, statement });
    case 'subscribe':
      return runSubscribe({ ...run, statement });
    case 'create_table':
      return runCreateTable({ ...run, statement });
    case 'create_table_as':
      return runCreateTableAs({ ...run, statement });
    case 'create_stream':
      return runCreateStream({ ...run, statement });
    case 'create_view':
      return runCreateView({ ...run, statement });
    case 'create_materialized_view':
      return runCreateMaterializedView({ ...run, statement });
    case 'create_schema':
      return runCreateSchema({ ...run, statement });
    case 'create_index':
      return runCreateIndex({ ...run, statement });
    case 'create_sequence':
      return runCreateSequence({ ...run, statement });
    case 'create_role':
      return runCreateRole({ ...run, statement });
    case 'create_function':
      return runCreateFunction({ ...run, statement });
    case 'grant_privileges':
      return runGrantPrivileges({ ...run, statement });
    case 'grant_role':
      return runGrantRole({ ...run, statement });
    case 'drop':
      return runDrop({ ...run, statement });
    case 'comment':
      return runComment({ ...run, statement });
    case 'alter_relation':
    case 'alter_sequence':
    case 'set_schema':
    case 'alter_role':
    case 'rename':
    case 'alter_owner':
    case 'alter_materialized_view_state':
      return runAlter({ ...run, statement });
    case 'refresh_materialized_view':
      return runRefresh({ ...run, statement });
    case 'truncate':
      return runTruncate({ ...run, statement });
    case 'lock':
      return runLockTable({ ...run, statement });
    case 'listen':
      return runListen({ ...run, statement });
    case 'unlisten':
      return runUnlisten({ ...run, statement });
    case 'notify':
      return runNotify({ ...run, statement });
    case 'maintenance':
      return runMaintenance({ ...run, statement });
    default:
      return refuseStatement(statement);
  }
}
