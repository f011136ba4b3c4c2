/** The store at an address. */
import { resolve } from 'node:path';
import { openFolderStore } from './folder.ts';
import { openS3Store } from './s3.ts';
import type { Store } from './store.ts';

/** `address`: a folder, made when needed, or `s3://bucket/prefix`. @throws UserError where nothing can be kept there. */
export function openStore(address: string, note: (message: string) => void): Promise<Store> {
  return address.startsWith('s3://') ? openS3Store(address, note) : openFolderStore(resolve(address), note);
}
