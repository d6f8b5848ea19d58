import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { BadRequest } from '../lib/domain-error.ts';
import type { Oid } from './oid.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** Type codes of pack entries (gitformat-pack); the database stores them too. */
export const OBJECT_TYPE_CODE = {
  commit: 1,
  tree: 2,
  blob: 3,
  tag: 4,
} as const satisfies Record<ObjectType, number>;

const TYPE_OF_CODE: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];

/** The type of a pack code, or undefined for a delta or an unknown code. */
export function objectTypeOfCode(code: number): ObjectType | undefined {
  return TYPE_OF_CODE[code];
}

/** The bytes of a tree, commit or tag do not follow Git's format; the message says where. */
export class MalformedObject extends BadRequest {}

/** The id of an object: SHA-1 over `<type> <size>\0<bytes>`. */
export function hashObject(type: ObjectType, bytes: Uint8Array): Oid {
  return createHash('sha1').update(objectHeader(type, bytes.length)).update(bytes).digest('hex') as Oid;
}

/** Hashes a blob that arrives in chunks. Git hashes the size first, so it must be known. */
export function blobHasher(sizeBytes: number): BlobHasher {
  return new BlobHasher(sizeBytes);
}

export class BlobHasher {
  readonly #sizeBytes: number;
  readonly #hash: Hash;
  #seenBytes = 0;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#hash = createHash('sha1').update(objectHeader('blob', sizeBytes));
  }

  update(chunk: Uint8Array): this {
    this.#seenBytes += chunk.length;
    this.#hash.update(chunk);
    return this;
  }

  /** @throws {BadRequest} when more or fewer bytes arrived than were announced. */
  digest(): Oid {
    if (this.#seenBytes !== this.#sizeBytes) {
      throw new BadRequest(`The file has ${this.#seenBytes} bytes, but ${this.#sizeBytes} were announced.`);
    }
    return this.#hash.digest('hex') as Oid;
  }
}

function objectHeader(type: ObjectType, sizeBytes: number): string {
  return `${type} ${sizeBytes}\0`;
}
