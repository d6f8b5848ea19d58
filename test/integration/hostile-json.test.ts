import { describe } from 'vitest';
import { it, JSON_TYPE, refused, type Target } from '../support/hostile.ts';
import type { RawRequest } from '../support/raw-http.ts';

const post = (target: string, body: string | Buffer, method = 'POST'): RawRequest => ({
  method,
  target,
  headers: JSON_TYPE,
  body,
});

/** JSON bodies of every route that takes one, each with a place for a hostile value. */
const BODIES: readonly (readonly [name: string, request: (target: Target, value: string) => RawRequest])[] = [
  ['create name', (_, v) => post('/api/repos/create', `{"type":"model","name":${v}}`)],
  ['create organization', (_, v) => post('/api/repos/create', `{"name":"x","organization":${v}}`)],
  ['create sdk', (_, v) => post('/api/repos/create', `{"type":"space","name":"x","sdk":${v}}`)],
  [
    'create file path',
    (_, v) => post('/api/repos/create', `{"name":"x","files":[{"path":${v},"content":""}]}`),
  ],
  ['delete name', (_, v) => post('/api/repos/delete', `{"name":${v}}`, 'DELETE')],
  ['delete organization', (_, v) => post('/api/repos/delete', `{"name":"x","organization":${v}}`, 'DELETE')],
  ['move from', (_, v) => post('/api/repos/move', `{"fromRepo":${v},"toRepo":"a/b"}`)],
  [
    'move to',
    ({ repo }, v) => post('/api/repos/move', `{"fromRepo":"${repo.namespace}/${repo.name}","toRepo":${v}}`),
  ],
  ['settings visibility', ({ api }, v) => post(`${api}/settings`, `{"visibility":${v}}`, 'PUT')],
  ['settings gated', ({ api }, v) => post(`${api}/settings`, `{"gated":${v}}`, 'PUT')],
  ['settings suffix', ({ api }, v) => post(`${api}/settings`, `{"lfs_suffix_rules":[${v}]}`, 'PUT')],
  ['settings threshold', ({ api }, v) => post(`${api}/settings`, `{"lfs_threshold_bytes":${v}}`, 'PUT')],
  ['branch name', ({ api }, v) => post(`${api}/branch`, `{"branch":${v}}`)],
  ['branch revision', ({ api }, v) => post(`${api}/branch`, `{"branch":"x","revision":${v}}`)],
  ['branch start', ({ api }, v) => post(`${api}/branch/x`, `{"startingPoint":${v}}`)],
  ['tag name', ({ api }, v) => post(`${api}/tag/main`, `{"tag":${v}}`)],
  ['tag revision', ({ api }, v) => post(`${api}/tag`, `{"tag":"x","revision":${v}}`)],
  ['tag message', ({ api }, v) => post(`${api}/tag/main`, `{"tag":"x y","message":${v}}`)],
  ['preupload path', ({ api }, v) => post(`${api}/preupload/main`, `{"files":[{"path":${v},"size":1}]}`)],
  ['preupload size', ({ api }, v) => post(`${api}/preupload/main`, `{"files":[{"path":"a","size":${v}}]}`)],
  [
    'preupload hash',
    ({ api }, v) => post(`${api}/preupload/main`, `{"files":[{"path":"a","size":1,"sha256":${v}}]}`),
  ],
  [
    'commit header',
    ({ api }, v) => commit(api, `{"key":"header","value":{"summary":"x","parentCommit":${v}}}`),
  ],
  [
    'commit path',
    ({ api }, v) =>
      commit(api, HEADER, `{"key":"file","value":{"path":${v},"content":"","encoding":"utf-8"}}`),
  ],
  [
    'commit base64',
    ({ api }, v) =>
      commit(api, HEADER, `{"key":"file","value":{"path":"x","content":${v},"encoding":"base64"}}`),
  ],
  [
    'commit oid',
    ({ api }, v) => commit(api, HEADER, `{"key":"lfsFile","value":{"path":"x","oid":${v},"size":1}}`),
  ],
  [
    'commit size',
    ({ api }, v) =>
      commit(api, HEADER, `{"key":"lfsFile","value":{"path":"x","oid":"${'a'.repeat(64)}","size":${v}}}`),
  ],
  ['commit delete', ({ api }, v) => commit(api, HEADER, `{"key":"deletedFile","value":{"path":${v}}}`)],
  [
    'commit copy',
    ({ api }, v) => commit(api, HEADER, `{"key":"copyFile","value":{"path":"x","srcPath":${v}}}`),
  ],
  [
    'commit copy revision',
    ({ api }, v) =>
      commit(api, HEADER, `{"key":"copyFile","value":{"path":"x","srcPath":"a.txt","srcRevision":${v}}}`),
  ],
  [
    'batch operation',
    ({ web }, v) => post(`${web}.git/info/lfs/objects/batch`, `{"operation":${v},"objects":[]}`),
  ],
  [
    'batch algorithm',
    ({ web }, v) =>
      post(`${web}.git/info/lfs/objects/batch`, `{"operation":"upload","hash_algo":${v},"objects":[]}`),
  ],
  ['verify oid', ({ web }, v) => post(`${web}.git/info/lfs/verify`, `{"oid":${v},"size":1}`)],
  [
    'verify size',
    ({ web }, v) => post(`${web}.git/info/lfs/verify`, `{"oid":"${'a'.repeat(64)}","size":${v}}`),
  ],
  ['complete oid', (_, v) => post('/api/lfs/complete?token=x', `{"oid":${v},"parts":[]}`)],
  [
    'register name',
    (_, v) => post('/api/auth/register', `{"username":${v},"email":"a@b.cd","password":"long enough"}`),
  ],
  [
    'register mail',
    (_, v) => post('/api/auth/register', `{"username":"somebody","email":${v},"password":"long enough"}`),
  ],
  ['resend mail', (_, v) => post('/api/auth/verify-email/resend', `{"email":${v}}`)],
  ['login name', (_, v) => post('/api/auth/login', `{"username":${v},"password":"x"}`)],
  ['token role', (_, v) => post('/api/auth/tokens/create', `{"name":"x","role":${v}}`)],
  ['token days', (_, v) => post('/api/auth/tokens/create', `{"name":"x","expires_days":${v}}`)],
];

const HEADER = '{"key":"header","value":{"summary":"x"}}';

function commit(api: string, ...lines: readonly string[]): RawRequest {
  return {
    method: 'POST',
    target: `${api}/commit/main`,
    headers: ['content-type: application/x-ndjson'],
    body: lines.join('\n'),
  };
}

describe('a hostile value in every field of every body', () => {
  const VALUES: Readonly<Record<string, string>> = {
    NUL: '"a\\u0000b"',
    'a lone surrogate': '"a\\ud800b"',
    'a negative number': '-1',
    'a fraction': '0.5',
    '2^53 + 1': '9007199254740993',
    'a huge number': '1e999',
    'an object': '{"__proto__":{"x":1},"constructor":{"prototype":{}}}',
    'deep nesting': `${'['.repeat(5000)}${']'.repeat(5000)}`,
    'a long text': `"${'../'.repeat(5000)}"`,
    traversal: '"../../etc/passwd"',
    true: 'true',
  };
  for (const [value, json] of Object.entries(VALUES)) {
    it(
      value,
      refused((target) =>
        Object.fromEntries(BODIES.map(([name, make]) => [name, make(target, json)] as const)),
      ),
    );
  }
});
