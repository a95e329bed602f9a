// WITH (name = value, ...) of streams and materialized views: as plain texts for those who know what they mean, whose errors get the
// option's place in the statement.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Option } from '../../sql/ast-definition.ts';

/** Options as text by name; namespaces keep their dot. Throws 22023 for one given twice and for values that are no single word. */
export function optionMap(options: readonly Option[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const option of options) {
    const { value, position } = option;
    const name = fullName(option);
    if (Object.hasOwn(map, name))
      throw sqlError('invalid_parameter_value', `parameter "${name}" specified more than once`, { position });
    if (value === null) map[name] = 'true';
    else if ('text' in value) map[name] = value.text;
    else if (value.kind === 'boolean') map[name] = String(value.value);
    else throw sqlError('invalid_parameter_value', `option "${name}" needs a plain value`, { position });
  }
  return map;
}

/** Runs, giving errors about one of the options its position. */
export async function atOptions<T>(options: readonly Option[], run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.at(options.find((option) => fullName(option) === error.details.option)?.position);
  }
}

function fullName({ name, namespace }: Option): string {
  return namespace === null ? name : `${namespace}.${name}`;
}
