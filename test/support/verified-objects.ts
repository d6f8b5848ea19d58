import type { PackedObject } from '../../src/git/pack-entry.ts';
import { verifyPack } from '../../src/git/pack-verifier.ts';

/** What is in a pack. @throws {CorruptPack} when it is damaged. */
export async function verifiedObjects(pack: Buffer): Promise<PackedObject[]> {
  const objects: PackedObject[] = [];
  for await (const object of verifyPack([pack], pack.subarray(-20))) objects.push(object);
  return objects;
}
