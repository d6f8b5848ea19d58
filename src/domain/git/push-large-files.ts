import { encodeEntryName } from '../../git/entry-name.ts';
import type { Oid } from '../../git/oid.ts';
import { scanPack } from '../../git/pack-scan.ts';
import { decodeTree, FOLDER_MODE } from '../../git/tree.ts';
import { MAX_LISTED, pathText } from './push-listing.ts';

export interface LargeFilesJob {
  /** Of a pack without an idx, which may be cut off. */
  readonly packPath: string;
  /** Larger ones are named. */
  readonly fileBytes: number;
}

export interface LargeFiles {
  /** Their paths, or what else is known of them. */
  readonly names: readonly string[];
  /** Whether the pack is there to its end; if there are no large files. */
  readonly isWhole: boolean;
}

/** Where an object stands, of what the trees tell that are whole in the pack. */
interface Place {
  readonly name: Buffer;
  readonly treeOid: Oid;
}

const MAX_LEVELS = 256;
/** Folders of larger pushes are left out of paths. */
const MAX_PLACES = 100_000;

/**
 * Files in a pack that are larger than allowed. Nothing is unpacked beyond what each
 * entry holds itself, so it needs little memory where git needs much. Never throws for what is in the pack.
 */
export async function findLargeFiles({ packPath, fileBytes }: LargeFilesJob): Promise<LargeFiles> {
  const large = new Set<Oid>();
  const versions: number[] = [];
  let isWhole = false;
  for await (const { type, sizeBytes, oid, isEnd } of scanPack(packPath)) {
    isWhole = isEnd;
    if (sizeBytes <= fileBytes || (type !== 'blob' && type !== null)) continue;
    if (oid) large.add(oid);
    else versions.push(sizeBytes);
    if (large.size + versions.length > MAX_LISTED) break;
  }
  if (large.size === 0) return { names: versions.map(nameless), isWhole };
  const places = await placesOf(packPath, large);
  const paths = Array.from(large, (oid) => pathOf(oid, places) ?? `object ${oid}`);
  return { names: [...paths, ...versions.map(nameless)], isWhole };
}

/** Git stores it as what differs from another file, so its id is not known. */
function nameless(sizeBytes: number): string {
  return `a version of ${sizeBytes} bytes`;
}

async function placesOf(packPath: string, large: ReadonlySet<Oid>): Promise<ReadonlyMap<Oid, Place>> {
  const places = new Map<Oid, Place>();
  for await (const { type, oid, bytes } of scanPack(packPath)) {
    if (type !== 'tree' || oid === null || bytes === null) continue;
    for (const entry of entriesOf(bytes)) {
      const isWanted = large.has(entry.oid) || (entry.mode === FOLDER_MODE && places.size < MAX_PLACES);
      if (isWanted) places.set(entry.oid, { name: encodeEntryName(entry.name), treeOid: oid });
    }
  }
  return places;
}

function entriesOf(bytes: Buffer): ReturnType<typeof decodeTree> {
  try {
    return decodeTree(bytes);
  } catch {
    // Git has not looked at it yet.
    return [];
  }
}

function pathOf(oid: Oid, places: ReadonlyMap<Oid, Place>): string | null {
  const names: Buffer[] = [];
  for (let place = places.get(oid); place && names.length < MAX_LEVELS; place = places.get(place.treeOid)) {
    names.unshift(place.name);
  }
  if (names.length === 0) return null;
  return pathText(Buffer.concat(names.flatMap((name, i) => (i === 0 ? [name] : [Buffer.from('/'), name]))));
}
