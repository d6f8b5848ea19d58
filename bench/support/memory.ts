import { readdir, readFile } from 'node:fs/promises';

/** Memory of processes, from proc(5). Linux only. */

/** Resident memory now, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  return statusField(pid, 'VmRSS');
}

/** The most that was ever resident, in bytes. */
export async function peakResidentBytes(pid: number): Promise<number> {
  return statusField(pid, 'VmHWM');
}

/** Memory of all descendants of a process; what they share counts once. */
export async function descendantBytes(pid: number): Promise<number> {
  const sizes = await Promise.all((await descendants(pid)).map(proportionalBytes));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function statusField(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return kilobytes(status, name);
}

async function proportionalBytes(pid: number): Promise<number> {
  return kilobytes(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
}

function kilobytes(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
  if (!match) throw new Error(`no ${name}`);
  return Number(match[1]) * 1024;
}

async function descendants(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
  );
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  const deeper = await Promise.all(children.map(descendants));
  return [...children, ...deeper.flat()];
}
