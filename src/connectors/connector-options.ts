// Options of a connector: their spellings are made one (rowsPerSecond = rows-per-second = rows_per_second), then zod checks them and gives
// them their types; whatever it finds wrong is a 22023 that names the option.
import type { z } from 'zod';
import { sqlError } from '../errors/sql-error.ts';

/** An option's name without case, dashes, underscores and dots. */
export function optionKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]/g, '');
}

/** As the documentation writes them: a schema's option is described by its spelling where that has marks. */
function optionNames(schema: z.ZodType): string[] {
  const { shape } = schema as unknown as { readonly shape: Readonly<Record<string, z.ZodType>> };
  return Object.entries(shape).map(([key, option]) => option.description ?? key);
}

/** The options of `given` as `schema` (keys as `optionKey` makes them) reads them. Throws 22023. */
export function readOptions<S extends z.ZodType>(
  schema: S,
  connector: string,
  given: Readonly<Record<string, string>>,
): z.infer<S> {
  const names = new Map(Object.keys(given).map((name) => [optionKey(name), name]));
  const result = schema.safeParse(Object.fromEntries([...names].map(([key, name]) => [key, given[name]])));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = names.get(issue.keys[0]!) ?? issue.keys[0]!;
    throw sqlError('invalid_parameter_value', `unrecognized option "${name}" of connector "${connector}"`, {
      hint: `Options are ${optionNames(schema).join(', ')}.`,
      option: name,
    });
  }
  const key = String(issue.path[0] ?? '');
  const name = names.get(key);
  if (name === undefined) {
    throw sqlError('invalid_parameter_value', `connector "${connector}" needs the option "${key}"`, {
      hint: `Options are ${optionNames(schema).join(', ')}.`,
      option: 'connector',
    });
  }
  throw sqlError('invalid_parameter_value', `invalid value for option "${name}": "${given[name]}"`, {
    detail: isNoNumber(issue) ? 'It takes a number.' : issue.message,
    option: name,
  });
}

/** A text that became NaN, which zod would name. */
function isNoNumber(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.expected === 'number';
}
