import type { FastifyInstance } from 'fastify';
import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

const HF = { url: 'https://huggingface.co', token: 'hf_abc123xyz' };
const OTHER = { url: 'https://hub.example.org:8443', token: 'x' };

interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly of: TestUser;
  readonly as: TestUser | null;
  readonly path?: string;
  readonly payload?: object;
}

function send(app: FastifyInstance, { method, of, as, path = '', payload }: Sent) {
  const url = `/api/users/${of.name}/external-tokens${path}`;
  return app.inject({ method, url, headers: as?.headers ?? {}, ...(payload && { payload }) });
}

async function urlsOf(app: FastifyInstance, user: TestUser): Promise<string[]> {
  const answer = await send(app, { method: 'GET', of: user, as: user });
  return answer.json<{ url: string }[]>().map(({ url }) => url);
}

describe('external tokens', () => {
  it('are saved, masked, replaced and deleted', async ({ app, world, hub }) => {
    const ann = await world.user();
    const post = (payload: object) => send(app, { method: 'POST', of: ann, as: ann, payload });
    expect((await post(HF)).json()).toEqual({ success: true, message: 'External token saved' });
    await post(OTHER);
    const list = await send(app, { method: 'GET', of: ann, as: ann });
    const dates = { created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/) };
    expect(list.json()).toEqual([
      { url: OTHER.url, token_preview: '***', ...dates },
      { url: HF.url, token_preview: 'hf_a***', ...dates },
    ]);
    // Another spelling of the same address is the same hub.
    await post({ url: 'https://HUGGINGFACE.co/', token: 'hf_zzz999' });
    const again = (await send(app, { method: 'GET', of: ann, as: ann })).json<{ token_preview: string }[]>();
    expect(again.map((token) => token.token_preview)).toEqual(['***', 'hf_z***']);
    const rows = await hub.deps.sql.query<{ stored: string }>({
      text: `select encode(encrypted_token, 'escape') as stored from external_token`,
    });
    expect(rows.some(({ stored }) => stored.includes('hf_'))).toBe(false);
    const path = `/${encodeURIComponent(HF.url)}`;
    const gone = await send(app, { method: 'DELETE', of: ann, as: ann, path });
    expect(gone.json()).toEqual({ success: true, message: 'External token deleted' });
    expect(await urlsOf(app, ann)).toEqual([OTHER.url]);
    expect((await send(app, { method: 'DELETE', of: ann, as: ann, path })).statusCode).toBe(404);
  });

  it('are replaced all at once, or not at all', async ({ app, world }) => {
    const ann = await world.user();
    await send(app, { method: 'POST', of: ann, as: ann, payload: HF });
    const put = (tokens: object[]) =>
      send(app, { method: 'PUT', of: ann, as: ann, path: '/bulk', payload: { tokens } });
    for (const bad of [
      [OTHER, { url: 'ftp://example.org', token: 'a' }],
      [OTHER, { url: HF.url, token: '' }],
      [OTHER, { url: HF.url, token: 'a b' }],
      [OTHER, { ...OTHER, url: `${OTHER.url}/` }],
      Array.from({ length: 51 }, (_, n) => ({ url: `https://h${n}.example.org`, token: 'a' })),
    ]) {
      const refused = await put(bad);
      expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([400, 'BadRequest']);
      expect(await urlsOf(app, ann)).toEqual([HF.url]);
    }
    expect((await put([OTHER])).json()).toEqual({ success: true, message: 'Updated 1 external tokens' });
    expect(await urlsOf(app, ann)).toEqual([OTHER.url]);
    await put([]);
    expect(await urlsOf(app, ann)).toEqual([]);
  });

  it('stay below their number when many are saved at the same moment', async ({ app, world }) => {
    const ann = await world.user();
    const tokens = Array.from({ length: 48 }, (_, n) => ({ url: `https://h${n}.example.org`, token: 'a' }));
    await send(app, { method: 'PUT', of: ann, as: ann, path: '/bulk', payload: { tokens } });
    const more = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      url: `https://${name}.example.org`,
      token: 'a',
    }));
    const answers = await Promise.all(
      more.map((payload) => send(app, { method: 'POST', of: ann, as: ann, payload })),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(2);
    expect(await urlsOf(app, ann)).toHaveLength(50);
  });

  it('go with the account', async ({ app, world, hub }) => {
    const ann = await world.user();
    await send(app, { method: 'POST', of: ann, as: ann, payload: HF });
    await hub.services().accountDeletions.delete(ann.actor, ann.name, {
      password: ann.password,
      address: '127.0.0.1',
      endsRedirects: false,
    });
    const [row] = await hub.deps.sql.query<{ count: number }>({
      text: 'select count(*)::int as count from external_token t join account a on a.id = t.user_id where a.name = $1',
      values: [ann.name],
    });
    expect(row!.count).toBe(0);
  });

  const CALLS = [
    { method: 'GET' },
    { method: 'POST', payload: HF },
    { method: 'PUT', path: '/bulk', payload: { tokens: [HF] } },
    { method: 'DELETE', path: `/${encodeURIComponent(HF.url)}` },
  ] as const;

  it.for(CALLS)('$method needs a login, and is refused to a stranger', async (call, { app, world }) => {
    const ann = await world.user();
    await send(app, { method: 'POST', of: ann, as: ann, payload: HF });
    expect((await send(app, { ...call, of: ann, as: null })).statusCode).toBe(401);
    expect((await send(app, { ...call, of: ann, as: await world.user() })).statusCode).toBe(403);
    const reader = await world.readToken(ann);
    expect((await send(app, { ...call, of: ann, as: reader })).statusCode).toBe(
      call.method === 'GET' ? 200 : 403,
    );
    expect(await urlsOf(app, ann)).toEqual([HF.url]);
  });
});

describe('fallback sources', () => {
  it('are those for everybody, by priority, without their tokens', async ({ app, hub }) => {
    expect((await app.inject({ url: '/api/fallback-sources/available' })).json()).toEqual([]);
    await hub.deps.sql.execute({
      text: `
        insert into fallback_source (url, name, source_type, priority, is_enabled, encrypted_token) values
          ('https://b.example.org', 'B', 'kohakuhub', 20, true, 'secret'),
          ('https://a.example.org', 'A', 'huggingface', 10, true, null),
          ('https://a.example.org', 'A again', 'huggingface', 30, true, null),
          ('https://off.example.org', 'Off', 'huggingface', 1, false, null)`,
    });
    expect((await app.inject({ url: '/api/fallback-sources/available' })).json()).toEqual([
      { url: 'https://a.example.org', name: 'A', source_type: 'huggingface', priority: 10 },
      { url: 'https://b.example.org', name: 'B', source_type: 'kohakuhub', priority: 20 },
    ]);
  });
});
