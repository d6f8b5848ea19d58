import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

function logged(format: 'json' | 'text', write: (log: ReturnType<typeof createLogger>) => void): string {
  let output = '';
  write(createLogger({ level: 'info', format }, { write: (line) => (output += line) }));
  return output;
}

describe('createLogger', () => {
  it('writes one JSON object for each event', () => {
    const line = JSON.parse(
      logged('json', (log) => log.child({ reqId: 'r1' }).info({ sizeBytes: 3 }, 'stored')),
    );
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      reqId: 'r1',
      sizeBytes: 3,
      msg: 'stored',
    });
  });

  it('writes a readable line with the stack of an error', () => {
    const text = logged('text', (log) => log.error({ err: new Error('no space'), reqId: 'r1' }, 'failed'));
    expect(text).toMatch(/^\S+Z ERROR failed \{"reqId":"r1"\}\nError: no space\n {4}at /);
  });

  it('keeps an event on one readable line, whatever its message holds', () => {
    expect(logged('text', (log) => log.info('a\nb\u001b[2J'))).toMatch(/Z INFO  a b \[2J\n$/);
  });

  it('writes only id, method, URL and address of a request', () => {
    const headers = { authorization: 'Bearer hf_abcdefghijklmnopqrst', cookie: 'session=abc' };
    const req = { id: 'r1', method: 'GET', url: '/api/x?token=abcdef&page=2', ip: '::1', headers };
    expect(JSON.parse(logged('json', (log) => log.info({ req })))['req']).toEqual({
      id: 'r1',
      method: 'GET',
      url: '/api/x?token=[redacted]&page=2',
      ip: '::1',
    });
  });

  it.each(['authorization', 'cookie', 'set-cookie', 'password', 'token', 'secret'])(
    'drops the field %s',
    (name) => {
      const output = logged('json', (log) => log.info({ [name]: 'hunter2', inner: { [name]: 'hunter2' } }));
      expect(output).not.toContain('hunter2');
    },
  );

  it.each([
    ['an API token', 'no such token hf_hunter2hunter2hunter2'],
    ['a bearer header', 'sent Bearer hunter2.x-y'],
    ['a presigned URL', 'PUT http://s3/b/k?X-Amz-Credential=hunter2&X-Amz-Signature=hunter2&partNumber=1'],
    ['a database URL', 'cannot reach postgres://hub:hunter2@db/hub'],
    ['a signed storage URL', `GET /storage/hunter2${'A'.repeat(30)}.${'b'.repeat(43)}`],
    ['a quoted link', 'mail: "http://hub/verify?token=hunter2"'],
    ['the address of an invitation', `POST /api/invitations/hunter2${'x'.repeat(36)}/accept`],
    ['the page of an invitation', `GET /invite/hunter2${'x'.repeat(36)}`],
    ['a registration', 'POST /api/auth/register?invitation_token=hunter2'],
    ['the input of a procedure', 'GET /trpc/invitations.details?input=%7B%22token%22%3A%22hunter2%22%7D'],
    ['variables of a query', 'GET /graphql?query=x&variables=%7B%22token%22%3A%22hunter2%22%7D'],
    ['the page of a registration', 'GET /register?invitation=hunter2'],
  ])('drops %s from a message and from the text of an error', (_, text) => {
    for (const format of ['json', 'text'] as const) {
      const output = logged(format, (log) => log.warn({ err: new Error(text) }, text));
      expect(output).not.toContain('hunter2');
      expect(output).toContain('[redacted]');
    }
  });

  it.each(['http://hub.test/invite/' + 'x'.repeat(43), 'http://hub.test/register?invitation=hunter2'])(
    'keeps the link of a mail that only the log gets: %s',
    (link) => {
      expect(logged('text', (log) => log.warn(`Mail to alice: ${link}`))).toContain(link);
    },
  );
});
