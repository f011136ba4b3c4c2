/** The key with which a service signs: Ed25519, made when it is first needed, in its folder and nowhere else. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../files.ts';
import { ownTag } from '../process-tag.ts';

/** The private key of the service in `folder`. Throws as `fs` does. */
export async function signingKey(folder: string): Promise<KeyObject> {
  const path = join(folder, 'keys', 'evidence.pem');
  const found = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found) return createPrivateKey(found);
  await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  const made = join(folder, 'keys', `.evidence.${ownTag()}.tmp`);
  const file = await open(made, 'w', 0o600);
  try {
    await file.writeFile(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await file.sync();
  } finally {
    await file.close();
  }
  // Of two that make one at once, the key of the first stands.
  await link(made, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(made);
  await syncFolder(join(folder, 'keys'));
  return createPrivateKey(await readFile(path));
}

/** In PEM, to be kept by those who will verify. */
export const publicKeyOf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
