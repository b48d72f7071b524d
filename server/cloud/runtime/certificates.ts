import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';

const MAX_CACHED = 512;

/** The certificate authority of one installation: functions trust it, nothing else does. */
export interface CertificateAuthority {
  /** PEM of the authority's certificate. */
  readonly certificate: string;
  /** The TLS context for a host name or address; minted on first use (about 0.3 ms), then cached. */
  contextFor(host: string): SecureContext;
}

/** Loads the authority from `directory`, or makes it: P-256, the key in a file of mode 0600. */
export async function loadCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  const file = path.join(directory, 'authority.pem');
  if (!existsSync(file)) {
    await mkdir(directory, { recursive: true, mode: 0o711 });
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const name = `Lambda Range ${randomBytes(4).toString('hex')}`;
    const certificate = makeCertificate({ subject: name, issuer: name, key: publicKey, signer: privateKey });
    const temporary = `${file}.${process.pid}`;
    const text = `${privateKey.export({ type: 'pkcs8', format: 'pem' })}# ${name}\n${certificate}`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, file);
  }
  const text = readFileSync(file, 'utf8');
  const name = /^# (.*)$/m.exec(text)?.[1] ?? '';
  const certificate = text.slice(text.indexOf('-----BEGIN CERTIFICATE-----'));
  const signer = createPrivateKey(text);
  // One key for all hosts: only the signature differs, which keeps minting cheap.
  const host = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = host.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const cache = new Map<string, SecureContext>();
  return {
    certificate,
    contextFor(hostName) {
      const wanted = hostName.toLowerCase().slice(0, 253);
      const found = cache.get(wanted);
      if (found !== undefined) return found;
      const leaf = makeCertificate({
        subject: wanted.slice(0, 60),
        issuer: name,
        key: host.publicKey,
        signer,
        authorityKey: createPublicKey(signer),
        host: wanted,
      });
      const context = createSecureContext({ key, cert: leaf + certificate });
      if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
      cache.set(wanted, context);
      return context;
    },
  };
}

interface CertificateInput {
  subject: string;
  issuer: string;
  key: KeyObject;
  signer: KeyObject;
  authorityKey?: KeyObject;
  /** Absent: an authority's certificate. */
  host?: string;
}

// X.509 v3 by hand (RFC 5280): node:crypto cannot make certificates, and a library for these forty lines costs more to
// load than everything else here.
function makeCertificate(input: CertificateInput): string {
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const spki = input.key.export({ type: 'spki', format: 'der' });
  const extensions: Buffer[] = [extension('551d0e', octets(keyId(input.key)))];
  if (input.host === undefined) {
    extensions.push(extension('551d13', sequence(tlv(0x01, Buffer.from([0xff]))), true)); // basicConstraints CA
    extensions.push(extension('551d0f', tlv(0x03, Buffer.from([1, 0x06])), true)); // keyUsage: certificates, CRLs
  } else {
    const address = isIP(input.host) === 4 ? Buffer.from(input.host.split('.').map(Number)) : undefined;
    const alternative = address ? tlv(0x87, address) : tlv(0x82, Buffer.from(input.host, 'latin1'));
    extensions.push(extension('551d13', sequence(), true));
    extensions.push(extension('551d0f', tlv(0x03, Buffer.from([7, 0x80])), true));
    extensions.push(extension('551d25', sequence(oid('2b06010505070301')))); // serverAuth
    extensions.push(extension('551d11', sequence(alternative)));
    if (input.authorityKey) extensions.push(extension('551d23', sequence(tlv(0x80, keyId(input.authorityKey)))));
  }
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    algorithm,
    distinguishedName(input.issuer),
    // Valid far to both sides: a fork's clock may be moved.
    sequence(tlv(0x17, Buffer.from('000101000000Z')), tlv(0x18, Buffer.from('21000101000000Z'))),
    distinguishedName(input.subject),
    spki,
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, input.signer);
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function tlv(tag: number, content: Buffer): Buffer {
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Buffer[]) => tlv(0x30, Buffer.concat(parts));
const octets = (content: Buffer) => tlv(0x04, content);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(commonName, 'utf8')))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), octets(value));
}
