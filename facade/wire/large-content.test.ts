import { describe, expect, it } from 'vitest';
import { Readable } from 'node:stream';
import { readCommitBody } from './commit-ndjson.ts';
import { CUT, cutContent, decodeLargeBase64 } from './large-content.ts';

const cut = (text: string) => cutContent(Buffer.from(text));

describe('cutContent', () => {
  it.each([
    ['{"content":"QQ==","path":"a"}', 'QQ=='],
    ['{"path": "content", "content" : "QQ=="}', 'QQ=='],
    ['{"path":"\\"content\\":\\"no","content":"QQ=="}', 'QQ=='],
    ['{"content":""}', ''],
  ])('%s', (line, content) => {
    const result = cut(line)!;
    expect(result.content.toString()).toBe(content);
    expect(JSON.parse(result.rest.toString())).toEqual({ ...(JSON.parse(line) as object), content: CUT });
  });

  it.each(['{"path":"content"}', '{"content":"a\\/b"}', '{"content":7}', '{"content":"open', ''])(
    'not %s',
    (line) => {
      expect(cut(line)).toBeNull();
    },
  );
});

describe('decodeLargeBase64', () => {
  it('joins slices, and takes padding at the end only', async () => {
    const bytes = Buffer.alloc(7 * 2 ** 20 + 1, 'some bytes');
    const encoded = Buffer.from(bytes.toString('base64'));
    expect((await decodeLargeBase64(encoded))?.equals(bytes)).toBe(true);
    const damaged = Buffer.from(encoded);
    damaged[5 * 2 ** 20] = 0xff;
    expect(await decodeLargeBase64(damaged)).toBeNull();
    const padded = Buffer.from(encoded);
    padded.fill('=', 4 * 2 ** 20 - 2, 4 * 2 ** 20);
    expect(await decodeLargeBase64(padded)).toBeNull();
  });
});

describe('a large line of a commit', () => {
  const header = '{"key":"header","value":{"summary":"Add"}}\n';
  const text = Buffer.alloc(300_000, 'x').toString('base64');
  const read = async (line: string) => {
    const chunks = Readable.from([Buffer.from(header), Buffer.from(line)]);
    const { operations } = await readCommitBody(chunks, { regularFileBytes: 1_000_000 });
    return (await operations.next()).value;
  };

  it.each([
    ['compact', `{"key":"file","value":{"content":"${text}","path":"a","encoding":"base64"}}`],
    [
      'as Python writes it',
      `{"key": "file", "value": {"content": "${text}", "path": "a", "encoding": "base64"}}`,
    ],
    [
      'escaped',
      `{"key":"file","value":{"path":"a","encoding":"base64","content":"\\u0065${text.slice(1)}"}}`,
    ],
  ])('%s', async (_, line) => {
    expect(await read(line)).toMatchObject({ kind: 'file', path: 'a', bytes: expect.any(Buffer) });
  });

  it('of text is text', async () => {
    const line = JSON.stringify({ key: 'file', value: { content: text, path: 'a', encoding: 'utf-8' } });
    expect(await read(line)).toMatchObject({ bytes: Buffer.from(text) });
  });

  it.each([
    [
      'no base64',
      `{"key":"file","value":{"content":"*${text}","path":"a","encoding":"base64"}}`,
      /Line 2: content/,
    ],
    ['broken', `{"key":"file","value":{"content":"${text}","path":"a",`, /Line 2: is not valid JSON/],
    ['without a path', `{"key":"file","value":{"content":"${text}","encoding":"base64"}}`, /Line 2: path/],
  ])('is refused: %s', async (_, line, message) => {
    await expect(read(line)).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(message),
    });
  });
});
