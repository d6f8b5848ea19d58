const SHOWN_CHARACTERS = 200;

/** Quotes hostile text for an error message: at most 200 characters, nothing invisible, never a line break. */
export function quote(value: string): string {
  const shown = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return `'${shown.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeCharacter)}'`;
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
