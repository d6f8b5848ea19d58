import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** Appends to `path`; a full file becomes `path.1`, so both together never take more than twice `maxBytes`. */
export class BoundedLogFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #fd: number;
  #sizeBytes: number;

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#fd = openSync(path, 'a', 0o600);
    this.#sizeBytes = fstatSync(this.#fd).size;
  }

  write(chunk: Uint8Array): void {
    if (this.#sizeBytes + chunk.length > this.#maxBytes) this.rotate();
    writeSync(this.#fd, chunk);
    this.#sizeBytes += chunk.length;
  }

  close(): void {
    closeSync(this.#fd);
  }

  private rotate(): void {
    closeSync(this.#fd);
    renameSync(this.#path, `${this.#path}.1`);
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#sizeBytes = 0;
  }
}
