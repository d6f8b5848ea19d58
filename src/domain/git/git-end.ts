import type { EndMessage } from '../../git-runner/git-runner.ts';
import { BadRequest, Unavailable } from '../errors.ts';

/** The client's conversation is at fault. */
const CLIENT_FAULT = /upload-pack: |protocol error|unexpected line|expected |invalid |unknown /i;
/**
 * The files of the cache are at fault, or look so. Git may add that an object that it cannot read was none of the
 * client's business, so that this is looked at first.
 */
const DAMAGE =
  /pack-[0-9a-f]{40}\.(?:pack|idx)|pack has|corrupt|inflate|unable to parse object|missing (?:blob|tree|commit|tag|object)/i;

/** Whether git complained of the files that it was given. */
export function isDamage({ exitCode, stderr }: EndMessage): boolean {
  return exitCode !== 0 && DAMAGE.test(stderr);
}

/** What people can ask their git for. */
const MISTAKE = /deepen-not|filter-spec/;

/** Whether the user of a client that keeps to the protocol asked for what is not there. */
export function isMistake({ reason, exitCode, stderr }: EndMessage): boolean {
  return reason === 'exited' && exitCode !== 0 && MISTAKE.test(stderr);
}

/** What the client is told of a git that failed: {BadRequest} by its own fault, {Unavailable} after too long a time, or nothing. */
export function gitFailure({ reason, exitCode, stderr }: EndMessage): Error {
  if (reason === 'time is over') {
    return new Unavailable(
      'Git took too long. Try again, or fetch less at once, for example with --depth 1.',
    );
  }
  if (exitCode !== null && CLIENT_FAULT.test(stderr)) {
    return new BadRequest(`Git refuses the request: ${stderr.split('\n', 1)[0]!.slice(0, 200)}`);
  }
  return new Error(`git ended (${reason}, ${exitCode}): ${stderr}`);
}
