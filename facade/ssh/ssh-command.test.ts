import { describe, expect, it } from 'vitest';
import { parseSshCommand } from './ssh-command.ts';

const MODEL = { type: 'model', namespace: 'ada', name: 'tiny' };

describe('a command of Git', () => {
  it.each([
    "git-upload-pack 'ada/tiny'",
    "git-upload-pack '/ada/tiny.git'",
    "git upload-pack '/ada/tiny/'",
    'git-upload-pack "ada/tiny.git"',
    'git-upload-pack ada/tiny',
    "git-upload-pack '~/ada/tiny'",
    "git-upload-pack '/~/ada/tiny.git'",
    "git-upload-pack '~ada/tiny'",
    "git-upload-pack 'models/ada/tiny'",
  ])('%s', (line) => {
    expect(parseSshCommand(line)).toEqual({ kind: 'upload-pack', repo: MODEL });
  });

  it.each([
    ['datasets', 'dataset'],
    ['spaces', 'space'],
  ])('names one of %s', (prefix, type) => {
    expect(parseSshCommand(`git-receive-pack '/${prefix}/ada/tiny.git'`)).toEqual({
      kind: 'receive-pack',
      repo: { ...MODEL, type },
    });
  });
});

describe('a command of git-lfs', () => {
  it.each([
    "git-lfs-authenticate 'ada/tiny.git' download",
    'git-lfs-authenticate ada/tiny download',
    "git-lfs-authenticate '/ada/tiny' 'download'",
  ])('%s', (line) => {
    expect(parseSshCommand(line)).toEqual({ kind: 'lfs-authenticate', repo: MODEL, operation: 'download' });
  });

  it('may transfer', () => {
    expect(parseSshCommand("git-lfs-transfer 'datasets/ada/tiny' upload")).toEqual({
      kind: 'lfs-transfer',
      repo: { ...MODEL, type: 'dataset' },
      operation: 'upload',
    });
  });
});

it.each([
  '',
  'ls',
  'sh -c ls',
  'git',
  'git-upload-pack',
  "git-upload-pack ''",
  "git-upload-pack 'ada'",
  "git-upload-pack 'a/b/c/d'",
  "git-upload-pack 'ada/tiny' ; ls",
  "git-upload-pack 'ada/tiny'; ls",
  "git-upload-pack 'ada/tiny' 'x'",
  "git-upload-pack --strict 'ada/tiny'",
  "git-upload-pack 'ada/tiny",
  `git-upload-pack 'ada/tiny"`,
  "git-upload-pack  'ada/tiny'",
  " git-upload-pack 'ada/tiny'",
  "git-upload-pack 'ada/tiny' ",
  "git-upload-pack 'ada/tiny'\n",
  "git-upload-pack 'ada/ti\nny'",
  "git-upload-pack 'ada/$(ls)'",
  "git-upload-pack 'ada/`ls`'",
  "git-upload-pack 'ada/ti'\\''ny'",
  "git-upload-pack '//ada/tiny'",
  "git-upload-pack 'ada//tiny'",
  "git-upload-pack 'ada/tiny~'",
  "git-upload-archive 'ada/tiny'",
  "git-shell 'ada/tiny'",
  "git-lfs-authenticate 'ada/tiny'",
  "git-lfs-authenticate 'ada/tiny' delete",
  "git-lfs-authenticate 'ada/tiny' download upload",
  `git-upload-pack '${'a'.repeat(1000)}/tiny'`,
])('%j is no command', (line) => {
  expect(parseSshCommand(line)).toBeNull();
});
