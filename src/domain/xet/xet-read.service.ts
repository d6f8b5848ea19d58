import type { ByteRange, ObjectRead } from '../../storage/object-store.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import { Service } from '../service.ts';

/** Reads files that are kept in xorbs, for clients that know nothing of them. */
export class XetReadService extends Service {
  /** The bytes of a file, or a range of them. */
  open(hash: XetHash, range?: ByteRange): Promise<ObjectRead> {
    throw new Error(`not built yet: ${hash} ${JSON.stringify(range)} ${this.deps.xet.instanceId}`);
  }
}
