#!/usr/bin/env node
// The command line: `serve` starts the server's process; every other command is a client of the wire protocol.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
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
  .option('--speed <rows>', 'rows per second to send; "max" for as fast as it goes', '50000')
  .option('--rows <count>', 'flights to send', '3000000')
  .option('--port <port>', 'port of the server that the demo starts', '7432')
  .option('--window <interval>', 'size of the windows', '1 hour')
  .option('--stay', 'leave the server up at the end, until Ctrl-C')
  .action((options) => runDemo(options));

program
  .command('status')
  .description('say whether a server answers, and what it does')
  .option('--host <address>', 'its address', '127.0.0.1')
  .option('--port <port>', 'its port', '7432')
  .action((options) => printStatus(options));

await program.parseAsync();
