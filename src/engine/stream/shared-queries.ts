// SharedQueries: the jobs that answer subscriptions to linear queries together (linear-query.ts), one per shape: a thousand
// `SUBSCRIBE (SELECT * FROM v WHERE k = c)` are one job and a thousand keys in its output. Such a job keeps nothing of what there is, so it
// needs no first load: it is made between two steps, follows its relation from then on, and ends with its last subscription.
import type { Batch } from '../../columns/batch.ts';
import type { Job } from '../jobs/job.ts';
import type { JobRegistry } from './job-registry.ts';
import type { LinearQuery } from './linear-query.ts';
import { RoutedOutput } from './routed-output.ts';
import { StepOutput } from './step-output.ts';

interface SharedQuery {
  readonly job: Job;
  followers: number;
}

export class SharedQueries {
  private readonly jobs: JobRegistry;
  private readonly byShape = new Map<string, SharedQuery>();

  constructor(jobs: JobRegistry) {
    this.jobs = jobs;
  }

  /** The query's net changes from the next step on, in batches valid until the listener returns. Between steps. */
  follow(query: LinearQuery, listener: (batch: Batch) => void): { readonly job: Job; readonly stop: () => void } {
    const { shape } = query;
    let shared = this.byShape.get(shape);
    if (shared === undefined || shared.job.failure !== null) {
      shared = { job: this.start(query), followers: 0 };
      this.byShape.set(shape, shared);
    }
    const { job } = shared;
    const used = shared;
    const stop =
      job.output instanceof RoutedOutput ? job.output.follow(query.key, listener) : job.output.listen(listener);
    used.followers++;
    return {
      job,
      stop: () => {
        if (job.failure === null) stop(); // else its memory is gone
        if (--used.followers > 0) return;
        if (this.byShape.get(shape) === used) this.byShape.delete(shape);
        this.jobs.endOwn(job);
      },
    };
  }

  private start({ plan, key }: LinearQuery): Job {
    const job = this.jobs.makeOwn(plan, (context, types, appendOnly) => {
      return key.length === 0
        ? new StepOutput(context, types, appendOnly)
        : new RoutedOutput(context, types, key.length, appendOnly);
    });
    this.jobs.begin(job);
    return job;
  }
}
