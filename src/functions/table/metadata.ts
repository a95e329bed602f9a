// Set-returning functions that tools call over catalog columns: options as rows, arrays with their positions.
import type { SqlArray } from '../../types/datum.ts';
import { INT4, TEXT } from '../../types/sql-type.ts';
import type { TableFunction } from '../function-definition.ts';
import { tableFunction } from './series.ts';

export const METADATA: readonly TableFunction[] = [
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
    // There are no partitions.
    tableFunction('pg_partition_ancestors', 'regclass', { name: 'regclass' }, () => []),
]; // biome-ignore format: one function a paragraph
