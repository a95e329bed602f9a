// Compares the columns of every system relation (names, order, types, kind, oid, NOT NULL) with those of a real PostgreSQL 15 and
// prints the differences; exit code 1 when there are any. Types that we replace are listed in STAND_INS.
import pg from 'pg';
import { allSystemRelations } from '../../src/catalog/system-relations.ts';
import { startPostgres } from '../../src/testing/oracle-postgres.ts';
import { typeNameInCatalog } from '../../src/types/type-table.ts';

const STAND_INS: Readonly<Record<string, string>> = {
  inet: 'text',
  pg_lsn: 'text',
  anyarray: '_text',
  pg_ndistinct: 'text',
  pg_dependencies: 'text',
  pg_mcv_list: 'text',
  _pg_statistic: '_text',
};

const QUERY = `
  select n.nspname || '.' || c.relname as relation, c.oid::int, case c.relkind when 'r' then 'table' else 'view' end as kind,
    array_agg(a.attname::text || ' ' || coalesce(b.typname, t.typname) || case when a.attnotnull then '!' else '' end order by attnum) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype and t.typtype = 'd'
  where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
  group by 1, 2, 3 order by 1`;

interface Described {
  readonly relation: string;
  readonly oid: number;
  readonly kind: string;
  readonly columns: readonly string[];
}

function ours(): ReadonlyMap<string, Described> {
  return new Map(
    allSystemRelations().map(({ schema, name, oid, kind, columns }) => [
      `${schema}.${name}`,
      {
        relation: name,
        oid,
        kind,
        columns: columns.map((one) => `${one.name} ${typeNameInCatalog(one.type)}${one.notNull === true ? '!' : ''}`),
      },
    ]),
  );
}

function differences(theirs: readonly Described[]): string[] {
  const own = ours();
  const found: string[] = [];
  for (const { relation, oid, kind, columns } of theirs) {
    const mine = own.get(relation);
    if (mine === undefined) {
      found.push(`${relation} is missing`);
      continue;
    }
    if (mine.kind !== kind) found.push(`${relation} is a ${mine.kind}, not a ${kind}`);
    // below 12000 oids are fixed by hand, above they are given out by initdb and differ between versions
    if (oid < 12_000 && mine.oid !== oid) found.push(`${relation} has oid ${mine.oid}, not ${oid}`);
    const wanted = columns.map((one) =>
      one.replace(/ (\w+)(!?)$/, (_, type, mark) => ` ${STAND_INS[type] ?? type}${mark}`),
    );
    for (let i = 0; i < Math.max(wanted.length, mine.columns.length); i++) {
      if (wanted[i] !== mine.columns[i])
        found.push(`${relation} column ${i + 1}: ${mine.columns[i]}, not ${wanted[i]}`);
    }
  }
  return found;
}

const server = await startPostgres();
if (server === null) {
  console.log('skipped: catalog columns against PostgreSQL (not installed)');
} else {
  try {
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
    await client.connect();
    const { rows } = await client.query<Described>(QUERY);
    await client.end();
    const found = differences(rows);
    for (const line of found) console.log(line);
    console.log(`${server.version}: ${rows.length} relations, ${found.length} differences`);
    process.exitCode = found.length > 0 ? 1 : 0;
  } finally {
    server.stop();
  }
}
