// Real psql against a Headrace server: the README's tour as pasted, then the commands that list and describe objects. Any ERROR fails;
// a few lines of the answers are checked, so that an empty answer is no success.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHeadrace } from '../headrace-server.ts';

const COMMANDS: readonly (readonly [command: string, mustShow: RegExp])[] = [
  ['\\d', /products.*table/],
  ['\\d products', /id\s*\|\s*integer.*not null[\s\S]*products_pkey.*PRIMARY KEY/],
  ['\\d revenue', /revenue\s*\|\s*numeric/],
  ['\\d orders', /product\s*\|\s*integer/],
  ['\\dt', /products/],
  ['\\dv', /./],
  ['\\dm', /revenue/],
  ['\\df', /shout/],
  ['\\dn', /public/],
  ['\\l', /postgres/],
  ['\\du', /postgres.*Superuser/],
  ['\\di', /products_pkey/],
  ['\\ds', /./],
  ['\\conninfo', /postgres/],
  ['\\gdesc', /./],
  ['\\dAo btree integer_ops', /=\(integer,bigint\)/],
  ['\\dAf btree', /integer_ops/],
  ['\\dAc btree', /int4_ops/],
  ['\\dT+ int4', /integer/],
  ['\\dC int4', /bigint/],
  ['\\sf shout', /toUpperCase/],
  ['\\df+ shout', /javascript/],
  ['\\d+ revenue', /FROM orders o/],
  ['\\sv+ dear', /1\s+CREATE OR REPLACE VIEW public\.dear/],
  ['\\d by_price', /price\s*\|[\s\S]*btree, for table "public\.products"/],
  ['\\d products', /"by_price" btree \(price DESC NULLS LAST\)/],
  ['\\dconfig work_mem', /1GB/],
];

/** What the commands above look at besides the tour's objects. */
const BESIDE = `CREATE INDEX by_price ON products (price DESC NULLS LAST);
CREATE VIEW dear AS SELECT name FROM products WHERE price > 50;`;

/** Every other command that lists or describes: none may fail, however little there is to list. */
const QUIET =
  '\\dA+ \\dAp \\db+ \\dc \\dd \\ddp \\dD \\dE+ \\des \\det \\deu \\dew \\dF \\dFd \\dFp \\dFt \\dg+ \\di+ \\dl \\dL+ \\dm+ \\dn+ \\do \\dO \\dp \\dP \\drds \\dRp \\dRs \\ds+ \\dt+ \\du+ \\dv+ \\dx+ \\dX \\dy \\l+ \\z \\dS \\da \\dfn';

function tour(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const match = /<!-- tour -->\s*```sql\n([\s\S]*?)```\s*<!-- \/tour -->/.exec(text);
  if (match === null) throw new Error('README.md has no tour');
  return match[1]!;
}

function psql(port: number, input: string): string {
  const done = spawnSync('psql', ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', 'postgres'], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PAGER: '' },
  });
  return `${done.stdout}${done.stderr}`;
}

const server = await startHeadrace();
const problems: string[] = [];
try {
  const toured = psql(server.port, tour());
  problems.push(...toured.split('\n').filter((line) => /ERROR|FATAL/.test(line)));
  if (!/axle\s*\|\s*99\.90/.test(toured)) problems.push('the tour does not show the revenue of axles');
  const beside = psql(server.port, `${BESIDE}\n${QUIET.split(' ').join('\n')}\n`);
  problems.push(...beside.split('\n').filter((line) => /ERROR|FATAL/.test(line)));
  if (!/WHEEL!/.test(toured)) problems.push('the tour does not show what the JavaScript function returned');
  for (const [command, mustShow] of COMMANDS) {
    const output = psql(server.port, command === '\\gdesc' ? 'SELECT 1 AS one \\gdesc\n' : `${command}\n`);
    if (/ERROR/.test(output)) problems.push(`${command}: ${output.split('\n').find((line) => line.includes('ERROR'))}`);
    else if (!mustShow.test(output)) problems.push(`${command} shows\n${output}`);
  }
} finally {
  await server.stop();
}
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? 'psql: the tour and every command work' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
