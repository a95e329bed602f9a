// Random scalar expressions over the columns of the tables that query-tables.ts makes. `names` are the aliases in scope; depth bounds nesting.
import { Phrases } from './phrases.ts';

type Names = readonly string[];

export class ExpressionGrammar extends Phrases {
  /** A column of one of the names. */
  column(names: Names, ...columns: readonly string[]): string {
    return `${this.pick(names)}.${this.pick(columns)}`;
  }

  integer(names: Names, depth = 1): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    if (depth <= 0 || this.chance(0.3)) {
      return this.chance(0.8) ? c('g', 'k', 'id') : this.pick(['0', '1', '3', 'NULL::int']);
    }
    const inner = () => this.integer(names, depth - 1);
    const json = c('j');
    return this.one(
      () => `(${inner()} + ${c('g')})`,
      () => `(${inner()} % 7)`,
      () => `(${inner()} / 3)`,
      () => `(-${inner()})`,
      () => `length(${this.text(names, depth - 1)})`,
      () => `extract(${this.pick(['year', 'month', 'dow', 'doy', 'week', 'quarter'])} FROM ${c('d', 'ts')})::int`,
      () => `coalesce(${c('a')}[${1 + this.below(3)}], ${inner()})`,
      () => `array_length(${c('a')}, 1)`,
      () => `cardinality(${c('a')})`,
      () => `position('e' IN ${this.text(names, depth - 1)})`,
      () => `(${c('j')}->>'a')::int`,
      () => `CASE WHEN ${this.condition(names, depth - 1)} THEN ${inner()} ELSE ${inner()} END`,
      () => `(${c('g')} & 5)`,
      () => `(${c('id')} # 3)`,
      () => `(${c('d')} - date '2024-01-01')`,
      () => `${c('g')}::int2`,
      () => `round(${c('n')})::bigint`,
      () => `floor(${c('m')})::int`,
      () => `array_position(${c('a')}, 1)`,
      () => `jsonb_array_length(CASE WHEN jsonb_typeof(${json}) = 'array' THEN ${json} END)`,
    );
  }

  numeric(names: Names, depth = 1): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    if (depth <= 0 || this.chance(0.3))
      return this.chance(0.9) ? c('n', 'm') : this.pick(['1.50', '0.3', 'NULL::numeric']);
    const inner = () => this.numeric(names, depth - 1);
    return this.one(
      () => `(${inner()} + ${inner()})`,
      () => `(${inner()} * ${this.numeric(names, 0)})`,
      () => `(${inner()} - ${this.integer(names, 0)})`,
      () => `round(${inner()}, ${this.below(4) - 1})`,
      () => `(${inner()} / 3)`,
      () => `trunc(${inner()}, 1)`,
      () => `abs(${inner()})`,
      () => `mod(${inner()}, 3)`,
      () => `greatest(${inner()}, ${this.integer(names, 0)})`,
      () => `nullif(${inner()}, 1.50)`,
      () => `ceil(${inner()})`,
      () => `(${inner()})::numeric(14,1)`,
    );
  }

  float(names: Names, depth = 1): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    if (depth <= 0 || this.chance(0.4)) return c('f', 'f', 'v');
    const inner = () => this.float(names, depth - 1);
    return this.one(
      () => `(${inner()} + ${inner()})`,
      () => `(${inner()} * 0.5)`,
      () => `(${inner()} - ${c('g')})`,
      () => `floor(${inner()})`,
      () => `abs(${inner()})`,
      () => `round(${c('f')})`,
      () => `nullif(${inner()}, 0)`,
      () => `${c('g')}::float8`,
    );
  }

  text(names: Names, depth = 1): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    if (depth <= 0 || this.chance(0.4))
      return this.chance(0.85) ? c('s', 's', 'c') : this.pick(["'a'", "''", 'NULL::text']);
    const inner = () => this.text(names, depth - 1);
    return this.one(
      () => `(${inner()} || ${c('s')})`,
      () => `upper(${inner()})`,
      () => `substr(${inner()}, ${this.below(4)}, ${this.below(4)})`,
      () => `left(${inner()}, ${this.below(5) - 2})`,
      () => `right(${inner()}, ${this.below(5) - 2})`,
      () => `replace(${inner()}, 'e', '')`,
      () => `coalesce(${inner()}, '?')`,
      () => `(${c('d', 'a', 'j', 'o', 'iv', 'c')})::text`,
      () => `to_char(${c('ts')}, 'YYYY-MM HH24')`,
      () => `(${this.numeric(names, depth - 1)})::text`,
      () => `(${c('j')}->>'b')`,
      () => `concat(${inner()}, ${c('g')})`,
      () => `split_part(${inner()}, '-', ${1 + this.below(2)})`,
      () => `reverse(${inner()})`,
      () => `lpad(${inner()}, 3, '*')`,
      () => `regexp_replace(${inner()}, '[a-k]+', '#')`,
      () => `rtrim(${inner()})`,
    );
  }

  time(names: Names): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    return this.one(
      () => c('d'),
      () => c('ts'),
      () => `date_trunc('${this.pick(['day', 'month', 'week', 'hour'])}', ${c('ts')})`,
      () => `(${c('ts')} + ${c('iv')})`,
      () => `(${c('d')} + ${c('g')})`,
      () => `(${c('d')} + interval '1 month')`,
    );
  }

  /** Values whose equal forms have unlike bytes: nested ones, above all. */
  nested(names: Names): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    return this.one(
      () => c('a', 'j', 'iv', 'na', 'ia'),
      () => `row(${c('g', 'n', 'iv')}, ${c('s', 'j', 'f')})`,
      () => `array[${c('n')}, ${c('n')}]`,
      () => `array[${c('iv')}]`,
      () => `jsonb_build_object('n', ${c('n')}, 'g', ${c('g')})`,
      () => `to_jsonb(${c('n', 's', 'o')})`,
    );
  }

  any(names: Names, depth = 1): string {
    return this.one(
      () => this.integer(names, depth),
      () => this.numeric(names, depth),
      () => this.float(names, depth),
      () => this.text(names, depth),
      () => this.time(names),
      () => this.condition(names, depth),
      () => this.column(names, 'a', 'j', 'iv', 'c', 'na', 'ia'),
    );
  }

  condition(names: Names, depth = 1): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    if (depth <= 0 || this.chance(0.1)) return c('o');
    const [less, order] = [depth - 1, ['=', '<', '>', '<=', '>=', '<>']];
    const first = names[0]!;
    return this.one(
      () => `(${this.condition(names, less)} AND ${this.condition(names, less)})`,
      () => `(${this.condition(names, less)} OR ${this.condition(names, less)})`,
      () => `(NOT ${this.condition(names, less)})`,
      () => `(${this.integer(names, less)} ${this.pick(order)} ${this.pick([this.integer(names, 0), '3', '0', '50'])})`,
      () => `(${this.numeric(names, less)} ${this.pick(['=', '<', '>', '<>'])} ${this.numeric(names, 0)})`,
      () =>
        `(${this.float(names, less)} ${this.pick(['=', '<', '>'])} ${this.pick(['0', '1.5', this.float(names, 0)])})`,
      () =>
        `(${this.text(names, less)} ${this.pick(['=', '<', '>'])} ${this.pick(["'a'", "'key-3'", this.text(names, 0)])})`,
      () => `(${this.text(names, 0)} ${this.not()}LIKE '${this.pick(['key%', '%1', '_', '%e%', 'A_'])}')`,
      () => `(${this.any(names, 0)} IS ${this.not()}NULL)`,
      () => `(${this.integer(names, less)} ${this.not()}IN (1, 3, ${this.integer(names, 0)}))`,
      () => `(${this.text(names, 0)} ${this.not()}IN ('a', 'key-2', NULL))`,
      () => `(${this.integer(names, 0)} BETWEEN ${this.integer(names, 0)} AND 20)`,
      () => `(${c('d')} ${this.pick(['<', '>='])} date '2024-01-15')`,
      () => `(${c('ts')} ${this.pick(['<', '>='])} timestamp '2024-02-01')`,
      () => `(${c('g')} = ANY(${c('a')}))`,
      () => `(${c('a')} ${this.pick(['@>', '&&', '<@', '='])} array[1, 2])`,
      () => `(${c('na')} ${this.pick(['=', '<', '@>'])} ${c('na')})`,
      () => `(${c('j')} ${this.pick(['@>', '=', '<'])} '{"a": 1.0}')`,
      () => `(${c('j')} ? 'a')`,
      () => `(${c('iv')} > interval '1 day')`,
      () => `(${c('o')} IS ${this.not()}${this.pick(['TRUE', 'FALSE', 'UNKNOWN'])})`,
      () => `((${first}.g, ${first}.o) ${this.pick(['=', '<', 'IS DISTINCT FROM'])} (${1 + this.below(3)}, true))`,
      () => `(${this.text(names, 0)} ~ '${this.pick(['^k', '[0-9]$', 'y-1'])}')`,
      () => this.exists(names, less),
      () => this.inQuery(names, less),
    );
  }

  private exists(names: Names, depth: number): string {
    const more = this.maybe(0.5, () => ` AND ${this.condition([...names, 'e'], depth)}`);
    return `${this.not()}EXISTS (SELECT 1 FROM ${this.small()} e WHERE e.id = ${this.column(names, 'id', 'g', 'k')}${more})`;
  }

  private inQuery(names: Names, depth: number): string {
    const [value, column] = this.pick([
      [this.integer(names, 0), this.pick(['e.g', 'e.k', 'e.id'])],
      [this.column(names, 'j'), 'e.j'],
      [this.column(names, 'na'), 'e.na'],
    ] as const);
    return `(${value} ${this.not()}IN (SELECT ${column} FROM ${this.small()} e WHERE ${this.condition(['e'], depth)}))`;
  }

  small(): string {
    return this.pick(['z1', 'z3', 'z5k', 'z0']);
  }
}
