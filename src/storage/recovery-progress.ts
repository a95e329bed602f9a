// Signs of life of a long start: what is being done, how much of how much, as a line every few seconds. A short start says nothing.

const EVERY_MS = 2_000;
const MEGABYTE = 1_048_576;

/** `say` is called with a line for people: at steps, and from a timer amid long ones, `everyMs` apart. */
export class RecoveryProgress {
  private readonly say: (line: string) => void;
  private readonly everyMs: number;
  private readonly begun = performance.now();
  private readonly timer: NodeJS.Timeout;
  private saidAt = this.begun;
  private saidSomething = false;
  private line = () => 'reading the checkpoint';

  constructor(say: (line: string) => void, everyMs = EVERY_MS) {
    this.say = say;
    this.everyMs = everyMs;
    this.timer = setInterval(() => this.tell(), everyMs);
    this.timer.unref();
  }

  /** Unique indexes are built over the rows of a checkpoint. */
  indexed(rows: number, totalRows: number): void {
    this.line = () => `building unique indexes: ${grouped(rows)} of ${grouped(totalRows)} rows`;
    this.tell();
  }

  /** Continuous queries take up their state. */
  resuming(): void {
    this.line = () => 'continuous queries take up the state of the checkpoint';
    this.tell();
  }

  /** The log behind the checkpoint is applied again. */
  replayed(bytes: number, totalBytes: number, rows: number): void {
    const percent = totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100);
    this.line = () =>
      `replaying the log: ${megabytes(bytes)} of ${megabytes(totalBytes)} MB (${percent} %), ${grouped(rows)} rows`;
    this.tell();
  }

  /** All is replayed: the end is told if the beginning was. */
  finished(commits: number, rows: number): void {
    if (!this.saidSomething) return;
    const seconds = ((performance.now() - this.begun) / 1000).toFixed(1);
    this.say(`recovered in ${seconds} s: ${grouped(commits)} commits of ${grouped(rows)} rows replayed from the log`);
  }

  /** The start has ended, well or not. */
  stop(): void {
    clearInterval(this.timer);
  }

  private tell(): void {
    const now = performance.now();
    if (now - this.saidAt < this.everyMs) return;
    this.saidAt = now;
    this.saidSomething = true;
    this.say(this.line());
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0);
}
