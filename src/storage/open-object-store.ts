import type { Config } from '../config.ts';
import { DirectoryObjectStore } from './directory-object-store.ts';
import type { ObjectStore } from './object-store.ts';

export interface OpenStoreOptions {
  /** Where objects live when no S3 store is configured. */
  readonly directory: string;
  /** Signs the URLs of the directory store. */
  readonly signingSecret: Uint8Array;
}

/** The configured object store. The S3 client is loaded only when it is used: it is large. */
export async function openObjectStore(config: Config, options: OpenStoreOptions): Promise<ObjectStore> {
  if (config.s3) {
    const { S3ObjectStore } = await import('./s3-object-store.ts');
    return S3ObjectStore.open(config.s3);
  }
  return DirectoryObjectStore.open({
    root: options.directory,
    publicBaseUrl: config.baseUrl,
    secret: options.signingSecret,
  });
}
