// kill -9 in a loop: the workload of workload.ts runs, the server is killed at a random moment and started again on the same directory;
// everything acknowledged must be there, nothing half, views equal their queries, files are read exactly once.
// --rounds N, or --minutes M for a soak; --seed S; --only PART; --life SECONDS at most between two kills; --big-rows N in a big statement.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { type HeadraceServer, startHeadrace } from '../headrace-server.ts';
import type { Part } from './part.ts';
import { connect, workload } from './workload.ts';

const SHORTEST_LIFE_MS = 150;

/** Works until the server is killed. What fails while the server lives is a problem. */
async function workUntilKilled(server: HeadraceServer, part: Part, problems: string[]): Promise<void> {
  let lost = false;
  try {
    const client = await connect(server.port);
    client.on('end', () => {
      lost = true;
    });
    await part.work(client);
  } catch (error) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const killed = server.process.killed || server.process.signalCode !== null;
    if (!lost && !killed) {
      problems.push(`${part.name}: ${(error as Error).message}`);
    }
  }
}

async function check(server: HeadraceServer, parts: readonly Part[], atEnd: boolean): Promise<string[]> {
  const client = await connect(server.port);
  const problems: string[] = [];
  for (const part of parts)
    problems.push(...(await part.check(client, atEnd)).slice(0, 5).map((one) => `${part.name}: ${one}`));
  await client.end();
  return problems;
}

interface Options {
  readonly goesOn: (round: number) => boolean;
  readonly seed: number;
  /** the part that is worked on alone */
  readonly only: string | undefined;
  readonly lifeMs: number;
  readonly bigRows: number;
}

async function main({ goesOn, seed, only, lifeMs, bigRows }: Options): Promise<void> {
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'headrace-kill-'));
  const all = workload({ inbox: join(directory, 'inbox'), bigRows, random: seededRandom(seed) });
  const work = all.map(({ part, clients }) => {
    const idle = only !== undefined && part.name !== only && part.name !== 'checkpoints';
    return { part, clients: idle ? 0 : clients };
  });
  const parts = work.map(({ part }) => part);
  const start = () => startHeadrace(['--data', join(directory, 'data'), '--server-files']);
  const fail = async (server: HeadraceServer, round: number, problems: readonly string[]) => {
    await server.stop();
    throw new Error(`after kill ${round} (seed ${seed}):\n  ${problems.slice(0, 12).join('\n  ')}`);
  };
  try {
    let round = 0;
    for (; goesOn(round); round++) {
      const server = await start();
      if (round === 0) {
        const client = await connect(server.port);
        for (const part of parts) await part.prepare(client);
        await client.end();
      }
      const problems = await check(server, parts, false);
      if (problems.length > 0) await fail(server, round, problems);
      const workers = work.flatMap(({ part, clients }) =>
        Array.from({ length: clients }, () => workUntilKilled(server, part, problems)),
      );
      await new Promise((resolve) => setTimeout(resolve, SHORTEST_LIFE_MS + random() * (lifeMs - SHORTEST_LIFE_MS)));
      if (problems.length > 0) await fail(server, round, problems);
      server.process.kill('SIGKILL');
      await once(server.process, 'exit');
      await Promise.all(workers);
      if ((round + 1) % 10 === 0) console.log(`${round + 1} kills`);
    }
    const server = await start();
    const problems = await check(server, parts, true);
    if (problems.length > 0) await fail(server, round, problems);
    const client = await connect(server.port);
    const { rows } = await client.query(
      'SELECT (SELECT count(*) FROM a) AS pairs, (SELECT count(*) FROM copied) AS copied, (SELECT count(*) FROM done) AS contended, (SELECT count(*) FROM big) AS big, (SELECT count(*) FROM read_files) AS read, (SELECT count(*) FROM closed) AS windows',
    );
    await client.end();
    await server.stop();
    const { pairs, copied, contended, big, read, windows } = rows[0];
    console.log(
      `${round} kills: ${pairs} transactions, ${contended} after the same rows, ${copied} rows by COPY, ${big} in big statements, ${read} rows of files, ${windows} closed windows: all there, none half, views right`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const options = new Command()
  .option('--rounds <n>', 'kills', '20')
  .option('--minutes <n>', 'go on for so long instead')
  .option('--seed <n>', 'random seed', '1')
  .option('--only <part>', 'of the workload, with checkpoints')
  .option('--life <seconds>', 'between two kills, at most', '1.35')
  .option('--big-rows <n>', 'rows of a big statement', '20000')
  .parse()
  .opts();
const until = options.minutes === undefined ? null : Date.now() + Number(options.minutes) * 60_000;
await main({
  goesOn: (round) => (until === null ? round < Number(options.rounds) : Date.now() < until),
  seed: Number(options.seed),
  only: options.only,
  lifeMs: Number(options.life) * 1000,
  bigRows: Number(options.bigRows),
});
