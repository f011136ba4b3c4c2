/** The store at an address. */
import { resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { openFolderStore } from './folder.ts';
import { openS3Store } from './s3.ts';
import type { Store } from './store.ts';

/** `address`: a folder, made when needed, or `s3://bucket/prefix`. @throws UserError where nothing can be kept there. */
export async function openStore(address: string, note: (message: string) => void): Promise<Store> {
  if (address.startsWith('s3://')) return openS3Store(address, note);
  if (/^[a-z][a-z0-9+.-]*:\//i.test(address))
    throw new UserError(`--store ${withoutPassword(address)}: expected a folder or s3://bucket/prefix`);
  return openFolderStore(resolve(address), note);
}

const withoutPassword = (address: string): string => address.replace(/:\/\/[^@/]*@/, '://');
