// Preloaded into a server process (node --import): how long its main thread works without looking at its sockets. A timer of a
// millisecond comes once per turn of the event loop; the CPU time of the main thread between two of its calls is the length of the
// turn, whatever else the machine does. With HEADRACE_SLICE_PROFILE the stacks of the longest turns are sampled too.
import { Session } from 'node:inspector/promises';

export interface SliceReport {
  /** CPU time of the longest turn, milliseconds; a timer may come a turn late, so short turns can count together */
  readonly longestMs: number;
  /** sampled stacks of the longest turns, one text each; empty without HEADRACE_SLICE_PROFILE */
  readonly stacks: readonly string[];
}

interface Turn {
  readonly cpuMs: number;
  /** microseconds of the monotonic clock */
  readonly from: number;
  readonly to: number;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

const KEPT_TURNS = 4;
const SAMPLE_MICROS = 250;
const STACK_LINES = 12;

const profiler = process.env.HEADRACE_SLICE_PROFILE === undefined ? null : new Session();
let longest: Turn[] = [];
let measuring = false;
let lastCpu = process.threadCpuUsage();
let lastAt = process.hrtime.bigint();

function turn(): void {
  const cpu = process.threadCpuUsage();
  const at = process.hrtime.bigint();
  if (measuring) {
    const spentMs = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1000;
    const cpuMs = Math.min(spentMs, Number(at - lastAt) / 1e6); // some kernels count CPU time in ticks
    if (longest.length < KEPT_TURNS || cpuMs > longest.at(-1)!.cpuMs) {
      longest.push({ cpuMs, from: Number(lastAt / 1000n), to: Number(at / 1000n) });
      longest = longest.sort((a, b) => b.cpuMs - a.cpuMs).slice(0, KEPT_TURNS);
    }
  }
  lastCpu = cpu;
  lastAt = at;
}

/** What ran during a turn: each line a function with its callers, by samples. */
function stackText(profile: Profile, { cpuMs, from, to }: Turn): string {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const frame = (id: number) => {
    const { functionName, url, lineNumber } = nodes.get(id)!.callFrame;
    return `${functionName || 'anonymous'}@${url.split('/').at(-1)}:${lineNumber + 1}`;
  };
  const counts = new Map<string, number>();
  let at = profile.startTime;
  for (const [i, id] of (profile.samples ?? []).entries()) {
    at += profile.timeDeltas![i]!;
    if (at < from || at > to) continue;
    const names: string[] = [];
    for (let node: number | undefined = id; node !== undefined && names.length < 7; node = parents.get(node)) {
      names.push(frame(node));
    }
    const line = names.join(' < ');
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].sort((a, b) => b[1] - a[1]).slice(0, STACK_LINES);
  return `${cpuMs.toFixed(1)} ms CPU, ${((to - from) / 1000).toFixed(1)} ms\n${lines.map(([line, n]) => `   ${n} ${line}`).join('\n')}`;
}

async function start(): Promise<void> {
  if (profiler !== null) await profiler.post('Profiler.start');
  turn();
  longest = [];
  measuring = true;
}

async function stop(): Promise<SliceReport> {
  turn();
  measuring = false;
  const longestMs = longest[0]?.cpuMs ?? 0;
  if (profiler === null) return { longestMs, stacks: [] };
  const { profile } = await profiler.post('Profiler.stop');
  return { longestMs, stacks: longest.map((each) => stackText(profile, each)) };
}

if (profiler !== null) {
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
}
setInterval(turn, 1).unref();
process.on('message', async (message: 'start' | 'stop') => {
  process.send!(message === 'start' ? 'started' : await stop());
  if (message === 'start') await start();
});
process.channel?.unref();
