// Throughput: how many rows a second a job has read of late. It is told the job's running total at the end of each step, so rows count in the
// second in which their step ends and cost nothing one by one. A ring of counters, one for each of the last ten full seconds and
// one for the second that runs.
import type { Clock } from '../../base/clock.ts';

const FULL_SECONDS = 10;
const SLOTS = FULL_SECONDS + 1;

export class Throughput {
  private readonly clock: Clock;
  private readonly counts = new Float64Array(SLOTS);
  /** since 1970, the one that runs */
  private second = 0;
  private known = 0n;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** All rows read so far, at the end of a step. */
  record(total: bigint): void {
    if (total === this.known) return;
    this.moveOn();
    this.counts[this.second % SLOTS]! += Number(total - this.known);
    this.known = total;
  }

  /** The total that a restored job begins with: rows of a life before. */
  startFrom(total: bigint): void {
    this.known = total;
  }

  /** Mean of the last ten full seconds; of a job younger than that, too, so that its first moments do not look like a rate. */
  get rowsPerSecond(): number {
    this.moveOn();
    const all = this.counts.reduce((sum, count) => sum + count, 0);
    return (all - this.counts[this.second % SLOTS]!) / FULL_SECONDS;
  }

  /** Empties the counters of the seconds that have begun since. A clock that is set back stands still here. */
  private moveOn(): void {
    const now = Number(this.clock.nowMicros() / 1_000_000n);
    if (now - this.second >= SLOTS) this.counts.fill(0);
    else for (let second = this.second + 1; second <= now; second++) this.counts[second % SLOTS] = 0;
    this.second = Math.max(this.second, now);
  }
}
