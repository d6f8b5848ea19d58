import { describe, expect, it } from 'vitest';
import { ActivityPublisher, readPayload } from './activity-publisher.ts';
import { likesChanged, parseSubject, refMoved, uploadChanged } from './subjects.ts';

function open(send: (payloads: readonly string[]) => Promise<void> = async () => {}) {
  const sent: (readonly string[])[] = [];
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message), error: () => {} };
  const notify = async (payloads: readonly string[]): Promise<void> => {
    sent.push(payloads);
    await send(payloads);
  };
  return { publisher: new ActivityPublisher({ notify, log }), sent, warnings };
}

describe('ActivityPublisher', () => {
  it('sends what was announced together by one statement, each subject once', async () => {
    const { publisher, sent } = open();
    publisher.announce([likesChanged(1), refMoved(2, 3)]);
    publisher.announce([likesChanged(1)]);
    await publisher.flush();
    expect(sent).toEqual([['likes:1 ref:2:3']]);
    await publisher.flush();
    expect(sent).toHaveLength(1);
  });

  it('cuts payloads to what NOTIFY takes', async () => {
    const { publisher, sent } = open();
    const subjects = Array.from({ length: 3000 }, (_, n) => refMoved(1_000_000, n));
    publisher.announce(subjects);
    await publisher.flush();
    for (const payload of sent[0]!) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
    expect(sent[0]!.flatMap(readPayload)).toEqual(subjects);
  });

  it('drops what cannot be sent, says so, and goes on', async () => {
    let isDown = true;
    const { publisher, sent, warnings } = open(async () => {
      if (isDown) throw new Error('no connection');
    });
    publisher.announce([likesChanged(1)]);
    await publisher.flush();
    expect(warnings).toEqual(['1 events of activity were not sent to subscribers: Error: no connection']);
    isDown = false;
    publisher.announce([likesChanged(2)]);
    await publisher.flush();
    expect(sent.at(-1)).toEqual(['likes:2']);
  });

  it('remembers a bounded number while the database does not answer', async () => {
    const { publisher, sent, warnings } = open();
    publisher.announce(Array.from({ length: 12_000 }, (_, n) => likesChanged(n)));
    await publisher.flush();
    expect(sent[0]!.flatMap(readPayload)).toHaveLength(10_000);
    expect(warnings).toEqual(['2000 events of activity were too many and are not sent.']);
  });
});

describe('parseSubject', () => {
  it('reads what is announced, and nothing else', () => {
    expect(parseSubject(refMoved(5, 7))).toEqual({ kind: 'ref', key: 'ref:5', reflogId: 7 });
    expect(parseSubject(uploadChanged(5, 7))).toEqual({ kind: 'upload', key: 'upload:5:7', reflogId: null });
    for (const text of ['', 'ref:5', 'ref', 'likes', 'stars:5']) expect(parseSubject(text)).toBeNull();
  });
});
