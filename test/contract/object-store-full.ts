import { DirectoryObjectStore } from '../../src/storage/directory-object-store.ts';
import { parseObjectKey } from '../../src/storage/keys.ts';

// Runs under a file size limit, which stands for a full disk, and prints the name of the error.
const store = await DirectoryObjectStore.open({
  root: process.argv[2] ?? '',
  publicBaseUrl: 'http://hub',
  secret: Buffer.alloc(32),
});
const bytes = Buffer.alloc(1024 * 1024);
try {
  await store.put(parseObjectKey('lfs/too-big'), bytes, { sizeBytes: bytes.length });
} catch (error) {
  process.stdout.write(error instanceof Error ? error.name : 'unknown');
}
