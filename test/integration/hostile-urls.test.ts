import { describe, expect } from 'vitest';
import { flawsOf, it, JSON_TYPE, refused, type Target } from '../support/hostile.ts';
import type { RawRequest } from '../support/raw-http.ts';

/** As they stand in the request line. */
const BAD_NAMES: Readonly<Record<string, string>> = {
  'parent folder': '..',
  'encoded parent folder': '%2e%2e',
  'twice encoded': '%252e%252e%252f',
  'encoded slash': 'a%2fb',
  backslash: 'a%5cb',
  NUL: 'a%00b',
  'line break': 'a%0d%0aset-cookie:%20x=y',
  'not UTF-8': '%ff',
  overlong: '%c0%ae%c0%ae',
  surrogate: '%ed%a0%80',
  'broken escape': '%zz',
  'raw byte': '\xff',
  'full width': '%ef%bd%81',
  emoji: '%f0%9f%98%80',
  quote: "a'--",
  markup: '%3Cscript%3E',
  'too long': 'a'.repeat(97),
  'much too long': 'a'.repeat(9000),
  'dot git': '.git',
  empty: '',
  prototype: '__proto__',
};

const BAD_REVISIONS: Readonly<Record<string, string>> = {
  missing: 'nowhere',
  NUL: 'main%00',
  'parent folder': 'refs%2fheads%2f..%2f..',
  'reflog syntax': 'main@%7B0%7D',
  ancestor: 'main~1',
  range: 'main..main',
  'not UTF-8': '%ff',
  overlong: '%c0%ae',
  surrogate: '%ed%a0%80',
  backslash: '..%5c..%5cmain',
  option: '--help',
  'a thousand slashes': '%2f'.repeat(1000),
  'too long': 'a'.repeat(9000),
  'missing commit': 'f'.repeat(40),
  'huge hexadecimal': 'f'.repeat(64),
  'missing pull request': 'refs%2Fpr%2F99999999999999999999',
};

const BAD_PATHS: Readonly<Record<string, string>> = {
  traversal: '../../../../etc/passwd',
  'encoded traversal': '%2e%2e/%2e%2e/etc/passwd',
  'twice encoded traversal': '%252e%252e%252fa.txt',
  'backslash traversal': '..%5c..%5ca.txt',
  'current folder': './a.txt',
  'there and back': 'dir/../a.txt',
  'two slashes': '/a.txt',
  'slash at the end': 'a.txt/',
  NUL: 'a.txt%00',
  overlong: '%c0%ae%c0%ae/a.txt',
  'not UTF-8': '%ff.txt',
  surrogate: '%ed%a0%80',
  'broken escape': '%',
  'git folder': '.git/config',
  'git folder of Windows': 'git~1/config',
  'git folder of macOS': '.g%e2%80%8cit/config',
  'full width dots': '%ef%bc%8e%ef%bc%8e/a.txt',
  'file as folder': 'a.txt/b',
  'other case': 'A.TXT',
  'line break': 'a%0d%0ax-injected:%20yes',
  'many levels': 'a/'.repeat(3000),
  'too long': 'a'.repeat(9000),
};

/** A route with its parameters filled in. */
function fill(url: string, { repo }: Target, values: Readonly<Record<string, string>>): string {
  const all: Readonly<Record<string, string>> = {
    types: 'models',
    namespace: repo.namespace,
    name: repo.name,
    username: repo.namespace,
    id: '1',
    '*': 'main',
    ...values,
  };
  return url.replaceAll(
    /:(\w+)(?:\([^)]*\))?|\*/g,
    (match, name: string | undefined) => all[name ?? match] ?? '',
  );
}

function request(method: string, target: string): RawRequest {
  if (method === 'GET' || method === 'HEAD') return { method, target };
  return { method, target, headers: JSON_TYPE, body: '{}' };
}

describe('names outside the rule on every route that takes one', () => {
  for (const parameter of ['namespace', 'name', 'username', 'id']) {
    for (const [kind, name] of Object.entries(BAD_NAMES)) {
      it(
        `${parameter}: ${kind}`,
        refused((target) =>
          Object.fromEntries(
            target.routes
              .filter(({ url }) => new RegExp(`:${parameter}\\b`).test(url) && !url.startsWith('/docs'))
              .map(
                ({ method, url }) =>
                  [`${method} ${url}`, request(method, fill(url, target, { [parameter]: name }))] as const,
              ),
          ),
        ),
      );
    }
  }
});

describe('revisions that do not exist, on every route that takes one', () => {
  for (const [kind, revision] of Object.entries(BAD_REVISIONS)) {
    it(
      kind,
      refused((target) =>
        Object.fromEntries(
          target.routes
            .filter(({ url }) => url.includes(':name') && url.endsWith('*'))
            // A branch or a tag may well have a name that no revision has.
            .filter(({ method, url }) => !(method === 'POST' && url.endsWith('/branch/*')))
            .map(({ method, url }) => {
              const tail = /\/(?:resolve|raw)\//.test(url) ? `${revision}/a.txt` : revision;
              return [`${method} ${url}`, request(method, fill(url, target, { '*': tail }))] as const;
            }),
        ),
      ),
    );
  }
});

describe('paths that do not exist or must not', () => {
  for (const [kind, path] of Object.entries(BAD_PATHS)) {
    it(
      kind,
      refused((target) =>
        Object.fromEntries(
          target.routes
            .filter(({ url }) => /\/(?:resolve|raw|tree)\/\*$/.test(url))
            .map(
              ({ method, url }) =>
                [`${method} ${url}`, request(method, fill(url, target, { '*': `main/${path}` }))] as const,
            ),
        ),
      ),
    );
  }
});

function cursor(...fields: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

describe('query strings', () => {
  const QUERIES: Readonly<Record<string, string>> = {
    'limit zero': 'limit=0',
    'limit negative': 'limit=-5',
    'limit fraction': 'limit=1.5',
    'limit text': 'limit=many',
    'limit huge': 'limit=1e400',
    'limit twice': 'limit=1&limit=2',
    'limit NUL': 'limit=%00',
    'cursor text': 'cursor=hello',
    'cursor empty': 'cursor=',
    'cursor twice': 'cursor=a&cursor=b',
    'cursor of nothing': `cursor=${Buffer.from('null').toString('base64url')}`,
    'cursor deep': `cursor=${Buffer.from('['.repeat(4000)).toString('base64url')}`,
    'cursor prototype': `cursor=${Buffer.from('{"__proto__":[]}').toString('base64url')}`,
  };
  for (const [kind, query] of Object.entries(QUERIES)) {
    it(
      kind,
      refused((target) => ({
        tree: { target: `${target.api}/tree/main?${query}` },
        commits: { target: `${target.api}/commits/main?${query}` },
        list: { target: `/api/models?${query}` },
        mine: { target: `/api/users/${target.owner.name}/repos?${query}` },
      })),
    );
  }

  it(
    'cursors with values that only look right',
    refused((target) => {
      const list = (sort: string, ...rest: readonly unknown[]) => ({
        target: `/api/models?sort=${sort}&cursor=${cursor(sort, ...rest)}`,
      });
      return {
        'too large for a float': list('trendingScore', '1e999', 1),
        'a fraction of a count': list('downloads', '1.5', 1),
        'beyond bigint': list('likes', '99999999999999999', 1),
        'another order': { target: `/api/models?sort=likes&cursor=${cursor('downloads', '1', 1)}` },
        'a commit of nobody': {
          target: `${target.api}/commits/main?cursor=${cursor('history', 'f'.repeat(40), 0)}`,
        },
        'a skip of a billion': {
          target: `${target.api}/commits/main?cursor=${cursor('history', 'f'.repeat(40), 1e9)}`,
        },
        'a tree of nobody': {
          target: `${target.api}/tree/main?cursor=${cursor('tree', 'f'.repeat(40), 'a.txt')}`,
        },
      };
    }),
  );

  it('NUL, surrogates and thousands of parameters are answered without a failure', async ({
    hostile,
    target,
  }) => {
    const queries = [
      'search=%00',
      'filter=%00',
      'author=%00',
      'pipeline_tag=%00',
      'search=%ed%a0%80',
      'search=%ff',
      'search=%25%5f%5c',
      'author=%27%3b--',
      'filter=__proto__&__proto__=1&constructor=1',
      `sort=trendingScore&cursor=${Buffer.from('["trendingScore","1e-999",1]').toString('base64url')}`,
      `search=${'x'.repeat(12_000)}`,
      Array.from({ length: 2000 }, (_, index) => `a${index}=1`).join('&'),
      Array.from({ length: 1000 }, () => 'search=a').join('&'),
      Array.from({ length: 1000 }, (_, index) => `filter=${index}`).join('&'),
      Array.from({ length: 1000 }, () => 'expand=sha').join('&'),
    ];
    for (const query of queries) {
      const answer = await hostile.send(target.owner, { target: `/api/models?${query}` });
      expect.soft([query.slice(0, 40), answer.status]).toEqual([query.slice(0, 40), 200]);
    }
  });
});

describe('requests that are hardly HTTP', () => {
  it('get an answer in the same shape', async ({ hostile, target }) => {
    const requests: Readonly<Record<string, RawRequest>> = {
      'a very long URL': { target: `/api/models?search=${'x'.repeat(20_000)}` },
      'very long headers': { target: '/', headers: [`x-long: ${'x'.repeat(20_000)}`] },
      'an unknown method': { method: 'BREW', target: '/' },
      'a space in the URL': { target: '/api/models ?x' },
      'a bare CR in a header': { target: '/', headers: ['x-a: b\rc'] },
      'two lengths': {
        method: 'POST',
        target: '/api/repos/create',
        headers: ['content-length: 2', 'content-length: 3'],
        body: '{}',
      },
      'length and chunks': {
        method: 'POST',
        target: '/api/repos/create',
        headers: ['content-length: 2', 'transfer-encoding: chunked'],
        body: '{}',
      },
      'a negative length': {
        method: 'POST',
        target: '/api/repos/create',
        headers: ['content-length: -1'],
        body: '{}',
      },
      'a method without a route': { method: 'PATCH', target: '/api/models' },
      'a known method that nobody uses': { method: 'PROPFIND', target: '/' },
      'OPTIONS of a route': { method: 'OPTIONS', target: '/api/models' },
      TRACE: { method: 'TRACE', target: '/' },
      'an absolute URL': { target: 'http://evil.test/api/nothing' },
      'an address without a slash': { target: 'api/models' },
    };
    const flaws: string[] = [];
    for (const [name, raw] of Object.entries(requests)) {
      const found = flawsOf(await hostile.send(target.owner, raw));
      if (found.length > 0) flaws.push(`${name}: ${found.join(', ')}`);
    }
    expect(flaws).toEqual([]);
  });
});
