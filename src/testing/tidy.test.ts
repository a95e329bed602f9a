// Tidy: the laws of the house, checked on every test run: import directions, the doors of folders, file sizes, file names, forbidden
// words in names, runtime import cycles, dead files, dead exports, error conditions and kernels, and that main never sleeps on Atomics.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const SRC = resolve(import.meta.dirname, '..');
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  errors: [],
  types: ['base', 'errors'],
  columns: ['base', 'errors', 'types'],
  kernels: ['base', 'errors', 'types', 'columns'],
  functions: ['base', 'errors', 'types', 'columns', 'kernels'],
  catalog: ['base', 'errors', 'types', 'columns', 'kernels', 'functions'],
  plan: ['base', 'errors', 'types', 'functions', 'catalog'],
  sql: ['base', 'errors', 'types', 'functions', 'catalog', 'plan'],
  storage: ['base', 'errors', 'types', 'columns', 'kernels', 'catalog'],
  connectors: ['base', 'errors', 'types', 'columns', 'kernels', 'catalog'],
  udf: ['base', 'errors', 'types', 'functions'],
  engine: [
    'base',
    'errors',
    'types',
    'columns',
    'kernels',
    'functions',
    'catalog',
    'plan',
    'storage',
    'connectors',
    'udf',
  ],
  session: [
    'base',
    'errors',
    'types',
    'columns',
    'kernels',
    'functions',
    'catalog',
    'plan',
    'sql',
    'storage',
    'connectors',
    'udf',
    'engine',
  ],
  server: ['base', 'errors', 'types', 'columns', 'kernels', 'session'],
  cli: ['base', 'errors', 'cli'],
  testing: [],
};
/** What other folders may import; base, errors and types are vocabulary and open everywhere, database.ts wires everything. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  columns: [
    'batch',
    'batch-builder',
    'canonical-bytes',
    'datum-vector',
    'encoding',
    'memory',
    'numeric-bytes',
    'region',
    'row-group',
    'value-bytes',
    'view',
  ],
  kernels: ['emitter/wasm-code', 'emitter/wasm-module', 'kernel-library'],
  functions: ['define', 'function-definition', 'keywords', 'registry', 'scalar/quoting'],
  catalog: [
    'catalog',
    'catalog-change',
    'catalog-editor',
    'dependents',
    'initial-catalog',
    'object-names',
    'objects',
    'pg-catalog/constraint-definition',
    'pg-catalog/function-rows',
    'pg-catalog/index-definition',
    'pg-catalog/type-functions',
    'privileges',
    'system-relation',
    'system-relations',
  ],
  plan: [
    'batch',
    'bind-parameters',
    'explain',
    'expression',
    'logical',
    'recursion',
    'session-windows',
    'sure-expressions',
    'walk',
    'walk-expression',
  ],
  sql: [
    'ast',
    'ast-alter',
    'ast-change',
    'ast-definition',
    'ast-utility',
    'binder/bind-context',
    'binder/bind-statement',
    'binder/type-names',
    'dialects/dialect-profile',
    'dialects/parse-dialect',
    'make-ast',
    'optimizer/optimize',
    'parser/parse',
    'parser/print',
    'parser/print-layout',
    'parser/print-name',
    'planner/exact-types',
    'planner/lift-changes',
    'planner/plan-batch',
    'planner/plan-modify',
  ],
  storage: [
    'log/column-codec',
    'log/commit',
    'log/frame',
    'log/tagged-json',
    'log/write-set',
    'storage',
    'tables/group-memory',
    'tables/row-buffer',
    'tables/snapshot',
    'tables/table-data',
    'tables/table-store',
    'transactions/lock-modes',
    'transactions/own-table',
    'transactions/transaction',
  ],
  connectors: [
    'connectors',
    'formats/arrow-export',
    'formats/arrow-file',
    'formats/binary-copy-reader',
    'formats/binary-copy-writer',
    'formats/copy-reader',
    'formats/copy-writer',
    'formats/delimited-options',
    'row-comparison',
    'source',
  ],
  udf: ['udf-definition', 'udf-host'],
  engine: [
    'batch/batch-context',
    'batch/kept-programs',
    'batch/one-batch',
    'batch/run-batch-plan',
    'batch/spill-file',
    'batch/statement-program',
    'expressions/compile-expression',
    'expressions/evaluate-constant',
    'expressions/expression-context',
    'jobs/source-place',
    'rows/stored-batches',
    'stream/emission',
    'stream/envelope',
    'stream/retention',
    'stream/stream-definition',
    'stream/stream-engine',
    'workers/worker-pool',
  ],
  session: ['session-contract'],
  server: ['pgwire/listener'],
  cli: ['configuration', 'terminal-log'],
};
const MAX_FILE_LINES = 600;
const ENTRIES = [
  /\.test\.ts$/,
  /^main\.ts$/,
  /^cli\/headrace\.ts$/,
  /worker-entry\.ts$/,
  /-entry\.ts$/,
  /\.d\.ts$/,
  /^testing\//,
  /^kernels\/assembly\//,
];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

function sourceTexts(folder: string): { readonly full: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((full) => ({ full, text: readFileSync(full, 'utf8') }));
}

function sourceFiles(): SourceFile[] {
  return sourceTexts(SRC).map(({ full, text }) => {
    const imports = [
      ...text.matchAll(
        /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|^import\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)|new URL\('(\.[^']+)'/gm,
      ),
    ].map((match) => ({
      target: relative(SRC, resolve(dirname(full), match.slice(2).find((target) => target !== undefined) ?? '')),
      typeOnly: match[1] !== undefined || (match[2] ?? match[3]) === undefined,
    }));
    return { path: relative(SRC, full), text, imports };
  });
}

const files = sourceFiles();
const own = files.filter((file) => !file.path.startsWith('kernels/assembly/'));
const isTest = (path: string) => /\.test\.ts$|^testing\/|-fixtures?\.ts$/.test(path);

test('imports point downward', () => {
  const wrong: string[] = [];
  for (const file of own) {
    const floor = file.path.split('/')[0]!;
    const allowed = FLOORS[floor];
    if (allowed === undefined || isTest(file.path)) continue;
    for (const { target } of file.imports) {
      const folder = target.split('/')[0]!;
      if (folder !== floor && !allowed.includes(folder)) wrong.push(`${file.path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a folder is entered by its doors', () => {
  const wrong: string[] = [];
  for (const file of own) {
    if (isTest(file.path) || file.path.startsWith('testing/')) continue;
    const floor = file.path.split('/')[0]!;
    for (const { target } of file.imports) {
      const folder = target.split('/')[0]!;
      const doors = DOORS[folder];
      if (folder === floor || doors === undefined || file.path === 'database.ts') continue;
      if (!doors.some((door) => target === `${folder}/${door}.ts`)) wrong.push(`${file.path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no runtime import cycles', () => {
  const graph = new Map(own.map((file) => [file.path, file.imports.filter((i) => !i.typeOnly).map((i) => i.target)]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done' || !graph.has(path)) return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const next of graph.get(path)!) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, []);
  assert.deepEqual(cycles, []);
});

test('files stay readable: at most 600 lines, kebab-case, named after what they hold', () => {
  const long = files
    .map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > MAX_FILE_LINES && !path.includes('testdata'));
  assert.deepEqual(long, []);
  const badNames = files
    .map((file) => file.path)
    .filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.test|\.d)?\.ts$/.test(path));
  assert.deepEqual(badNames, []);
  const vague = files
    .map((file) => file.path)
    .filter((path) => /(^|\/)(utils?|helpers?|common|index)(\.ts|\/)/.test(path));
  assert.deepEqual(vague, []);
});

test('every file opens with a comment that says what it is for', () => {
  const silent = files
    .filter((file) => !file.path.endsWith('.test.ts') && !/^(#!.*\n)?(\/\/|\/\*)/.test(file.text))
    .map((file) => file.path);
  assert.deepEqual(silent, []);
});

test('no file is dead: each is imported by another or is an entry', () => {
  const used = new Set(files.flatMap((file) => file.imports.map((i) => i.target)));
  const dead = own
    .map((file) => file.path)
    .filter((path) => !used.has(path) && !ENTRIES.some((entry) => entry.test(path)));
  assert.deepEqual(dead, []);
});

test('tests draw with the seed of the run', () => {
  const own = 'testing/seeded-fast-check.ts';
  const wrong = files
    .filter(({ path, text }) => path !== own && /^import .* from 'fast-check'/m.test(text))
    .map(({ path }) => path);
  assert.deepEqual(wrong, [], `they import ${own} instead`);
});

test('main never sleeps on Atomics: Atomics.wait stands only in worker code', () => {
  const callers = own
    .filter((file) => /Atomics\.wait\(/.test(file.text) && !isTest(file.path))
    .map((file) => file.path);
  assert.deepEqual(
    callers.filter((path) => !/worker|-thread|entry/.test(path)),
    [],
  );
});

/** The words of each file, comments left out. */
const words = new Map(files.map((file) => [file.path, wordsOf(file.text)]));
function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').match(/[A-Za-z_$][\w$]*/g));
}
const product = own.filter((file) => !isTest(file.path));

test('no export is dead: another file names each exported function, class and value', () => {
  const conformance = sourceTexts(resolve(SRC, '../conformance')).map(({ text }) => wordsOf(text));
  const users = new Map<string, number>();
  for (const used of [...words.values(), ...conformance])
    for (const word of used) users.set(word, (users.get(word) ?? 0) + 1);
  const dead = own.flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:async |abstract )?(?:function\*?|class|const|let) ([\w$]+)/gm)]
      .filter(([, name]) => users.get(name!) === 1)
      .map(([, name]) => `${path}: ${name}`),
  );
  assert.deepEqual(dead, []);
});

test('no error condition is dead', () => {
  const text = files.find((file) => file.path === 'errors/sqlstates.ts')!.text;
  const used = new Set(product.filter((f) => f.path !== 'errors/sqlstates.ts').flatMap((f) => [...words.get(f.path)!]));
  const conditions = [...text.matchAll(/^ {2}(\w+): '/gm)].map((match) => match[1]!);
  assert.ok(conditions.length > 100, 'the table is there');
  assert.deepEqual(
    conditions.filter((condition) => !used.has(condition)),
    [],
  );
});

/** A kernel is called by its whole name, by a template that fits it, or by its operation, to which the engine adds types. */
test('no kernel is dead: the product or another kernel names each', () => {
  const callers = product.filter((file) => !/^(sql|catalog|session|cli|server\/http|main)/.test(file.path));
  const names = new Set(callers.flatMap((file) => [...file.text.matchAll(/'(\w+)'/g)].map((match) => match[1])));
  const templates = callers.flatMap((file) =>
    [...file.text.matchAll(/`([a-z]\w*(?:\$\{[^}`]*\}\w*)+)`/g)].map(
      (match) => new RegExp(`^${match[1]!.replace(/\$\{[^}]*\}/g, '\\w+')}$`),
    ),
  );
  const isNamed = (kernel: string) => {
    for (let end = kernel.length; end > 0; end = kernel.lastIndexOf('_', end - 1))
      if (names.has(kernel.slice(0, end))) return true;
    return templates.some((template) => template.test(kernel));
  };
  const sources = files.filter((file) => /^kernels\/assembly\/[^/]+\.ts$/.test(file.path));
  const dead = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^export function (\w+)/gm)]
      .map((match) => match[1]!)
      .filter(
        (name) => !isNamed(name) && !sources.some((other) => other.path !== path && words.get(other.path)!.has(name)),
      )
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(dead, []);
});

/** The code without comments, strings and templates. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''");
}

test('no `any`, no suppressed type errors', () => {
  const wrong = own.filter(
    ({ path, text }) =>
      path !== 'testing/tidy.test.ts' &&
      (/(: |<|as )any\b[^-\w]/.test(codeOf(text)) || /@ts-(ignore|expect-error|nocheck)/.test(text)),
  );
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});
