// Turns an accepted socket into a TLS one, after SSLRequest or for a direct TLS hello. ALPN is offered in both cases; a
// direct connection must have negotiated it. `tls-server-end-point` (RFC 5929) is what SCRAM-SHA-256-PLUS binds to.
import { createHash, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';

export const ALPN = 'postgresql';
const MIN_VERSION = 'TLSv1.2';

export interface TlsIdentity {
  readonly context: SecureContext;
  /** the certificate's hash for channel binding, or null where none is defined (Ed25519) */
  readonly endPoint: Buffer | null;
}

/** `key` and `cert` are PEM texts. Throws what OpenSSL says about them. */
export function loadTlsIdentity(key: string | Buffer, cert: string | Buffer): TlsIdentity {
  const context = createSecureContext({ key, cert, minVersion: MIN_VERSION });
  const certificate = new X509Certificate(cert);
  const algorithm = certificateHash(certificate.signatureAlgorithm ?? '');
  const endPoint = algorithm === null ? null : createHash(algorithm).update(certificate.raw).digest();
  return { context, endPoint };
}

/** The signature's hash, but SHA-256 in place of MD5 and SHA-1. */
function certificateHash(signatureAlgorithm: string): string | null {
  const match = /(md5|sha1|sha-?224|sha-?256|sha-?384|sha-?512)/i.exec(signatureAlgorithm);
  if (match === null) return null;
  const name = match[1]!.toLowerCase().replace('-', '');
  return name === 'md5' || name === 'sha1' ? 'sha256' : name;
}

/** `received` are bytes of the hello already read. Resolves once the handshake is done; rejects with its error. */
export function upgradeToTls(socket: Socket, identity: TlsIdentity, received: Buffer): Promise<TLSSocket> {
  // Paused before unshift: otherwise the hello is emitted to nobody and the handshake hangs.
  socket.pause();
  socket.removeAllListeners('data');
  if (received.length > 0) socket.unshift(received);
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: identity.context,
    ALPNProtocols: [ALPN],
  });
  return new Promise((resolve, reject) => {
    secure.once('secure', () => resolve(secure));
    secure.once('error', reject);
    secure.once('_tlsError', reject);
    secure.once('close', () => reject(new Error('connection closed during TLS handshake')));
  });
}
