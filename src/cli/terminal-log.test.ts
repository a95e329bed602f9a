import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino from 'pino';
import { terminalLog } from './terminal-log.ts';

test('in a terminal a line of the log is words: time, level, message, fields', () => {
  let shown = '';
  const log = pino({ name: 'headrace' }, terminalLog({ write: (text) => (shown += text) }));
  log.info({ user: 'ann', query: 'SELECT 1', processId: 7 }, 'connection authorized');
  assert.match(
    shown,
    /^\d\d:\d\d:\d\d\.\d{3} info {2}connection authorized {2}user=ann {2}query="SELECT 1" {2}processId=7\n$/,
  );
});

test('an error shows its stack below its line', () => {
  let shown = '';
  const log = pino({}, terminalLog({ write: (text) => (shown += text) }));
  log.fatal({ cause: 'broken', stack: 'Error: broken\n    at x.ts:1:1' }, 'crashed');
  assert.match(shown, / fatal crashed {2}cause=broken\nError: broken\n {4}at x\.ts:1:1\n$/);
});
