import { array, assert, property, string, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { splitFrontMatter } from './front-matter.ts';

test.each([
  ['---\nlicense: mit\n---\n# Title\n', 'license: mit\n', '# Title\n'],
  ['---\r\nlicense: mit\r\n---\r\n# Title\r\n', 'license: mit\r\n', '# Title\r\n'],
  ['\uFEFF---\na: 1\n---\n', 'a: 1\n', ''],
  ['\n\n---\na: 1\n---\ntext', 'a: 1\n', 'text'],
  ['--- \na: 1\n---\t\ntext', 'a: 1\n', 'text'],
  ['---\n---\ntext', '', 'text'],
  ['---\na: 1\n---', 'a: 1\n', ''],
  ['---\na: "x --- y"\nb: |\n  ---\n---\n', 'a: "x --- y"\nb: |\n  ---\n', ''],
  ['---\na: 1\n---\ntext\n---\nmore', 'a: 1\n', 'text\n---\nmore'],
])('finds the block of %j', (text, yaml, body) => {
  expect(splitFrontMatter(text)).toEqual({ yaml, body });
});

test.each(['', '# Title', '---', '---\n', '---\na: 1\n', '----\na: 1\n----\n', 'text\n---\na: 1\n---\n'])(
  'finds no block in %j',
  (text) => {
    expect(splitFrontMatter(text)).toEqual({ yaml: null, body: text });
  },
);

test('gives back any body and any metadata that holds no fence', () => {
  const line = stringMatching(/^[ a-z:'-]{0,20}$/).filter((text) => !/^---[ \t]*$/.test(text));
  assert(
    property(array(line), string(), (lines, body) => {
      const yaml = lines.map((text) => `${text}\n`).join('');
      const split = splitFrontMatter(`---\n${yaml}---\n${body}`);
      expect(split).toEqual({ yaml, body });
    }),
  );
});
