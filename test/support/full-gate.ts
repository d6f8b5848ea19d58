import type { UploadGate } from '../../src/domain/xet/upload-gate.ts';

const { signal } = new AbortController();

/** Takes all the room there is. @returns what gives it back. */
export async function fill(gate: UploadGate): Promise<() => Promise<void>> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const done = gate.run({ weight: Infinity, signal }, async () => {
    entered.resolve();
    await promise;
  });
  await entered.promise;
  return async () => {
    resolve();
    await done;
  };
}
