import { join } from 'node:path';
import { run } from './command.ts';

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
}

/** GET requests as fast as `wrk` can, over 2 threads. @throws when an answer is an error. */
export async function getLoad({
  url,
  headers = {},
  seconds,
  connections = CONNECTIONS,
}: Load): Promise<LoadResult> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const script = ['-s', join(import.meta.dirname, 'wrk-report.lua')];
  const output = await run('wrk', [
    '-t2',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '30s',
    ...fields,
    ...script,
    url,
  ]);
  const [requests, errors, bytes, microseconds] = /^report (\d+) (\d+) (\d+) (\d+)$/m
    .exec(output)!
    .slice(1)
    .map(Number) as [number, number, number, number];
  if (errors > 0 || requests === 0) throw new Error(`GET ${url}: not every answer was a success\n${output}`);
  const elapsed = microseconds / 1e6;
  return { requestsPerSecond: requests / elapsed, bytesPerSecond: bytes / elapsed };
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
  return { requestsPerSecond, bytesPerSecond: 0 };
}
