// Random queries over the tables of query-tables.ts: grouping with sets, aggregates of all kinds, windows with frames, ordered prefixes, set
// operations, CTEs, DISTINCT ON, over joins of all kinds. What they answer does not depend on the order of rows.
import { ExpressionGrammar } from './expression-grammar.ts';

interface From {
  readonly text: string;
  readonly names: readonly string[];
}

export class QueryGrammar extends ExpressionGrammar {
  query(): string {
    return this.one(
      () => this.grouped(),
      () => this.grouped(),
      () => this.grouped(),
      () => this.aggregated(),
      () => this.windowed(),
      () => this.ordered(),
      () => this.united(),
      () => this.common(),
      () => this.distinct(),
      () => this.nestedKeys(),
    );
  }

  private from(big: boolean): From {
    const names = ['a'];
    let text = `${this.pick(big ? ['zbig', 'z5k', 'z5k'] : ['z0', 'z1', 'z3', 'z5k'])} a`;
    const joins = this.chance(0.45) ? 0 : this.below(3);
    for (let i = 1; i <= joins; i++) {
      const name = 'abc'[i]!;
      const left = this.pick(names);
      const derived = ['(SELECT * FROM z5k WHERE o)', '(SELECT DISTINCT ON (g) * FROM z5k ORDER BY g, id)'];
      const table = this.pick(['z0', 'z1', 'z3', 'z5k', big ? 'zbig' : 'z3', ...derived]);
      const more = this.maybe(0.4, () => ` AND ${this.condition([...names, name], 1)}`);
      const on = this.chance(0.85) ? `${left}.id = ${name}.id${more}` : `${left}.g = ${name}.id AND ${name}.id < 9`;
      text += this.one(
        () => ` JOIN ${table} ${name} ON ${on}`,
        () => ` LEFT JOIN ${table} ${name} ON ${on}`,
        () => ` RIGHT JOIN ${table} ${name} ON ${on}`,
        () => ` FULL JOIN ${table} ${name} ON ${left}.id = ${name}.id`,
        () =>
          ` ${this.pick(['', 'LEFT '])}JOIN LATERAL (SELECT * FROM z3 y WHERE ${this.condition([...names, 'y'], 1)}) ${name} ON true`,
      );
      names.push(name);
    }
    return { text, names };
  }

  private where(names: readonly string[]): string {
    return this.maybe(0.6, () => ` WHERE ${this.condition(names, 2)}`);
  }

  private key(names: readonly string[]): string {
    return this.one(
      () => this.column(names, 'g', 'k', 's', 'n', 'o', 'd', 'f', 'c'),
      () => this.column(names, 'a', 'j', 'iv', 'na'),
      () => `${this.column(names, 'id')} % ${this.pick([2, 5, 50])}`,
      () => `date_trunc('month', ${this.column(names, 'ts')})`,
      () => this.any(names),
    );
  }

  private aggregate(names: readonly string[]): string {
    const c = (...columns: string[]) => this.column(names, ...columns);
    const filter = this.maybe(0.3, () => ` FILTER (WHERE ${this.condition(names, 1)})`);
    const distinct = this.maybe(0.25, () => 'DISTINCT ');
    const text = this.text(names, 0);
    const value = this.pick([this.integer(names), this.numeric(names, 0), c('d')]);
    const ids = names.map((name) => `${name}.id`).join(', ');
    return this.one(
      () => `count(*)${filter}`,
      () => `count(${distinct}${this.any(names)})${filter}`,
      () => `count(DISTINCT ${this.nested(names)})${filter}`,
      () => `sum(${distinct}${this.pick([this.integer(names), this.numeric(names), c('f')])})${filter}`,
      () => `avg(${distinct}${this.pick([this.integer(names), this.numeric(names)])})${filter}`,
      () =>
        `min(${this.pick([this.integer(names), this.numeric(names), this.float(names), text, this.time(names), c('iv', 'a')])})${filter}`,
      () =>
        `max(${this.pick([this.integer(names), this.numeric(names), this.float(names), text, this.time(names), c('iv', 'c')])})${filter}`,
      () => `bool_${this.pick(['and', 'or'])}(${this.condition(names)})${filter}`,
      () => `bit_${this.pick(['and', 'or', 'xor'])}(${c('g', 'k', 'id')})${filter}`,
      () => `sum(${c('iv')})${filter}`,
      () => `md5(string_agg(${distinct}${text}::text, ',' ORDER BY ${text}::text))`,
      () =>
        `md5(array_agg(${distinct}${value} ORDER BY ${value} ${this.pick(['', 'DESC', 'NULLS FIRST'])})${filter}::text)`,
      () => `round(${this.pick(['stddev', 'var_pop'])}(${c('g', 'm')})${filter}, 6)`,
      () =>
        `percentile_disc(${this.pick(['0.5', '0.1', '1', '0'])}) WITHIN GROUP (ORDER BY ${this.pick([value, c('s')])})${filter}`,
      () => `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${c('f')})`,
      () => `mode() WITHIN GROUP (ORDER BY ${c('g')} DESC)`,
      () => `round(corr(${c('g')}, ${c('k')})::numeric, 6)`,
      () => `md5(jsonb_agg(${c('j')} ORDER BY ${c('id')}, ${ids})::text)`,
    );
  }

  private grouped(): string {
    const { text, names } = this.from(this.chance(0.6));
    const keys = [this.key(names), this.key(names), this.key(names)]
      .slice(0, 1 + this.below(3))
      .map((key) => `(${key})`);
    const list = keys.join(', ');
    const sets = this.chance(0.34);
    const by = sets
      ? this.pick([`ROLLUP (${list})`, `CUBE (${list})`, `GROUPING SETS ((${list}), (${keys[0]}), ())`])
      : list;
    const having = this.pick([
      'count(*) > 1',
      `sum(${this.column(names, 'g')}) > 3`,
      `min(${this.column(names, 's')}) IS NOT NULL`,
    ]);
    const counts = this.chance(0.3) ? `, grouping(${list})` : '';
    const aggregates = [1, 2, 3].map(() => this.aggregate(names)).join(', ');
    const end = `GROUP BY ${by}${this.maybe(0.25, () => ` HAVING ${having}`)}`;
    return `SELECT ${list}, ${aggregates}${counts} FROM ${text}${this.where(names)} ${end}`;
  }

  /** Nested keys: groups, DISTINCT, partners and set operations counted, whatever stands for them. */
  private nestedKeys(): string {
    const { text, names } = this.from(false);
    const key = this.nested(names);
    const where = this.where(names);
    return this.one(
      () => `SELECT min(a.id), count(*), count(DISTINCT a.g) FROM ${text}${where} GROUP BY ${key}`,
      () => `SELECT count(*) FROM (SELECT DISTINCT ${key} FROM ${text}${where}) s`,
      () =>
        `SELECT a.id, dense_rank() OVER (ORDER BY ${key}), count(*) OVER (PARTITION BY ${key}) FROM ${text}${where}`,
      () =>
        `SELECT count(*), sum(y.q) FROM (SELECT ${key} AS x FROM ${text}${where} LIMIT 0) x FULL JOIN (SELECT a.id AS q FROM z3 a) y ON true`,
      () =>
        `SELECT count(*) FROM (SELECT ${key} AS x, min(a.id) AS q FROM ${text}${where} GROUP BY 1) x JOIN (SELECT ${key} AS x FROM ${text}) y ON x.x = y.x`,
    );
  }

  private aggregated(): string {
    const { text, names } = this.from(this.chance(0.6));
    return `SELECT ${[1, 2, 3, 4].map(() => this.aggregate(names)).join(', ')} FROM ${text}${this.where(names)}`;
  }

  private windowed(): string {
    const { text, names } = this.from(this.chance(0.6));
    const ids = names.map((name) => `${name}.id`).join(', ');
    const by = this.maybe(0.7, () => `PARTITION BY ${this.key(names)} `);
    const key = this.pick([
      this.integer(names, 0),
      this.numeric(names, 0),
      this.column(names, 'd', 's', 'f', 'ts', 'iv', 'na', 'j'),
    ]);
    const order = `ORDER BY ${key} ${this.pick(['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST'])}, ${ids}`;
    const limits = `${this.pick(['UNBOUNDED PRECEDING', '2 PRECEDING', 'CURRENT ROW', '1 FOLLOWING'])} AND ${this.pick(['3 FOLLOWING', 'UNBOUNDED FOLLOWING', '2 FOLLOWING'])}`;
    const exclude = this.pick(['', 'EXCLUDE CURRENT ROW', 'EXCLUDE TIES', 'EXCLUDE GROUP']);
    const frame = this.pick([
      '',
      `ROWS BETWEEN ${limits} ${exclude}`,
      'GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW',
      'ROWS 3 PRECEDING',
    ]);
    const numbers = `ORDER BY ${this.column(names, 'k', 'id', 'n', 'f')} ${this.pick(['', 'DESC'])}`;
    const call = () =>
      this.one(
        () => `row_number() OVER (${by}${order})`,
        () => `rank() OVER (${by}ORDER BY ${key})`,
        () => `ntile(${1 + this.below(5)}) OVER (${by}${order})`,
        () => `lag(${this.any(names)}, ${this.below(3)}) OVER (${by}${order})`,
        () => `lead(${this.column(names, 's')}, 1, 'none') OVER (${by}${order})`,
        () =>
          `sum(${this.pick([this.integer(names), this.numeric(names)])}) ${this.maybe(0.3, () => `FILTER (WHERE ${this.condition(names)}) `)}OVER (${by}${order} ${frame})`,
        () => `avg(${this.pick([this.integer(names), this.numeric(names)])}) OVER (${by}${order} ${frame})`,
        () =>
          `min(${this.pick([this.integer(names), this.text(names), this.time(names)])}) OVER (${by}${order} ${frame})`,
        () => `first_value(${this.any(names)}) OVER (${by}${order} ${frame})`,
        () => `nth_value(${this.column(names, 'id')}, 2) OVER (${by}${order} ${frame})`,
        () => `count(${this.any(names)}) OVER (${by}${order} ${frame})`,
        () => `array_agg(${this.column(names, 'g')}) OVER (${by}${order} ROWS 2 PRECEDING)`,
        () =>
          `sum(${this.column(names, 'g')}) OVER (${by}${numbers} RANGE BETWEEN 2 PRECEDING AND ${this.pick(['1 FOLLOWING', 'CURRENT ROW'])})`,
        () =>
          `count(*) OVER (${by}ORDER BY ${this.column(names, 'd', 'ts')} RANGE BETWEEN interval '2 days' PRECEDING AND CURRENT ROW)`,
        () =>
          `string_agg(${this.column(names, 's')}, '') OVER (${by}${order} ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)`,
      );
    const more = this.maybe(0.6, () => ` AND ${this.condition(names, 2)}`);
    return `SELECT ${ids}, ${call()}, ${call()} FROM ${text} WHERE a.id < ${this.pick([5, 300, 3000])}${more}`;
  }

  private ordered(): string {
    const { text, names } = this.from(this.chance(0.6));
    const ids = names.map((name) => `${name}.id`).join(', ');
    const values = [this.integer(names), this.numeric(names), this.float(names), this.text(names), this.time(names)];
    const key = this.pick([...values, this.column(names, 'a', 'iv'), this.nested(names)]);
    const order = `${key} ${this.pick(['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST'])}, ${this.pick([this.integer(names, 0), this.numeric(names)])}, ${ids}`;
    const columns = [this.any(names), this.any(names), this.any(names)].join(', ');
    return `SELECT ${columns}, ${ids} FROM ${text}${this.where(names)} ORDER BY ${order} LIMIT ${this.below(40)} OFFSET ${this.pick([0, 0, 3, 1000])}`;
  }

  private united(): string {
    const side = () => {
      const { text, names } = this.from(this.chance(0.4));
      const number = this.pick([this.integer(names), this.numeric(names), 'NULL']);
      return `SELECT ${number} AS x, ${this.text(names)}::text AS y FROM ${text}${this.where(names)}`;
    };
    const operation = () => this.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']);
    const third = this.maybe(0.4, () => ` ${operation()} (${side()})`);
    return `SELECT count(*), sum(x), min(y), max(y), count(DISTINCT y) FROM ((${side()}) ${operation()} (${side()})${third}) u`;
  }

  private common(): string {
    const column = this.pick(['g', 's', 'k', 'o']);
    const table = this.pick(['z1', 'z3', 'z5k', 'zbig']);
    const kind = this.pick(['', 'MATERIALIZED ', 'NOT MATERIALIZED ']);
    const inner = `SELECT a.${column} AS q, count(*) AS c, ${this.aggregate(['a'])} AS r FROM ${table} a WHERE ${this.condition(['a'])} GROUP BY 1`;
    const one = this.pick(['count(*)', 'max(e.n)', 'min(e.s)', 'sum(e.g)']);
    const match = this.pick(['=', '=', 'IS NOT DISTINCT FROM']);
    const sub = `SELECT ${one} FROM ${this.pick(['z3', 'z5k'])} e WHERE e.${column} ${match} w.q${this.maybe(0.5, () => ` AND ${this.condition(['e'])}`)}`;
    return `WITH w AS ${kind}(${inner}) SELECT w.q, w.c, r, (${sub}) FROM w WHERE c ${this.pick(['>=', '<'])} (SELECT avg(c) FROM w) OR q IS NULL`;
  }

  private distinct(): string {
    const { text, names } = this.from(this.chance(0.6));
    const ids = names.map((name) => `${name}.id`).join(', ');
    if (this.chance(0.7))
      return `SELECT DISTINCT ${this.key(names)}, ${this.key(names)} FROM ${text}${this.where(names)}`;
    const key = this.column(['a'], 'g', 's', 'n', 'na', 'j');
    return `SELECT DISTINCT ON (${key}) ${ids}, ${this.any(names)} FROM ${text}${this.where(names)} ORDER BY ${key}, ${ids}`;
  }
}
