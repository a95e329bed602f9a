// StatementRun: one execution of one statement, as the files of this folder receive it.
import { sqlError } from '../../errors/sql-error.ts';
import type { Statement } from '../../sql/ast.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import { typeFacts, typeOid, typmodOf } from '../../types/type-table.ts';
import type { ParameterValue, Portal, PreparedStatement } from '../portals.ts';
import type { StatementResult } from '../row-source.ts';
import type { ResultField, ResultSink } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';

export interface StatementRun {
  readonly state: SessionState;
  readonly prepared: PreparedStatement;
  readonly parameters: readonly ParameterValue[];
  readonly out: ResultSink;
  readonly portal: Portal;
  /** Runs another statement in this one's place: EXECUTE's, a cursor's. */
  readonly perform: (run: StatementRun, statement: Statement) => Promise<StatementResult> | StatementResult;
}

/** The run's statement as one kind of the algebra. */
export interface RunOf<S extends Statement> extends StatementRun {
  readonly statement: S;
}

/** A result column that is no table's. */
export function plainField(name: string, type: SqlType = TEXT): ResultField {
  return {
    name,
    tableOid: 0,
    columnNumber: 0,
    typeOid: typeOid(type),
    typeLength: typeFacts(type).length,
    typeModifier: typmodOf(type),
    type,
  };
}

/** 0A000 for what parses but cannot be done. */
export function unsupported(what: string, hint: string, position?: number): never {
  throw sqlError('feature_not_supported', `${what} is not supported`, {
    hint,
    ...(position === undefined ? {} : { position }),
  });
}
