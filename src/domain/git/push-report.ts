import { encodePkt, encodeSideband, FLUSH_PKT } from '../../git/pkt-line.ts';
import type { PushRequest } from './push-commands.ts';

/** What became of one ref: null when it is as it was asked for, else why not. */
export interface RefOutcome {
  readonly refName: string;
  readonly refusal: string | null;
}

/** What a push is told in the end. */
export interface PushOutcome {
  /** Lines for the user, which git shows behind `remote: `. */
  readonly messages: readonly string[];
  /** Null when the pack was taken in, else why not. */
  readonly packRefusal: string | null;
  readonly refs: readonly RefOutcome[];
}

/** Nothing of a push is taken over, because of what it brings. */
export class PushRefused extends Error {
  override readonly name = 'PushRefused';
  /** For the user; see `PushOutcome`. */
  readonly messages: readonly string[];
  /** For every ref. */
  readonly refusal: string;
  readonly packRefusal: string | null;

  constructor(
    messages: readonly string[],
    { refusal = DECLINED, packRefusal = null }: { refusal?: string; packRefusal?: string | null } = {},
  ) {
    super(messages.join('\n') || refusal);
    this.messages = messages;
    this.refusal = refusal;
    this.packRefusal = packRefusal;
  }
}

/** What git says of a push that a rule of the repository refuses. */
const DECLINED = 'pre-receive hook declined';
const RULER = '-'.repeat(73);
const MAX_LINE_CHARS = 1000;

/** Lines as huggingface.co shows refusals. */
export function framed(lines: readonly string[]): readonly string[] {
  return [RULER, ...lines, RULER];
}

/** Shown at intervals, so that nothing on the way takes a push that is worked on for a dead connection. */
export const KEEP_ALIVE_PKT = encodePkt(Buffer.of(2));

/** The answer to a push (gitprotocol-pack, "Report Status"). */
export function encodeOutcome(
  { wantsReport, hasSideband }: Pick<PushRequest, 'wantsReport' | 'hasSideband'>,
  { messages, packRefusal, refs }: PushOutcome,
): Buffer {
  const report = wantsReport
    ? Buffer.concat([
        encodePkt(`unpack ${packRefusal === null ? 'ok' : shown(packRefusal)}\n`),
        ...refs.map(({ refName, refusal }) =>
          encodePkt(refusal === null ? `ok ${refName}\n` : `ng ${refName} ${shown(refusal)}\n`),
        ),
        FLUSH_PKT,
      ])
    : Buffer.alloc(0);
  if (!hasSideband) return report;
  const text = messages.map((line) => `${shown(line)}\n`).join('');
  return Buffer.concat([encodeSideband(2, Buffer.from(text)), encodeSideband(1, report), FLUSH_PKT]);
}

/** Terminals obey control characters, and one line must stay one. */
function shown(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')
    .slice(0, MAX_LINE_CHARS);
}
