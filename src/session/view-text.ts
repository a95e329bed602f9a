// A view's query as pg_get_viewdef gives it.
import type { MaterializedView, View } from '../catalog/objects.ts';
import type { Query } from '../sql/ast.ts';
import { parseStatements } from '../sql/parser/parse.ts';
import { printLaidOut } from '../sql/parser/print-layout.ts';

/** Over several lines, beginning with a space, without a semicolon. */
export function viewText(view: View | MaterializedView): string {
  const query = parseStatements(view.sql)[0]!.statement as Query;
  const names = view.columns.map((column) => column.name);
  return printLaidOut(query, names);
}
