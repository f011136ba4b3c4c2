/**
 * Writes a signed C2PA manifest into an MP4 or PNG: that it is synthetic, by which generator, and a hash of the whole file. The certificate
 * is made for one export and its key is never written: a reader finds the file unchanged since, and the signer unknown.
 * The library is young (0.9); everything that is peculiar about it stays in this file.
 */
import 'reflect-metadata';
import { randomUUID, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { BMFF, PNG } from '@trustnxt/c2pa-ts/asset';
import type { Signer } from '@trustnxt/c2pa-ts/cose';
import {
  ActionAssertion,
  BMFFHashAssertion,
  DataHashAssertion,
  ManifestStore,
} from '@trustnxt/c2pa-ts/manifest';

export type { Signer };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** COSE's name of it. */
const es256 = -7;
/** What a C2PA certificate must be good for (C2PA 2.1, 14.5.1): signing mail, which needs no agreement with anybody. */
const emailProtection = '1.3.6.1.5.5.7.3.4';
const validYears = 10;

/** A signer with a certificate below a root of its own: one that vouches for itself is refused by readers. */
export async function createSigner(): Promise<Signer> {
  const { subtle } = webcrypto;
  const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
    subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const [rootKeys, keys] = [await newKeys(), await newKeys()];
  const notBefore = new Date();
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notBefore.getFullYear() + validYears);
  const about = { notBefore, notAfter, signingAlgorithm: algorithm };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...about,
    serialNumber: '01',
    name: 'CN=masque export root, O=masque',
    keys: rootKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...about,
    serialNumber: '02',
    subject: 'CN=masque export, O=masque',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([emailProtection]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  return {
    algorithm: es256,
    certificate,
    chainCertificates: [root],
    // The library's own signer writes DER; COSE wants the two numbers side by side, as Web Crypto gives them.
    sign: async (payload) => new Uint8Array(await subtle.sign(algorithm, keys.privateKey, payload)),
  };
}

/** What a fake is to the IPTC's list of digital sources: drawn whole by a trained model, composed with what one drew, or without any model. */
export type SourceType =
  | 'trainedAlgorithmicMedia'
  | 'compositeWithTrainedAlgorithmicMedia'
  | 'compositeSynthetic';

/** The file with its manifest. `bytes`: a whole MP4 (index before or behind the media) or PNG. Throws on other files. */
export async function signFake(
  bytes: Uint8Array,
  { generator, source, signer }: { generator: string; source: SourceType; signer: Signer },
): Promise<Uint8Array> {
  const isPng = PNG.canRead(bytes);
  const store = new ManifestStore();
  const manifest = store.createManifest({
    assetFormat: isPng ? 'image/png' : 'video/mp4',
    instanceID: `xmp:iid:${randomUUID()}`,
    defaultHashAlgorithm: 'SHA-256',
    signer,
  });
  const actions = new ActionAssertion();
  actions.actions.push({
    action: 'c2pa.created',
    digitalSourceType: `http://cv.iptc.org/newscodes/digitalsourcetype/${source}`,
    softwareAgent: { name: `masque, generator ${generator}` },
  } as (typeof actions.actions)[number]);
  manifest.addAssertion(actions);
  const hash = isPng ? DataHashAssertion.create('SHA-256') : BMFFHashAssertion.createV2('masque', 'SHA-256');
  manifest.addAssertion(hash);
  const asset = isPng ? new PNG(bytes) : mp4(bytes, store.measureSize());
  await asset.ensureManifestSpace(store.measureSize());
  await hash.updateWithAsset(asset);
  await manifest.sign(signer);
  await asset.writeManifestJUMBF(store.getBytes());
  return asset.getDataRange();
}

/** What the box takes besides the manifest: size, type, extended type, version, purpose, offset (C2PA 2.1, A.5.1). */
const boxOverheadBytes = 4 + 4 + 16 + 4 + 'manifest\0'.length + 8;

/** The library puts the box behind the file type and moves all else, but knows HEIC alone: not MP4's name, nor its table of where the media lie. */
function mp4(bytes: Uint8Array, manifestBytes: number): BMFF {
  (BMFF as unknown as { canReadBrands: Set<string> }).canReadBrands.add('isom');
  const moved = bytes.slice();
  moveChunks(moved, manifestBytes + boxOverheadBytes);
  return new BMFF(moved);
}

const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

/** Adds `by` to every place in the file that the boxes between `start` and `end` name (ISO/IEC 14496-12, 8.7.5). */
function moveChunks(bytes: Uint8Array, by: number, start = 0, end = bytes.length): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at + 8 <= end; ) {
    const short = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const header = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short || end - at;
    if (size < header || at + size > end) throw new Error(`the box ${type} at ${at} is not whole`);
    if (containers.has(type)) moveChunks(bytes, by, at + header, at + size);
    const count = type === 'stco' || type === 'co64' ? view.getUint32(at + header + 4) : 0;
    for (let i = 0; i < count; i++) {
      const entry = at + header + 8;
      if (type === 'stco') view.setUint32(entry + 4 * i, view.getUint32(entry + 4 * i) + by);
      else view.setBigUint64(entry + 8 * i, view.getBigUint64(entry + 8 * i) + BigInt(by));
    }
    at += size;
  }
}
