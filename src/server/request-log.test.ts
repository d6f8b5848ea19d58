import { expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { RequestLog } from './request-log.ts';

function requestLog(): { log: RequestLog; lines: () => unknown[] } {
  const lines: string[] = [];
  const hubLog = createLogger({ level: 'info', format: 'json' }, { write: (line) => lines.push(line) });
  const log = new RequestLog(hubLog, { reqId: 'r1', token: 'hunter2' });
  return { log, lines: () => lines.map((line) => JSON.parse(line) as unknown) };
}

test('lines of a request carry its id and no secret, and its children too', () => {
  const { log, lines } = requestLog();
  log.warn({ sizeBytes: 3 }, 'large');
  log.error('failed');
  log.child({ part: 'a' }).info('stored');
  expect(lines()).toEqual([
    expect.objectContaining({ level: 'warn', reqId: 'r1', token: '[redacted]', sizeBytes: 3, msg: 'large' }),
    expect.objectContaining({ level: 'error', reqId: 'r1', msg: 'failed' }),
    expect.objectContaining({ level: 'info', reqId: 'r1', part: 'a', msg: 'stored' }),
  ]);
});

test('lines below the level of the hub are not written', () => {
  const { log, lines } = requestLog();
  log.debug('a read');
  log.trace('a detail');
  expect(lines()).toEqual([]);
  expect(log.level).toBe('info');
});
