import { readFile } from 'node:fs/promises';

/** A block of code in a page of documentation, such as ```` ```json result ````. */
export interface Block {
  readonly language: string;
  /** What it is to the block before it: `variables`, `result`, `output`; empty for an example. */
  readonly role: string;
  readonly code: string;
}

/** An example, and what the page says of it. */
export interface Example extends Block {
  readonly notes: Readonly<Record<string, string>>;
}

/** All examples of a page. @param page in `docs`. */
export async function examplesOf(page: string): Promise<Example[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  const examples: Example[] = [];
  for (const block of blocksOf(text)) {
    const last = examples.at(-1);
    if (block.role && last) Object.assign(last.notes, { [block.role]: block.code });
    else examples.push({ ...block, notes: {} });
  }
  return examples;
}

function blocksOf(text: string): Block[] {
  return Array.from(
    text.matchAll(/^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm),
    ([, language = '', role = '', code = '']) => ({ language, role, code }),
  );
}
