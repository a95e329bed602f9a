// What both directions of COPY share: the options as plain values, and who may touch files of the server.
import type { CopyOptionValue } from '../../connectors/formats/delimited-options.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Option } from '../../sql/ast-definition.ts';
import type { SessionState } from '../session-state.ts';

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
