import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { TempDir } from './temp-dir.ts';

const CONNECTIONS = 64;
const ENOUGH_REQUESTS = 100_000_000;

export interface Load {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly connections?: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Null where the generator does not tell. */
  readonly p99Ms: number | null;
}

/** GET requests as fast as `wrk` can, over 2 threads. @throws when an answer is an error. */
export async function getLoad({
  url,
  headers = {},
  seconds,
  connections = CONNECTIONS,
}: Load): Promise<LoadResult> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  return wrk({ seconds, connections, script: 'wrk-report.lua', args: [...fields, url] });
}

/** One request of a client. */
export interface LoadCall {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly body?: object;
}

/** Calls in turn, over and over, as fast as `wrk` can. @throws when an answer is an error. */
export async function callsLoad(
  { url, headers = {}, seconds, connections = CONNECTIONS }: Load,
  calls: readonly LoadCall[],
): Promise<LoadResult> {
  await using dir = await TempDir.make();
  const lines = calls.map(({ method, path, body }) =>
    [method, path, body ? JSON.stringify(body) : ''].join('\t'),
  );
  await writeFile(dir.file('calls'), `${lines.join('\n')}\n`);
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = [...fields, '-H', 'content-type: application/json', url, '--', dir.file('calls')];
  return await wrk({ seconds, connections, script: 'wrk-calls.lua', args });
}

/** `git ls-remote` as fast as `wrk` can: each is a GET and a POST. @throws when an answer is an error. */
export async function lsRemoteLoad({ url, seconds, connections = CONNECTIONS }: Load): Promise<number> {
  const args = [url, '--', new URL(url).pathname];
  const load = await wrk({ seconds, connections, script: 'wrk-ls-remote.lua', args });
  return load.requestsPerSecond / 2;
}

interface WrkRun {
  readonly seconds: number;
  readonly connections: number;
  /** A file beside this one. */
  readonly script: string;
  readonly args: readonly string[];
}

async function wrk({ seconds, connections, script, args }: WrkRun): Promise<LoadResult> {
  const common = ['-t2', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s'];
  const output = await run('wrk', [...common, '-s', join(import.meta.dirname, script), ...args]);
  const [requests, errors, bytes, microseconds, p99Microseconds] = /^report (\d+) (\d+) (\d+) (\d+) (\d+)$/m
    .exec(output)!
    .slice(1)
    .map(Number) as [number, number, number, number, number];
  if (errors > 0 || requests === 0)
    throw new Error(`wrk ${args.join(' ')}: not every answer was a success\n${output}`);
  const elapsed = microseconds / 1e6;
  return {
    requestsPerSecond: requests / elapsed,
    bytesPerSecond: bytes / elapsed,
    p99Ms: p99Microseconds / 1000,
  };
}

/**
 * HEAD requests as fast as ApacheBench can: `wrk` waits for a body behind every Content-Length, so it cannot send HEAD.
 * @throws when an answer is not 2xx.
 */
export async function headLoad({ url, headers = {}, seconds }: Load): Promise<LoadResult> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const output = await run('ab', [
    '-q',
    '-i',
    '-k',
    '-c',
    `${CONNECTIONS}`,
    '-t',
    `${seconds}`,
    '-n',
    `${ENOUGH_REQUESTS}`,
    ...fields,
    url,
  ]);
  const requestsPerSecond = Number(/^Requests per second: +([\d.]+)/m.exec(output)?.[1]);
  const failed = Number(/^Failed requests: +(\d+)/m.exec(output)?.[1]);
  if (failed > 0 || /^Non-2xx/m.test(output) || !(requestsPerSecond > 0)) {
    throw new Error(`HEAD ${url}: not every answer was a success\n${output}`);
  }
  return { requestsPerSecond, bytesPerSecond: 0, p99Ms: null };
}
