// COPY: FROM and TO, from the client or a file of the server; the bytes are read and written by connectors/formats.

import type { CopyOptionValue } from '../../connectors/formats/delimited-options.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Option } from '../../sql/ast-definition.ts';
import type { Copy } from '../../sql/ast-utility.ts';
import type { StatementResult } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { copyFrom } from './copy-from.ts';
import { copyTo } from './copy-to.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export function runCopy(run: RunOf<Copy>): Promise<StatementResult> {
  const { state, statement } = run;
  if (statement.endpoint.kind === 'program')
    unsupported('COPY PROGRAM', 'COPY TO STDOUT and pipe it on the client.', statement.position);
  if (statement.endpoint.kind === 'file') requireServerFiles(state);
  return statement.direction === 'from' ? copyFrom(run) : copyTo(run);
}

export function requireServerFiles(state: SessionState): void {
  if (!state.role.superuser) {
    throw sqlError('insufficient_privilege', 'permission denied to COPY to or from a file', {
      detail: 'Only superusers may COPY to or from a file of the server.',
      hint: "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.",
    });
  }
  if (!state.services.options.serverFiles) {
    throw sqlError('insufficient_privilege', 'files of the server are not accessible', {
      hint: 'Start the server with --server-files, or use STDIN and STDOUT.',
    });
  }
}

/** COPY's options as plain values, for connectors/formats. */
export function copyOptions(options: readonly Option[]): Record<string, CopyOptionValue> {
  const plain: Record<string, CopyOptionValue> = {};
  for (const option of options) {
    if (option.name in plain)
      throw sqlError('syntax_error', 'conflicting or redundant options', { position: option.position });
    const { value } = option;
    if (value === null) plain[option.name] = true;
    else if ('text' in value) plain[option.name] = value.text;
    else if (value.kind === 'boolean') plain[option.name] = value.value;
    else if (value.kind === 'star') plain[option.name] = '*';
    else if (value.kind === 'list') plain[option.name] = value.items;
    else throw sqlError('syntax_error', `option "${option.name}" has a wrong argument`, { position: option.position });
  }
  return plain;
}
