// `npm run bench`: every benchmark with its peers side by side in one run, printed as measured and written to README.md beside this file.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { fanOutBenchmarks } from './fan-out-benchmarks.ts';
import { latencyBenchmarks } from './latency-benchmarks.ts';
import type { Benchmark, BenchSettings, Outcome } from './measure.ts';
import { pushBenchmarks, streamBenchmarks } from './push-benchmarks.ts';
import { queryBenchmarks } from './query-benchmarks.ts';
import { wireBenchmarks } from './wire-benchmarks.ts';

const BENCHMARKS: readonly Benchmark[] = [
  queryBenchmarks,
  wireBenchmarks,
  pushBenchmarks,
  fanOutBenchmarks,
  streamBenchmarks,
  latencyBenchmarks,
];

const COLUMNS = ['what', 'Headrace', 'peer', 'speed', 'aim', 'met'];

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
  return value.toFixed(value < 10 ? 2 : 1);
}

function line(outcome: Outcome): string {
  if ('skipped' in outcome) return `| ${outcome.name} | skipped: ${outcome.skipped} | | | | |`;
  if ('cells' in outcome) return `| ${[outcome.name, ...outcome.cells].join(' | ')} |`;
  const { name, unit, headrace, peer, ratio, aim, met } = outcome;
  const other = peer === null ? '' : `${peer.name} ${figure(peer.value)} ${unit}`;
  const times = ratio === null ? '' : `${ratio.toFixed(2)}x`;
  return `| ${name} | ${figure(headrace)} ${unit} | ${other} | ${times} | ${aim} | ${met ? 'yes' : 'no'} |`;
}

function tableHead(name: string): string {
  const columns = BENCHMARKS.find((bench) => bench.name === name)?.columns ?? COLUMNS;
  return `| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}`;
}

function page(command: string, settings: BenchSettings, tables: ReadonlyMap<string, readonly string[]>): string {
  const sections = [...tables].map(([name, lines]) => `## ${name}\n\n${tableHead(name)}\n${lines.join('\n')}\n`);
  return `# Benchmarks

Written by \`${command}\` (scale factor ${settings.scale}, Node ${process.version}, ${cpus().length} cores of
${cpus()[0]?.model ?? 'unknown'}). Medians; each round runs every contender once, except that PostgreSQL's analytic queries run after the other
two, with fewer runs. "speed" is how many times as fast as the peer Headrace was.

What to know before reading the figures:
- Queries are in process for Headrace and DuckDB (equally many threads), over a connection for PostgreSQL (fsync off, default parallelism).
- Headrace keeps its data in memory here, without a log on disk; PostgreSQL writes its log (synchronous_commit off in the wire runs).
  COPY and latency say nothing about durable commits.
- The windowed count feeds a job directly: no INSERT, commit or storage is part of it. Keys and windows are those of \`stream-bench.ts\`.
- One thread of Headrace serves all sessions, PostgreSQL has a process for each: transactions per second differ most with 8 clients, and
  \`src/server/README.md\` says where the time of one goes.
- A small scale factor has fewer groups than the 200 000 of scale factor 1, and constant costs weigh more.
- Latency runs leave out their first tenth. Times were taken with whatever else the machine was doing.

${sections.join('\n')}
## How

\`npm run bench -- [--only NAME] [--scale SF] [--quick] [--port PORT]\`; names: ${BENCHMARKS.map((bench) => bench.name).join(', ')}. A run with
\`--only\` prints and leaves this page alone. A peer that the machine lacks is a line "skipped". \`tpch-data.ts\` makes the tables,
\`query-benchmarks.ts\` compares all answers before it measures. The other \`*-bench.ts\` files are micro benchmarks of one part each.
`;
}

async function main(): Promise<void> {
  const command = new Command('bench')
    .option('--only <name>', 'one benchmark')
    .option('--scale <factor>', 'TPC-H scale factor', Number)
    .option('--match <pattern>', 'only measurements whose name has this regular expression in it (latency)')
    .option('--quick', 'a short run')
    .option('--port <port>', 'port of the server that is measured', Number, 7810)
    .parse();
  const given = command.opts<{ only?: string; match?: string; scale?: number; quick?: boolean; port: number }>();
  const quick = given.quick === true;
  const scale = given.scale ?? (quick ? 0.05 : 1);
  const match = given.match === undefined ? {} : { match: given.match };
  const settings: BenchSettings = { quick, scale, port: given.port, ...match };
  const chosen = BENCHMARKS.filter((bench) => given.only === undefined || bench.name === given.only);
  if (chosen.length === 0) throw new Error(`no benchmark is named ${given.only}`);
  const tables = new Map<string, string[]>();
  for (const bench of chosen) {
    const lines: string[] = [];
    tables.set(bench.name, lines);
    const report = (outcome: Outcome) => {
      lines.push(line(outcome));
      console.log(line(outcome));
    };
    await bench.run(settings, report).catch((error: Error) => {
      report({ name: bench.name, skipped: `failed, ${error.message.split('\n')[0]}` });
      process.stderr.write(`${error.stack ?? error.message}\n`);
      process.exitCode = 1;
    });
  }
  if (given.only !== undefined) return;
  const text = page(`npm run bench${quick ? ' -- --quick' : ''}`, settings, tables);
  writeFileSync(join(import.meta.dirname, 'README.md'), text);
}

await main();
