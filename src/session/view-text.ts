// A view's query as pg_get_viewdef gives it; a materialized view's with how it emits.
import type { EmitMode, MaterializedView, View } from '../catalog/objects.ts';
import type { Query } from '../sql/ast.ts';
import { parseStatements } from '../sql/parser/parse.ts';
import { printLaidOut } from '../sql/parser/print-layout.ts';
import { formatInterval } from '../types/interval.ts';

/** Over several lines, beginning with a space, without a semicolon. */
export function viewText(view: View | MaterializedView): string {
  const query = parseStatements(view.sql)[0]!.statement as Query;
  const names = view.columns.map((column) => column.name);
  return printLaidOut(query, names) + (view.kind === 'view' ? '' : emitClause(view.emit));
}

export function intervalText(micros: bigint): string {
  return `INTERVAL '${formatInterval({ kind: 'interval', months: 0, days: 0, micros }, 'postgres')}'`;
}

function emitClause(emit: EmitMode): string {
  if (emit.kind === 'complete') return '\n  EMIT COMPLETE';
  if (emit.kind !== 'window-close') return '';
  const delay = emit.delayMicros === 0n ? '' : ` WITH DELAY ${intervalText(emit.delayMicros)}`;
  const timeout = emit.timeoutMicros === null ? '' : ` AND TIMEOUT ${intervalText(emit.timeoutMicros)}`;
  return `\n  EMIT ON WINDOW CLOSE${delay}${timeout}`;
}
