// COPY: FROM and TO, from the client or a file of the server; the bytes are read and written by connectors/formats.

import type { Copy } from '../../sql/ast-utility.ts';
import type { StatementResult } from '../row-source.ts';
import { copyFrom } from './copy-from.ts';
import { requireServerFiles } from './copy-options.ts';
import { copyTo } from './copy-to.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export function runCopy(run: RunOf<Copy>): Promise<StatementResult> {
  const { state, statement } = run;
  if (statement.endpoint.kind === 'program')
    unsupported('COPY PROGRAM', 'COPY TO STDOUT and pipe it on the client.', statement.position);
  if (statement.endpoint.kind === 'file') requireServerFiles(state);
  return statement.direction === 'from' ? copyFrom(run) : copyTo(run);
}
