/** A Markdown file in its two parts. `yaml` is null when it has no metadata block. */
export interface FrontMatter {
  readonly yaml: string | null;
  readonly body: string;
}

const OPENING = /^\uFEFF?\s*?---[ \t]*(?:\r\n|\n|\r)/;
const CLOSING = /^---[ \t]*$/m;
const LINE_END = /^(?:\r\n|\n|\r)/;

/**
 * Splits a model, dataset or space card into its YAML block and its text, as huggingface_hub's `REGEX_YAML_BLOCK` does:
 * the block starts at the first line that is not blank, stands between two lines `---`, and may be empty.
 * A byte order mark and CRLF are tolerated; a block that never ends is no block. Takes linear time.
 */
export function splitFrontMatter(text: string): FrontMatter {
  const opening = OPENING.exec(text);
  const rest = opening && text.slice(opening[0].length);
  const closing = rest && CLOSING.exec(rest);
  if (!rest || !closing) return { yaml: null, body: text };
  return {
    yaml: rest.slice(0, closing.index),
    body: rest.slice(closing.index + closing[0].length).replace(LINE_END, ''),
  };
}
