import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePkt, FLUSH_PKT } from '../../git/pkt-line.ts';
import { type PushRequest, readPushRequest } from './push-commands.ts';

const [A, B, ZERO] = ['a'.repeat(40), 'b'.repeat(40), '0'.repeat(40)];

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function body(...lines: readonly string[]): Buffer {
  return Buffer.concat([...lines.map((line) => encodePkt(line)), FLUSH_PKT]);
}

async function parse(
  bytes: Buffer,
  size = bytes.length,
): Promise<{ request: PushRequest | null; rest: Buffer }> {
  const request = await readPushRequest(cut(bytes, Math.max(size, 1)));
  const chunks: Buffer[] = [];
  for await (const chunk of request?.pack ?? []) chunks.push(chunk);
  return { request, rest: Buffer.concat(chunks) };
}

describe('a push request', () => {
  it('is the same however it is cut, and leaves the pack alone', async () => {
    const commands = body(
      `shallow ${A}`,
      `${ZERO} ${A} refs/heads/ü\0report-status atomic side-band-64k\n`,
      `${A} ${ZERO} refs/tags/v1`,
    );
    const pack = Buffer.from('PACK0000 is not made of lines');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
        const { request, rest } = await parse(Buffer.concat([commands, pack]), size);
        expect(rest.equals(pack)).toBe(true);
        expect(request).toMatchObject({
          commands: [
            { refName: 'refs/heads/ü', oldOid: null, newOid: A },
            { refName: 'refs/tags/v1', oldOid: A, newOid: null },
          ],
          wantsReport: true,
          hasSideband: true,
          isAtomic: true,
          isShallow: true,
        });
      }),
    );
  });

  it('may be nothing', async () => {
    expect((await parse(FLUSH_PKT)).request).toBeNull();
    expect((await parse(Buffer.alloc(0))).request).toBeNull();
  });

  it('reads capabilities of the first command only', async () => {
    const late = body(`${A} ${B} refs/heads/x\0quiet`, `${A} ${B} refs/heads/y\0atomic`);
    await expect(parse(late)).rejects.toThrow('not Git’s');
  });

  it.each([
    ['bytes that are no line', Buffer.from('PACK')],
    ['an end before the flush', encodePkt(`${A} ${B} refs/heads/x`)],
    ['a mark of version 2', Buffer.from('0001')],
    [
      'a name that is not UTF-8',
      Buffer.concat([
        encodePkt(Buffer.concat([Buffer.from(`${A} ${B} refs/heads/`), Buffer.of(0xff)])),
        FLUSH_PKT,
      ]),
    ],
  ])('is refused with %s', async (_name, bytes) => {
    await expect(parse(bytes)).rejects.toMatchObject({ code: 'BadRequest' });
  });
});
