// SCRAM: the RFC's own example, verifiers, mocks, channel binding flags and malformed messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saslPrep } from './sasl-prep.ts';
import {
  createScramVerifier,
  mockScramVerifier,
  parseScramVerifier,
  SCRAM,
  SCRAM_PLUS,
  ScramExchange,
} from './scram.ts';

// RFC 7677, section 3
const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const CLIENT_NONCE = 'rOprNGfwEbeRWgbNEkqO';
const SERVER_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const FINAL = `c=biws,r=${CLIENT_NONCE}${SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;

function exchange(): ScramExchange {
  return new ScramExchange(parseScramVerifier(createScramVerifier('pencil', SALT, 4096))!, null);
}

test('the example of RFC 7677', () => {
  const scram = exchange();
  const first = scram.first(SCRAM, `n,,n=user,r=${CLIENT_NONCE}`, SERVER_NONCE);
  assert.equal(first, `r=${CLIENT_NONCE}${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
  assert.equal(scram.final(FINAL), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

test('a wrong proof, a wrong nonce, malformed messages', () => {
  const begun = (): ScramExchange => {
    const scram = exchange();
    scram.first(SCRAM, `n,,n=user,r=${CLIENT_NONCE}`, SERVER_NONCE);
    return scram;
  };
  assert.equal(begun().final(FINAL.replace('p=d', 'p=e')), null);
  assert.throws(() => begun().final(FINAL.replace(CLIENT_NONCE, 'other')), /invalid SCRAM response/);
  assert.throws(() => begun().final(FINAL.replace('c=biws', 'c=eSws')), /malformed SCRAM message/);
  assert.throws(() => begun().final(FINAL.slice(0, -1)), /malformed SCRAM message/);
  for (const bad of ['', 'n', 'x,,n=,r=a', 'n,,r=a', 'n,,n=,r=', 'n,,n=,r=a b\u007f']) {
    assert.throws(() => exchange().first(SCRAM, bad), /malformed SCRAM message/, bad);
  }
  assert.throws(() => exchange().first(SCRAM, 'n,a=me,n=,r=a'), /authorization identity/);
});

test('channel binding: a downgrade is noticed', () => {
  const verifier = mockScramVerifier('u', Buffer.from('secret'));
  const bound = () => new ScramExchange(verifier, Buffer.from('hash'));
  assert.throws(() => bound().first(SCRAM, 'y,,n=,r=a'), /channel binding negotiation error/);
  assert.throws(() => bound().first(SCRAM_PLUS, 'n,,n=,r=a'), /malformed/);
  assert.throws(
    () => bound().first(SCRAM_PLUS, 'p=tls-unique,,n=,r=a'),
    /unsupported SCRAM channel-binding type "tls-unique"/,
  );
  assert.match(bound().first(SCRAM_PLUS, 'p=tls-server-end-point,,n=,r=a'), /^r=a/);
  assert.match(bound().first(SCRAM, 'n,,n=,r=a'), /^r=a/);
});

test('verifiers: format, and mocks that look the same each time', () => {
  assert.match(
    createScramVerifier('x'),
    /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/,
  );
  assert.equal(parseScramVerifier('md5abc'), null);
  const secret = Buffer.from('server secret');
  assert.deepEqual(mockScramVerifier('u', secret).salt, mockScramVerifier('u', secret).salt);
  assert.notDeepEqual(mockScramVerifier('u', secret).salt, mockScramVerifier('v', secret).salt);
});

test('SASLprep: the examples of RFC 4013', () => {
  assert.equal(saslPrep('I\u00adX').toString(), 'IX');
  assert.equal(saslPrep('\u00aa').toString(), 'a');
  assert.equal(saslPrep('\u2168').toString(), 'IX');
  assert.equal(saslPrep('\u0007').toString(), '\u0007');
  assert.equal(saslPrep('\u0627\u0031').toString(), '\u0627\u0031');
});
