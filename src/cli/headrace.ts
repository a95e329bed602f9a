#!/usr/bin/env node
// The command line: `serve` starts the server's process; every other command is a client of the wire protocol.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runDemo } from './demo/run-demo.ts';
import { printStatus } from './status.ts';

const program = new Command('headrace').description('A streaming SQL database that speaks the PostgreSQL protocol.');

program
  .command('serve', { isDefault: false })
  .description('start the server; options as `npm start -- --help` lists them')
  .allowUnknownOption()
  .argument('[options...]')
  .action(() => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts'), ...process.argv.slice(3)], {
      stdio: 'inherit',
    });
    child.on('exit', (code) => process.exit(code ?? 1));
  });

program
  .command('demo')
  .description('3 million real flights through a continuous query, pushed to a subscriber')
  .option('--speed <rows>', 'rows per second to send; "max" for as fast as it goes', speed, 50_000)
  .option('--rows <count>', 'flights to send', wholeNumber, 3_000_000)
  .addOption(portOption('port of the server that the demo starts'))
  .option('--window <interval>', 'size of the windows', '1 hour')
  .option('--stay', 'leave the server up at the end, until Ctrl-C')
  .action((options) => runDemo(options));

program
  .command('status')
  .description('say whether a server answers, and what it does')
  .option('--host <address>', 'its address', '127.0.0.1')
  .addOption(portOption('its port'))
  .action((options) => printStatus(options));

/** A number above zero. */
function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above zero.');
  return Number(text);
}

function speed(text: string): number {
  return text === 'max' ? Number.POSITIVE_INFINITY : wholeNumber(text);
}

function portOption(description: string): Option {
  const port = (text: string) => {
    if (wholeNumber(text) > 65_535) throw new InvalidArgumentError('A port is at most 65535.');
    return Number(text);
  };
  return new Option('--port <port>', description).argParser(port).default(7432);
}

/** What went wrong in the reader's words; a server's answer has more to say than its message. */
function explain(error: unknown): string {
  const { message, detail, hint } = error as { message?: string; detail?: string; hint?: string };
  const lines = [`headrace: ${message ?? String(error)}`];
  if (detail !== undefined) lines.push(`DETAIL: ${detail}`);
  if (hint !== undefined) lines.push(`HINT: ${hint}`);
  return `${lines.join('\n')}\n`;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(explain(error));
  process.exitCode = 1;
}
