// The Dockerfile, where there is no engine to build it: its rules are checked line by line, and what its last stage would hold is laid out
// in a folder (production packages, sources, kernels), started there, and asked by its own health check.
// Ends with 77 when the packages cannot be installed here.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const SKIPPED = 77;

interface Instruction {
  readonly line: number;
  readonly name: string;
  readonly rest: string;
}

/** Instructions with continued lines joined, comments left out. */
function readInstructions(text: string): Instruction[] {
  const found: Instruction[] = [];
  let open: { line: number; text: string } | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '' || raw.trimStart().startsWith('#')) continue;
    const whole: string = open === null ? raw : `${open.text} ${raw.trim()}`;
    const line: number = open?.line ?? index + 1;
    if (whole.endsWith('\\')) {
      open = { line, text: whole.slice(0, -1) };
      continue;
    }
    open = null;
    const [, name, rest] = /^\s*(\w+)\s*(.*)$/.exec(whole)!;
    found.push({ line, name: name!.toUpperCase(), rest: rest! });
  }
  return found;
}

const KNOWN = new Set(
  'FROM WORKDIR COPY RUN ENV ARG USER VOLUME EXPOSE HEALTHCHECK CMD ENTRYPOINT LABEL STOPSIGNAL SHELL'.split(' '),
);

function isExecForm(text: string): boolean {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string');
  } catch {
    return false;
  }
}

function sourcesOf(copy: Instruction): string[] {
  return copy.rest
    .split(/\s+/)
    .filter((word) => !word.startsWith('--'))
    .slice(0, -1);
}

/** What is wrong with one instruction, or null. */
function problemOf({ name, rest }: Instruction): string | null {
  switch (name) {
    case 'FROM':
      if (!/^[\w./-]+:[\w.-]+(@sha256:\w+)?(\s+AS\s+[a-z][\w-]*)?$/i.test(rest)) return 'an image needs a tag';
      return /:latest\b/.test(rest) ? 'the tag latest is another image every day' : null;
    case 'WORKDIR':
      return rest.startsWith('/') ? null : 'WORKDIR must be absolute';
    case 'COPY':
      if (/--from=/.test(rest)) return null;
      return sourcesOf({ line: 0, name, rest }).find((path) => !existsSync(join(ROOT, path))) === undefined
        ? null
        : 'copies what is not there';
    case 'RUN':
      if (/\bsudo\b|curl [^|]*\|\s*(ba)?sh/.test(rest)) return 'runs what it should not';
      return /\bnpm install\b/.test(rest) ? 'npm ci installs what the lock file says' : null;
    case 'ENV':
      return /PASSWORD|SECRET|TOKEN/i.test(rest) ? 'a secret does not belong into an image' : null;
    case 'EXPOSE':
      return /^\d+(\/tcp)?$/.test(rest) ? null : 'EXPOSE takes a port';
    case 'CMD':
    case 'ENTRYPOINT':
      return isExecForm(rest) ? null : 'the shell form does not pass signals on';
    case 'HEALTHCHECK':
      return isExecForm(rest.replace(/^(--[\w-]+=\S+\s+)*CMD\s+/, ''))
        ? null
        : 'HEALTHCHECK takes options and CMD ["..."]';
    default:
      return KNOWN.has(name) ? null : `${name} is not used here`;
  }
}

function lint(instructions: readonly Instruction[]): string[] {
  const problems = instructions.flatMap((one) => {
    const problem = problemOf(one);
    return problem === null ? [] : [`Dockerfile:${one.line}: ${problem}`];
  });
  const lastFrom = instructions.findLastIndex(({ name }) => name === 'FROM');
  const last = instructions.slice(lastFrom);
  const final = (name: string) => last.filter((one) => one.name === name);
  if (instructions.filter(({ name }) => name === 'FROM').length < 2)
    problems.push('Dockerfile: one stage: build tools end in the image');
  const user = final('USER').at(-1)?.rest ?? 'root';
  if (user === 'root' || user === '0') problems.push('Dockerfile: the server would run as root');
  for (const name of ['HEALTHCHECK', 'CMD', 'EXPOSE', 'VOLUME']) {
    if (final(name).length !== 1) problems.push(`Dockerfile: the last stage needs one ${name}`);
  }
  const ignored = new Set(readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n'));
  for (const needed of ['node_modules', 'build', 'data', '.git']) {
    if (!ignored.has(needed)) problems.push(`.dockerignore: ${needed} would be sent to the engine`);
  }
  return problems;
}

function wordsOf(instructions: readonly Instruction[], name: string): string[] {
  const { rest } = instructions.findLast((one) => one.name === name)!;
  return JSON.parse(rest.slice(rest.indexOf('[', rest.indexOf('CMD') + 1))) as string[];
}

/** Lays the last stage out and runs its CMD and HEALTHCHECK; null: the packages cannot be had. */
async function runLayout(instructions: readonly Instruction[]): Promise<string[] | null> {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-image-'));
  try {
    for (const path of ['package.json', 'package-lock.json', 'src'])
      cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    const npm = ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    if (spawnSync('npm', npm, { cwd: folder, stdio: 'ignore', timeout: 300_000 }).status !== 0) return null;
    cpSync(join(ROOT, 'build'), join(folder, 'build'), { recursive: true });
    const put = (words: readonly string[], changes: Readonly<Record<string, string>>) =>
      words.slice(1).map((word) => changes[word] ?? word);
    const serve = put(wordsOf(instructions, 'CMD'), { '/data': join(folder, 'data') });
    const environment = {
      ...process.env,
      NODE_ENV: 'production',
      HEADRACE_PASSWORD: 'for the image',
      HEADRACE_PORT: '0',
    };
    const child = spawn(process.execPath, serve, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk: Buffer) => (said += String(chunk)));
    const port = await Promise.race([
      once(child, 'exit').then(() => null),
      new Promise<string>((resolve) =>
        child.stdout.on('data', () => {
          const ready = /is ready: psql -h \S+ -p (\d+)/.exec(said);
          if (ready !== null) resolve(ready[1]!);
        }),
      ),
    ]);
    if (port === null) return [`the image's server does not start: ${said.trim()}`];
    const health = put(wordsOf(instructions, 'HEALTHCHECK'), { '7432': port });
    const up = spawnSync(process.execPath, health, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    const down = spawnSync(process.execPath, health, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    return [
      ...(up.status === 0 ? [] : [`the health check fails on a healthy server: ${up.stderr}${up.stdout}`]),
      ...(down.status === 1 ? [] : ['the health check passes without a server']),
      ...(code === 0 ? [] : [`SIGTERM ends the server with ${code}`]),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const instructions = readInstructions(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
const problems = lint(instructions);
const layout = await runLayout(instructions);
problems.push(...(layout ?? []));
for (const problem of problems) console.log(problem);
if (layout === null) console.log('-- skipped: the layout of the image (its packages cannot be installed here)');
else if (problems.length === 0)
  console.log('Dockerfile: keeps its rules; what the image holds starts, answers its health check, ends by SIGTERM');
process.exitCode = problems.length > 0 ? 1 : layout === null ? SKIPPED : 0;
