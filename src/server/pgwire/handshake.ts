// From the first byte to AuthenticationOk: TLS, protocol negotiation, cancel requests, credentials. Reads from Input, writes
// to Output, throws SqlErrors that the connection reports FATAL and FramingErrors after which it closes silently.
import type { Socket } from 'node:net';
import { sqlError } from '../../errors/sql-error.ts';
import type { RoleVerifier, SessionFactory } from '../../session/session-contract.ts';
import { BodyReader } from './frontend-messages.ts';
import type { Input } from './input.ts';
import { authLimits, type Frame, FramingError } from './message-reader.ts';
import {
  writeAuthenticationOk,
  writeAuthenticationSasl,
  writeAuthenticationSaslData,
  writeNegotiateProtocolVersion,
} from './message-writer.ts';
import { connectionLost, type Output } from './output.ts';
import { mockScramVerifier, parseScramVerifier, SCRAM, SCRAM_PLUS, ScramExchange } from './scram.ts';
import { type FirstPacket, parseFirstPacket, type StartupRequest } from './startup-packet.ts';
import { ALPN, type TlsIdentity, upgradeToTls } from './tls-upgrade.ts';

const TLS_HANDSHAKE_RECORD = 0x16;

export interface HandshakeParts {
  readonly input: Input;
  readonly output: Output;
  readonly tls: TlsIdentity | null;
  readonly factory: Pick<SessionFactory, 'roleVerifier'>;
  readonly mockSecret: Uint8Array;
  socket: Socket;
  /** the connection moves to the TLS socket */
  switchTo(socket: Socket): void;
  /** called when the startup packet is there, before credentials; may throw 53300 or 57P03 */
  admit(request: StartupRequest): void;
}

export type FirstRequest = Extract<FirstPacket, { kind: 'startup' | 'cancel' }>;

/** Answers SSLRequest and GSSENCRequest and returns what the client really wants; null if it left. */
export async function receiveFirstRequest(
  parts: HandshakeParts,
): Promise<{ request: FirstRequest; encrypted: boolean } | null> {
  const { input } = parts;
  let encrypted = false;
  let sslAsked = false;
  let gssAsked = false;
  if (input.reader.buffered === 0 && !(await input.more())) return null;
  if (input.reader.peekByte() === TLS_HANDSHAKE_RECORD) {
    await acceptDirectTls(parts);
    encrypted = sslAsked = gssAsked = true;
  }
  for (;;) {
    const body = input.reader.takeStartupPacket();
    if (body === null) {
      if (!(await input.more())) return null;
      continue;
    }
    const packet = parseFirstPacket(body);
    if (packet.kind === 'startup' || packet.kind === 'cancel') return { request: packet, encrypted };
    const again = packet.kind === 'ssl' ? sslAsked : gssAsked;
    if (again) throw unsupportedCode(body);
    if (packet.kind === 'ssl') {
      sslAsked = true;
      encrypted = await answerSslRequest(parts);
    } else {
      gssAsked = true;
      answerByte(parts, 'N');
      refuseStuffedBytes(parts, 'GSSAPI encryption');
    }
  }
}

/** A second SSLRequest counts as a protocol version nobody knows. */
function unsupportedCode(body: Buffer): Error {
  const version = `${body.readUInt16BE(0)}.${body.readUInt16BE(2)}`;
  return sqlError('feature_not_supported', `unsupported frontend protocol ${version}: server supports 3.0 to 3.2`);
}

async function acceptDirectTls(parts: HandshakeParts): Promise<void> {
  if (parts.tls === null) throw new FramingError('direct TLS connection refused: TLS is not configured');
  const hello = parts.input.reader.takeAll();
  const secure = await secured(parts, parts.tls, hello);
  if (secure.alpnProtocol !== ALPN) {
    throw new FramingError('received direct SSL connection request without ALPN protocol negotiation extension');
  }
}

async function answerSslRequest(parts: HandshakeParts): Promise<boolean> {
  // Bytes behind an SSLRequest were sent in clear, perhaps by someone in the middle (CVE-2021-23214).
  if (parts.tls === null || parts.input.reader.buffered > 0) {
    answerByte(parts, parts.tls === null ? 'N' : 'S');
    refuseStuffedBytes(parts, 'SSL');
    return false;
  }
  const { socket } = parts;
  socket.pause();
  answerByte(parts, 'S');
  await secured(parts, parts.tls, Buffer.alloc(0));
  return true;
}

async function secured(parts: HandshakeParts, identity: TlsIdentity, hello: Buffer) {
  try {
    const secure = await upgradeToTls(parts.socket, identity, hello);
    parts.switchTo(secure);
    return secure;
  } catch (error) {
    throw new FramingError(`could not accept SSL connection: ${error instanceof Error ? error.message : error}`);
  }
}

function answerByte(parts: HandshakeParts, answer: 'S' | 'N'): void {
  parts.output.writer.byte(answer.charCodeAt(0));
  parts.output.flush();
}

function refuseStuffedBytes(parts: HandshakeParts, what: string): void {
  if (parts.input.reader.buffered === 0) return;
  const request = what === 'SSL' ? 'SSL request' : 'GSSAPI encryption request';
  throw sqlError('protocol_violation', `received unencrypted data after ${request}`, {
    detail: 'This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.',
  });
}

/** Negotiates the version and checks the credentials; AuthenticationOk is written but not flushed. */
export async function authenticate(
  parts: HandshakeParts,
  request: StartupRequest,
  encrypted: boolean,
  remoteAddress: string,
): Promise<void> {
  const { writer } = parts.output;
  parts.admit(request);
  if (request.negotiate !== null) {
    writeNegotiateProtocolVersion(writer, request.negotiate.version, request.negotiate.options);
  }
  const verifier = await parts.factory.roleVerifier(request.user, remoteAddress);
  if (verifier.kind !== 'trust') await runScram(parts, request.user, verifier, encrypted);
  writeAuthenticationOk(writer);
}

async function runScram(
  parts: HandshakeParts,
  user: string,
  verifier: RoleVerifier,
  encrypted: boolean,
): Promise<void> {
  const { output } = parts;
  const stored = verifier.kind === 'scram' ? parseScramVerifier(verifier.verifier) : null;
  const endPoint = encrypted ? (parts.tls?.endPoint ?? null) : null;
  const mechanisms = endPoint === null ? [SCRAM] : [SCRAM_PLUS, SCRAM];
  const exchange = new ScramExchange(stored ?? mockScramVerifier(user, parts.mockSecret), endPoint);

  writeAuthenticationSasl(output.writer, mechanisms);
  output.flush();
  const initial = new BodyReader((await nextAuthMessage(parts)).body);
  const mechanism = initial.string();
  if (!mechanisms.includes(mechanism)) {
    throw sqlError('protocol_violation', 'client selected an invalid SASL authentication mechanism');
  }
  const length = initial.int32();
  const clientFirst = length === -1 ? '' : initial.bytes(length).toString('utf8');
  initial.end();
  writeAuthenticationSaslData(output.writer, 11, exchange.first(mechanism, clientFirst));
  output.flush();

  const clientFinal = (await nextAuthMessage(parts)).body.toString('utf8');
  const serverFinal = exchange.final(clientFinal);
  if (serverFinal === null || stored === null) {
    throw sqlError('invalid_password', `password authentication failed for user "${user}"`);
  }
  writeAuthenticationSaslData(output.writer, 12, serverFinal);
}

async function nextAuthMessage(parts: HandshakeParts): Promise<Frame> {
  const { input } = parts;
  for (;;) {
    const type = input.reader.peekByte();
    if (type >= 0 && authLimits(type) < 0) {
      throw sqlError('protocol_violation', `expected SASL response, got message type ${type}`);
    }
    const frame = input.next(authLimits);
    if (frame !== null) return frame;
    if (!(await input.more())) throw connectionLost();
  }
}
