// SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side, and PostgreSQL's verifier format
// `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. Pure: strings in, strings out. For an unknown role the exchange runs
// to its end against a mock verifier with a salt that stays the same per role, so that nothing tells who exists.
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { sqlError } from '../../errors/sql-error.ts';
import { saslPrep } from './sasl-prep.ts';

export const SCRAM = 'SCRAM-SHA-256';
export const SCRAM_PLUS = 'SCRAM-SHA-256-PLUS';
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const NONCE_BYTES = 18;
const KEY_BYTES = 32;

export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

function hmac(key: Uint8Array, data: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** The verifier to store for a password. Takes some milliseconds. */
export function createScramVerifier(
  password: string,
  salt: Buffer = randomBytes(SALT_BYTES),
  iterations = ITERATIONS,
): string {
  const salted = pbkdf2Sync(saslPrep(password), salt, iterations, KEY_BYTES, 'sha256');
  const storedKey = sha256(hmac(salted, 'Client Key')).toString('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `${SCRAM}$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

const VERIFIER = /^SCRAM-SHA-256\$([1-9][0-9]{0,8}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** null if the text is not a verifier (then it is a password in clear). */
export function parseScramVerifier(text: string): ScramVerifier | null {
  const match = VERIFIER.exec(text);
  if (match === null) return null;
  const salt = Buffer.from(match[2]!, 'base64');
  const storedKey = Buffer.from(match[3]!, 'base64');
  const serverKey = Buffer.from(match[4]!, 'base64');
  if (salt.length === 0 || storedKey.length !== KEY_BYTES || serverKey.length !== KEY_BYTES) return null;
  return { iterations: Number(match[1]), salt, storedKey, serverKey };
}

/** A verifier that no password fits, the same for the same user and secret. */
export function mockScramVerifier(user: string, secret: Uint8Array): ScramVerifier {
  const salt = hmac(secret, user).subarray(0, SALT_BYTES);
  return { iterations: ITERATIONS, salt, storedKey: randomBytes(KEY_BYTES), serverKey: randomBytes(KEY_BYTES) };
}

/** One exchange. `channelBinding` is the certificate hash (tls-server-end-point), or null where PLUS is not offered. */
export class ScramExchange {
  readonly #verifier: ScramVerifier;
  readonly #channelBinding: Buffer | null;
  #gs2Header = '';
  #usesBinding = false;
  #clientFirstBare = '';
  #serverFirst = '';
  #nonce = '';

  constructor(verifier: ScramVerifier, channelBinding: Buffer | null) {
    this.#verifier = verifier;
    this.#channelBinding = channelBinding;
  }

  /** client-first-message -> server-first-message. `nonce` is only given by tests. */
  first(mechanism: string, message: string, nonce: string = randomBytes(NONCE_BYTES).toString('base64')): string {
    const header = /^([nyp])(?:=([^,]*))?,([^,]*),/.exec(message);
    if (header === null) throw malformed('Client sent an unexpected channel-binding flag or header.');
    this.#checkBindingFlag(mechanism, header[1]!, header[2]);
    if (header[3] !== '') throw unsupported('client uses authorization identity, but it is not supported');
    this.#gs2Header = header[0];
    this.#clientFirstBare = message.slice(header[0].length);
    if (this.#clientFirstBare.startsWith('m=')) throw unsupported('client requires an unsupported SCRAM extension');
    const parts = /^n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?$/s.exec(this.#clientFirstBare);
    if (parts === null) throw malformed('The client-first message is not well-formed.');
    this.#nonce = parts[2]! + nonce;
    this.#serverFirst = `r=${this.#nonce},s=${this.#verifier.salt.toString('base64')},i=${this.#verifier.iterations}`;
    return this.#serverFirst;
  }

  #checkBindingFlag(mechanism: string, flag: string, type: string | undefined): void {
    this.#usesBinding = mechanism === SCRAM_PLUS;
    if (flag === 'p') {
      if (!this.#usesBinding)
        throw malformed(
          'The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.',
        );
      if (type !== 'tls-server-end-point') {
        throw sqlError('protocol_violation', `unsupported SCRAM channel-binding type "${type ?? ''}"`);
      }
      return;
    }
    if (type !== undefined) throw malformed('Client sent an unexpected channel-binding flag or header.');
    if (this.#usesBinding) {
      throw malformed(
        'The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.',
      );
    }
    if (flag === 'y' && this.#channelBinding !== null) {
      throw sqlError('invalid_authorization_specification', 'SCRAM channel binding negotiation error', {
        detail:
          'The client supports SCRAM channel binding but thinks the server does not. However, this server does support channel binding.',
      });
    }
  }

  /** client-final-message -> server-final-message, or null if the proof is wrong. */
  final(message: string): string | null {
    const parts = /^c=([^,]*),r=([^,]*)(?:,.*)?,p=([^,]*)$/s.exec(message);
    if (parts === null) throw malformed('The client-final message is not well-formed.');
    const [, binding, nonce, proofText] = parts;
    const header = Buffer.from(this.#gs2Header, 'utf8');
    const bound = this.#usesBinding ? Buffer.concat([header, this.#channelBinding!]) : header;
    if (binding !== bound.toString('base64')) {
      if (this.#usesBinding)
        throw sqlError('invalid_authorization_specification', 'SCRAM channel binding check failed');
      throw malformed('Unexpected SCRAM channel-binding attribute in client-final-message.');
    }
    if (nonce !== this.#nonce) {
      throw sqlError('protocol_violation', 'invalid SCRAM response', { detail: 'Nonce does not match.' });
    }
    const proof = Buffer.from(proofText!, 'base64');
    if (proof.length !== KEY_BYTES || proof.toString('base64') !== proofText)
      throw malformed('Malformed proof in client-final-message.');
    const withoutProof = message.slice(0, message.lastIndexOf(',p='));
    const authMessage = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`;
    const signature = hmac(this.#verifier.storedKey, authMessage);
    const clientKey = Buffer.alloc(KEY_BYTES);
    for (let i = 0; i < KEY_BYTES; i++) clientKey[i] = proof[i]! ^ signature[i]!;
    if (!timingSafeEqual(sha256(clientKey), this.#verifier.storedKey)) return null;
    return `v=${hmac(this.#verifier.serverKey, authMessage).toString('base64')}`;
  }
}

function malformed(detail: string): Error {
  return sqlError('protocol_violation', 'malformed SCRAM message', { detail });
}

function unsupported(message: string): Error {
  return sqlError('feature_not_supported', message);
}
