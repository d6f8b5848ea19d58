import { ZERO_OID } from '../../src/git/oid.ts';
import { encodePkt, FLUSH_PKT } from '../../src/git/pkt-line.ts';
import { BASE, EMPTY_PACK } from './hostile-packs.ts';
import { Dice } from './raw-packs.ts';

/** The beginning of a push that no Git would send. */
export interface HostileCommands {
  readonly name: string;
  readonly body: Buffer;
}

const CAPABILITIES = 'report-status side-band-64k object-format=sha1';
const REF = 'refs/heads/hostile';

function line(command: string | Buffer, capabilities = CAPABILITIES): Buffer {
  return encodePkt(Buffer.concat([Buffer.from(command as string), Buffer.from(`\0${capabilities}`)]));
}

function request(...pkts: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat([...pkts.map((pkt) => Buffer.from(pkt as string, 'latin1')), FLUSH_PKT, EMPTY_PACK]);
}

const GOOD = `${ZERO_OID} ${BASE.tip} ${REF}`;

/** Every one of them is a 400. */
export function malformedCommands(): readonly HostileCommands[] {
  const texts: Readonly<Record<string, string | Buffer>> = {
    'of nothing': '',
    'of a space': ' ',
    'without a name': `${ZERO_OID} ${BASE.tip}`,
    'with an empty name': `${ZERO_OID} ${BASE.tip} `,
    'without a new id': `${ZERO_OID} ${REF}`,
    'of a name alone': REF,
    'with a short old id': `${ZERO_OID.slice(1)} ${BASE.tip} ${REF}`,
    'with a short new id': `${ZERO_OID} ${BASE.tip.slice(1)} ${REF}`,
    'with a long id': `${ZERO_OID}0 ${BASE.tip} ${REF}`,
    'with ids of SHA-256': `${'0'.repeat(64)} ${'a'.repeat(64)} ${REF}`,
    'with an id in capitals': `${ZERO_OID} ${'A'.repeat(40)} ${REF}`,
    'with an id that is none': `${ZERO_OID} ${'g'.repeat(40)} ${REF}`,
    'with two spaces': `${ZERO_OID}  ${BASE.tip} ${REF}`,
    'with tabs': `${ZERO_OID}\t${BASE.tip}\t${REF}`,
    'with a space before it': ` ${GOOD}`,
    'that is not UTF-8': Buffer.concat([Buffer.from(GOOD), Buffer.of(0xff, 0xfe)]),
    'with overlong UTF-8': Buffer.concat([Buffer.from(GOOD), Buffer.of(0xc0, 0xaf)]),
    'with half a surrogate': Buffer.concat([Buffer.from(GOOD), Buffer.of(0xed, 0xa0, 0x80)]),
    'with a name of 5000 bytes': `${GOOD}${'x'.repeat(5000)}`,
    'with a name of 60,000 bytes': `${GOOD}${'x'.repeat(60_000)}`,
    'of another service': 'want 0000000000000000000000000000000000000000',
    'of a certificate': 'push-cert',
    'of a shallow commit that is none': 'shallow nowhere',
    ...Object.fromEntries(
      Array.from({ length: 32 }, (_, code) => code)
        .filter((code) => code !== 0)
        .map((code) => [`with the control ${code}`, `${GOOD}${String.fromCodePoint(code)}x`]),
    ),
    'with a DEL': `${GOOD}\x7f`,
  };
  const lines = Object.entries(texts).map(([name, text]) => ({
    name: `a command ${name}`,
    body: request(line(text)),
  }));
  const wire: Readonly<Record<string, Buffer>> = {
    'a length of one': request('0001'),
    'a length of two': request('0002'),
    'a length of three': request('0003'),
    'a line without content': request('0004'),
    'a length that is no number': request('00g0', line(GOOD)),
    'a length with a sign': request('+0a0', line(GOOD)),
    'a length with a space': request(' 0a0', line(GOOD)),
    'a length of 65535 and nothing': Buffer.from('ffff'),
    'no flush': line(GOOD),
    'half a length': Buffer.from('00'),
    'half a line': line(GOOD).subarray(0, 40),
    'a pack and no command': EMPTY_PACK,
    'one ref twice': request(line(GOOD), encodePkt(GOOD)),
    'one ref made and deleted': request(line(GOOD), encodePkt(`${BASE.tip} ${ZERO_OID} ${REF}`)),
    'capabilities in the second line': request(line(GOOD), line(`${GOOD}2`)),
    'shallow commits alone': request(encodePkt(`shallow ${BASE.tip}`)),
    'another object format': request(line(GOOD, 'report-status object-format=sha256')),
    'push options': request(line(GOOD, 'report-status push-options')),
    'too many commands': request(
      line(GOOD),
      Buffer.concat(Array.from({ length: 25_000 }, (_, index) => encodePkt(`${GOOD}${index}`))),
    ),
  };
  return [...lines, ...Object.entries(wire).map(([name, body]) => ({ name, body }))];
}

/** A good command with one byte changed, in many ways. It is taken, or refused, and nothing else. */
export function changedCommands(seed: number): readonly HostileCommands[] {
  const dice = new Dice(seed);
  const good = Buffer.concat([line(`${ZERO_OID} ${BASE.tip} ${REF}`), FLUSH_PKT]);
  return Array.from({ length: 60 }, (_, index) => ({
    name: `a command with flip ${index}`,
    body: Buffer.concat([dice.flipped(good), EMPTY_PACK]),
  }));
}

/** Names behind `refs/heads/`, good and bad. */
export const BRANCH_NAMES = [
  'ok',
  'a/b',
  'a.b',
  'a-b',
  'ünï',
  '日本',
  'a+b',
  'a%b',
  "a'b",
  'a"b',
  'a$b',
  'a`b',
  'a;b',
  'a|b',
  'a&b',
  'a=b',
  'a,b',
  '#1',
  '!x',
  'x{',
  'x@',
  '@x',
  '',
  '/',
  '//',
  '.',
  '..',
  '.a',
  'b.',
  'c..d',
  'd.lock',
  'e.lock/f',
  'f/.g',
  'g/h.lock',
  'h//i',
  '/j',
  'k/',
  'l m',
  'n~1',
  'o^',
  'p:q',
  'r?',
  's*',
  't[',
  'u\\v',
  'w@{x',
  '@',
  'y@{',
  'z/../y',
  'a1/./b',
  'a2/',
  '-c',
  '--d',
  'HEAD',
  'refs/heads/x',
  '..lock',
  '.lock',
  'e\u00a0f',
  'x\u202ey',
  'x\u200by',
  'f'.repeat(40),
  'F'.repeat(40),
  'x'.repeat(250),
  'x'.repeat(600),
  'y/'.repeat(200),
  'CON',
  '~',
  '^',
  ':',
  '?',
  '*',
  '[',
  '\\',
  ' ',
  'q ',
];

/** Good names for git, and not for the hub: they could be read as options, as other revisions, or are too long. */
export const STRICTER_NAMES: ReadonlySet<string> = new Set([
  '@',
  '-c',
  '--d',
  'HEAD',
  'refs/heads/x',
  'f'.repeat(40),
  'F'.repeat(40),
  'x'.repeat(600),
]);

/** Creates a branch of each name, from what the hub has. */
export function creationOf(names: readonly string[]): Buffer {
  const commands = names.map((name) => `${ZERO_OID} ${BASE.tip} refs/heads/${name}`);
  return request(line(commands[0]!), ...commands.slice(1).map((command) => encodePkt(command)));
}
