import { type ObjectKey, parseObjectKey } from '../../storage/keys.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { Service } from '../service.ts';
import type { Finding, Report } from './finding.ts';
import {
  knownKeys,
  type LfsRow,
  listStores,
  pageLfsCopies,
  pageLfsObjects,
  wrongCounters,
} from './fsck.queries.ts';
import { checkStore } from './store-check.ts';
import { checkXetFiles } from './xet-file-check.ts';
import { checkXorbs, type XorbTotals } from './xorb-check.ts';

export interface FsckSummary {
  readonly repositories: number;
  readonly lfsObjects: number;
  readonly xetFiles: number;
  readonly xorbs: XorbTotals;
  readonly findings: number;
}

const LFS_PAGE = 500;
/** Younger bytes may belong to a write that is under way. */
const STRAY_AGE_MS = 24 * 3_600_000;

/** Proves, or disproves, that everything the hub promises to hold is there and is what it was. Changes nothing. */
export class FsckService extends Service {
  /** Runs all checks; findings arrive as they are made. For the operator: there is no permission check. */
  async runAsOperator(onFinding: (finding: Finding) => void): Promise<FsckSummary> {
    let findings = 0;
    const report: Report = (finding) => {
      findings++;
      onFinding(finding);
    };
    const stores = await listStores(this.deps.sql);
    for (const store of stores) await checkStore(this.deps, store, report);
    const lfsObjects = await this.checkLfsObjects(report);
    await this.checkLfsCopies(report);
    const xorbs = await checkXorbs(this.deps, report);
    const xetFiles = await checkXetFiles(this.deps, report);
    for (const wrong of await wrongCounters(this.deps.sql)) report({ code: 'counter-wrong', ...wrong });
    await this.checkStrayBytes(report);
    return { repositories: stores.length, lfsObjects, xetFiles, xorbs, findings };
  }

  private async checkLfsObjects(report: Report): Promise<number> {
    let count = 0;
    let after: Sha256 | null = null;
    for (;;) {
      const page = await pageLfsObjects(this.deps.sql, after, LFS_PAGE);
      for (const object of page) await this.checkLfsObject(object, report);
      count += page.length;
      after = page.at(-1)?.sha256 ?? null;
      if (page.length < LFS_PAGE) return count;
    }
  }

  private async checkLfsCopies(report: Report): Promise<void> {
    let after: string | null = null;
    for (;;) {
      const page = await pageLfsCopies(this.deps.sql, after, LFS_PAGE);
      for (const copy of page) await this.checkBlob(copy, parseObjectKey(copy.storageKey), report);
      after = page.at(-1)?.storageKey ?? null;
      if (page.length < LFS_PAGE) return;
    }
  }

  private async checkLfsObject(object: LfsRow, report: Report): Promise<void> {
    const { sha256, storageKey, hasXetFile, isHeldAsBlob, isMixedUp } = object;
    const where = `lfs/${sha256}`;
    if (isMixedUp)
      report({
        code: 'xet-file-missing',
        where,
        message: 'it is held as a Xet file that is gone or of another content',
      });
    if (storageKey !== null) await this.checkBlob(object, parseObjectKey(storageKey), report);
    else if (!hasXetFile)
      report({ code: 'lfs-missing', where, message: 'it is neither a blob nor kept in xorbs' });
    else if (isHeldAsBlob)
      report({ code: 'lfs-missing', where, message: 'it is kept in xorbs, but repositories hold its blob' });
  }

  private async checkBlob(
    { sha256, sizeBytes }: Pick<LfsRow, 'sha256' | 'sizeBytes'>,
    key: ObjectKey,
    report: Report,
  ): Promise<void> {
    const where = `lfs/${sha256}`;
    const stat = await this.deps.store.stat(key);
    if (!stat) {
      report({ code: 'lfs-missing', where, message: 'its bytes are not in the object store' });
    } else if (stat.sizeBytes !== sizeBytes) {
      report({
        code: 'lfs-size',
        where,
        message: `${stat.sizeBytes} bytes are stored instead of ${sizeBytes}`,
      });
    } else if ((await this.deps.store.hash(key)).sha256 !== sha256) {
      report({ code: 'lfs-corrupt', where, message: 'its bytes have another hash' });
    }
  }

  private async checkStrayBytes(report: Report): Promise<void> {
    let cursor: string | null | undefined;
    do {
      const page = await this.deps.store.list({ prefix: '', ...(cursor ? { cursor } : {}) });
      const old = page.objects.filter((object) => Date.now() - object.modifiedAt.getTime() > STRAY_AGE_MS);
      const known = await knownKeys(
        this.deps.sql,
        old.map((object) => object.key),
      );
      for (const { key, sizeBytes } of old) {
        if (!known.has(key)) {
          report({ code: 'stray-bytes', where: key, message: `${sizeBytes} bytes that nothing names` });
        }
      }
      cursor = page.nextCursor;
    } while (cursor);
  }
}
