// node-sql-parser at arm's length: its grammars backtrack (ten nested parentheses take a second), so they run in a worker thread
// that is started on first use, reads one text at a time, and is ended when a text takes longer than the limit.
import { Worker } from 'node:worker_threads';

/** What the package says about a text: its trees (one per statement), its syntax error, or nothing within the limit. */
export type PackageAnswer =
  | { readonly kind: 'trees'; readonly trees: readonly unknown[] }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'too_slow' };

/** A text of ordinary size takes 1 to 20 ms; one that takes longer than this has run into backtracking, even on a busy machine. */
const LIMIT_MS = 1_000;
/** The first text of a grammar loads it. */
const LOAD_MS = 5_000;
/** Longer texts are not sent: the grammars' time grows faster than their length. */
const MAX_PACKAGE_TEXT = 100_000;

interface Job {
  readonly grammar: string;
  readonly text: string;
  readonly resolve: (answer: PackageAnswer) => void;
}

/** Answers to texts seen before: with the literals lifted out, the same query with other constants is the same text. */
const REMEMBERED = 256;
const REMEMBERED_TEXT = 10_000;

class PackageParser {
  private readonly known = new Map<string, PackageAnswer>();
  private worker: Worker | null = null;
  private loaded = new Set<string>();
  private readonly waiting: Job[] = [];
  private current: Job | null = null;
  private timer: NodeJS.Timeout | null = null;

  parse(text: string, grammar: string): Promise<PackageAnswer> {
    if (text.length > MAX_PACKAGE_TEXT) return Promise.resolve({ kind: 'too_slow' });
    const known = this.known.get(`${grammar} ${text}`);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      this.waiting.push({ grammar, text, resolve });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== null) return;
    const job = this.waiting.shift();
    if (job === undefined) return;
    this.current = job;
    const worker = this.start();
    const limit = this.loaded.has(job.grammar) ? LIMIT_MS : LOAD_MS;
    this.timer = setTimeout(() => this.abandon(), limit);
    worker.postMessage({ grammar: job.grammar, text: job.text });
  }

  private start(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL('./package-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    worker.on('message', (answer: PackageAnswer) => {
      if (worker === this.worker) this.finish(answer);
    });
    worker.on('error', () => {
      if (worker === this.worker) this.abandon();
    });
    // behind the listeners, which would hold the process again: a text that waits holds it by its timer
    worker.unref();
    this.worker = worker;
    return worker;
  }

  /** The text is given up, and the thread with it: a grammar cannot be interrupted. */
  private abandon(): void {
    void this.worker?.terminate();
    this.worker = null;
    this.loaded = new Set();
    this.finish({ kind: 'too_slow' });
  }

  private finish(answer: PackageAnswer): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const job = this.current;
    this.current = null;
    if (job !== null) {
      if (answer.kind !== 'too_slow') this.loaded.add(job.grammar);
      // slowness may have been the machine's
      const lasting = answer.kind !== 'too_slow' && job.text.length <= REMEMBERED_TEXT;
      if (lasting) this.remember(`${job.grammar} ${job.text}`, answer);
      job.resolve(answer);
    }
    this.next();
  }

  /** The oldest is forgotten. */
  private remember(key: string, answer: PackageAnswer): void {
    if (this.known.size >= REMEMBERED) this.known.delete(this.known.keys().next().value!);
    this.known.set(key, answer);
  }
}

/** One thread for all sessions. */
const PARSER = new PackageParser();

/** `grammar` is the name of one of the package's builds. Never rejects. */
export function parseWithPackage(text: string, grammar: string): Promise<PackageAnswer> {
  return PARSER.parse(text, grammar);
}
