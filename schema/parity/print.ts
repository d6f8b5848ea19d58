import { writeFile } from 'node:fs/promises';
import { readParity, renderParity } from './parity.ts';

// Writes docs/api-parity.md from the sources.
await writeFile('docs/api-parity.md', renderParity(await readParity('.')));
