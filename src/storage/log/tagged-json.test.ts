import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turnsDuring } from '../../testing/turn-counter.ts';
import { parseTagged, stringifyTagged, stringifyTaggedInPieces } from './tagged-json.ts';

test('the text made in pieces is the text made at once, and others have their turn meanwhile', async () => {
  const value = {
    epoch: 12n,
    'a "name"': 'text',
    none: undefined,
    nothing: null,
    empty: [],
    nested: { $bigint: 'no number', list: [1n, { $plain: 1 }] },
    items: Array.from({ length: 200 }, (_, i) => ({ i, big: BigInt(i), left: undefined, bytes: new Uint8Array([i]) })),
  };
  let text = '';
  const turns = await turnsDuring(async () => {
    text = await stringifyTaggedInPieces(value);
  });
  assert.equal(text, stringifyTagged(value));
  assert.deepEqual((parseTagged(text) as typeof value).items[7], { i: 7, big: 7n, bytes: new Uint8Array([7]) });
  assert.ok(turns >= 25, `${turns} turns`);
});
