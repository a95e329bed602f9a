// The codec on its own: what pg-protocol's client side writes is read back, however the bytes are cut; limits and bad
// messages; what the writer writes is understood by pg-protocol's parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse as parseBackend, serialize } from 'pg-protocol';
import { sqlError } from '../../errors/sql-error.ts';
import { scriptedField } from '../../testing/scripted-session.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { INT4 } from '../../types/sql-type.ts';
import { decodeBind, decodeExecute, decodeParse, decodeQuery, decodeTarget } from './frontend-messages.ts';
import { type Frame, FramingError, MessageReader, messageLimits } from './message-reader.ts';
import {
  MessageWriter,
  writeError,
  writeNotification,
  writeReadyForQuery,
  writeRowDescription,
} from './message-writer.ts';

const limits = messageLimits(1024 * 1024);

const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
const message = fc.oneof(
  text.map((value) => ({
    bytes: serialize.query(value),
    check: (body: Buffer) => assert.equal(decodeQuery(body), value),
  })),
  fc.tuple(text, text, fc.array(fc.nat(70_000), { maxLength: 5 })).map(([name, query, types]) => ({
    bytes: serialize.parse({ name, text: query, types }),
    check: (body: Buffer) => assert.deepEqual(decodeParse(body), { name, text: query, paramTypeOids: types }),
  })),
  fc
    .tuple(text, text, fc.array(fc.option(text), { maxLength: 5 }), fc.boolean())
    .map(([portal, statement, values, binary]) => ({
      bytes: serialize.bind({ portal, statement, values, binary }),
      check: (body: Buffer) => {
        const bind = decodeBind(body);
        assert.deepEqual([bind.portal, bind.statement, bind.resultFormats], [portal, statement, [binary ? 1 : 0]]);
        assert.deepEqual(bind.values.map((value) => (value === null ? null : Buffer.from(value).toString())), values); // biome-ignore format: one call
      },
    })),
  fc.tuple(text, fc.nat()).map(([portal, rows]) => ({
    bytes: serialize.execute({ portal, rows }),
    check: (body: Buffer) => assert.deepEqual(decodeExecute(body), { portal, maxRows: rows }),
  })),
  fc.tuple(fc.constantFrom('S' as const, 'P' as const), text).map(([type, name]) => ({
    bytes: serialize.describe({ type, name }),
    check: (body: Buffer) => assert.deepEqual(decodeTarget(body, 'DESCRIBE'), { target: type, name }),
  })),
  fc.uint8Array({ maxLength: 200 }).map((data) => ({
    bytes: serialize.copyData(Buffer.from(data)),
    check: (body: Buffer) => assert.deepEqual(Buffer.from(body), Buffer.from(data)),
  })),
);

test('messages are read back however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (messages, cuts) => {
        const stream = Buffer.concat(messages.map(({ bytes }) => bytes));
        const reader = new MessageReader();
        const frames: Frame[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          reader.push(Buffer.from(stream.subarray(at, at + length)));
          at += length;
          for (let frame = reader.takeMessage(limits); frame !== null; frame = reader.takeMessage(limits))
            frames.push(frame);
        }
        assert.equal(reader.buffered, 0);
        assert.equal(frames.length, messages.length);
        // Bodies stay valid although later chunks came in.
        frames.forEach((frame, i) => {
          messages[i]!.check(frame.body);
        });
      },
    ),
    { numRuns: 300 },
  );
});

test('a long message in small pieces is copied a constant number of times', () => {
  const reader = new MessageReader();
  const whole = serialize.copyData(Buffer.alloc(1_000_000, 7));
  const before = process.cpuUsage(); // work, not time: the machine may be busy with something else
  for (let at = 0; at < whole.length; at += 100) reader.push(whole.subarray(at, at + 100));
  assert.ok(process.cpuUsage(before).user < 500_000);
  assert.equal(reader.takeMessage(limits)!.body.length, 1_000_000);
});

test('bad types and lengths are refused before their bytes are awaited', () => {
  const refused = (...bytes: number[]) => {
    const reader = new MessageReader();
    reader.push(Buffer.from(bytes));
    try {
      reader.takeMessage(limits);
    } catch (error) {
      assert.ok(error instanceof FramingError);
      return error;
    }
    return null;
  };
  assert.equal(refused(121)?.fatal?.message, 'invalid frontend message type 121');
  assert.equal(refused(0x51, 0x7f, 0xff, 0xff, 0xff)?.fatal, null);
  assert.equal(refused(0x51, 0, 0, 0, 3)?.message, 'invalid message length');
  assert.equal(refused(0x53, 0, 0, 0x27, 0x11)?.message, 'invalid message length');
  assert.equal(refused(0x53, 0, 0, 0, 4), null);
});

test('malformed bodies have PostgreSQL’s texts', () => {
  const says = (pattern: RegExp, act: () => unknown) => assert.throws(act, pattern);
  says(/^SqlError: invalid string in message/, () => decodeQuery(Buffer.from('abc')));
  says(/^SqlError: invalid message format/, () => decodeQuery(Buffer.from('abc\0d')));
  says(/^SqlError: insufficient data left in message/, () => decodeBind(Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 9])));
  says(/bind message has 2 parameter formats but 0 parameters/, () =>
    decodeBind(Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])),
  );
  says(/unsupported format code: 7/, () => decodeBind(Buffer.from([0, 0, 0, 1, 0, 7, 0, 0, 0, 0])));
  says(/invalid byte sequence for encoding "UTF8": 0xc3 0x28/, () => decodeQuery(Buffer.from([0x61, 0xc3, 0x28, 0])));
  says(/invalid byte sequence for encoding "UTF8": 0xed 0xa0 0x80/, () =>
    decodeQuery(Buffer.from([0xed, 0xa0, 0x80, 0])),
  );
  says(/invalid DESCRIBE message subtype 88/, () => decodeTarget(Buffer.from([88, 0]), 'DESCRIBE'));
});

test('what the writer writes, a client understands', async () => {
  const writer = new MessageWriter();
  writeRowDescription(writer, [scriptedField('größe', INT4)], null);
  writeNotification(writer, 7, 'topic', 'payload');
  const details = {
    detail: 'd',
    hint: 'h',
    position: 3,
    context: 'w',
    schema: 's',
    table: 't',
    column: 'c',
    dataType: 'y',
    constraint: 'n',
  };
  writeError(writer, 'ERROR', sqlError('unique_violation', 'no\0pe', details));
  writeReadyForQuery(writer, 'E');
  const stream = (await import('node:stream')).Readable.from([writer.take()]);
  const seen: Record<string, unknown>[] = [];
  await parseBackend(stream as never, (backend) =>
    seen.push({ ...(backend as object), message: (backend as { message?: string }).message }),
  );
  assert.deepEqual(seen.map(({ name }) => name), ['rowDescription', 'notification', 'error', 'readyForQuery']); // biome-ignore format: one call
  const { code, message, where, position, constraint, dataType } = seen[2]!;
  assert.deepEqual([code, message, where, position, constraint, dataType], ['23505', 'no', 'w', '3', 'n', 'y']);
  assert.equal(seen[3]!.status, 'E');
});
