// Set-returning functions that tools call: options as rows, arrays with their positions, the grammar's key words.
import type { SqlArray } from '../../types/datum.ts';
import { BOOL, INT4, TEXT } from '../../types/sql-type.ts';
import type { TableFunction } from '../function-definition.ts';
import { KEYWORDS } from '../keywords.ts';
import { tableFunction } from './series.ts';

const CATEGORIES = {
  unreserved: ['U', 'unreserved'],
  column_name: ['C', 'unreserved (cannot be function or type name)'],
  type_function_name: ['T', 'reserved (can be function or type name)'],
  reserved: ['R', 'reserved'],
} as const;

const KEYWORD_ROWS = () =>
  [...KEYWORDS.values()]
    .sort((a, b) => (a.word < b.word ? -1 : 1))
    .map(({ word, category, bareLabel }) => {
      const [code, description] = CATEGORIES[category];
      return [word, code, bareLabel, description, bareLabel ? 'can be bare label' : 'requires AS'];
    });

export const METADATA: readonly TableFunction[] = [
    tableFunction('pg_get_keywords', '', TEXT, KEYWORD_ROWS, {
      outputs: () => [
        { name: 'word', type: TEXT },
        { name: 'catcode', type: { name: 'char' } },
        { name: 'barelabel', type: BOOL },
        { name: 'catdesc', type: TEXT },
        { name: 'baredesc', type: TEXT },
      ],
      estimate: () => KEYWORDS.size,
    }),
    tableFunction('pg_options_to_table', 'text[]', TEXT, ([options]) =>
      (options as SqlArray).elements.flatMap((option) => {
        if (option === null) return [];
        const [name, ...value] = (option as string).split('=');
        return [[name!, value.length === 0 ? null : value.join('=')]];
      }),
      { outputs: () => [{ name: 'option_name', type: TEXT }, { name: 'option_value', type: TEXT }] },
    ),
    tableFunction('_pg_expandarray', 'anyarray', TEXT, ([array]) =>
      (array as SqlArray).elements.map((element, i) => [element, i + 1]),
      { outputs: (args) => [{ name: 'x', type: args[0]?.element ?? TEXT }, { name: 'n', type: INT4 }] },
    ),
    tableFunction('pg_listening_channels', '', TEXT, (_, { session }) =>
      ((session?.call('pg_listening_channels', []) ?? null) as SqlArray | null)?.elements.map((name) => [name]) ?? [],
      { volatility: 'stable' },
    ),
    // There are no partitions.
    tableFunction('pg_partition_ancestors', 'regclass', { name: 'regclass' }, () => []),
]; // biome-ignore format: one function a paragraph
