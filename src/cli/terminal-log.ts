// The server's log where somebody watches it in a terminal: a line of words per event. Everywhere else the lines are JSON, for programs.
import pino from 'pino';

/** What a pino logger writes its JSON lines to. */
export function terminalLog(terminal: { write(text: string): unknown }): pino.DestinationStream {
  return { write: (line) => void terminal.write(terminalLine(line)) };
}

/** `12:00:00.123 info  connection authorized  user=postgres database=postgres`; the stack of an error follows on lines of its own. */
function terminalLine(json: string): string {
  const { level, time, msg, pid: _, hostname: _host, name: _name, stack, ...fields } = JSON.parse(json);
  const word = (pino.levels.labels[level] ?? String(level)).padEnd(5);
  const told = Object.entries(fields).map(([name, value]) => `  ${name}=${plain(value)}`);
  const below = typeof stack === 'string' ? `${stack}\n` : '';
  return `${clock(time)} ${word} ${msg ?? ''}${told.join('')}\n${below}`;
}

/** The time of day where the server runs. */
function clock(ms: number): string {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}
