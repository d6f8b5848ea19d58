import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BadRequest } from '../../src/lib/domain-error.ts';
import { mutated, Random } from './mutator.ts';
import { FUZZ_TARGETS, type FuzzTarget } from './targets.ts';

/**
 * Gives changed and random inputs to every parser that reads what strangers send. A parser may refuse with a BadRequest, may take its
 * time up to 100 ms, and its answers must be right; anything else ends the run with the input in a file.
 *
 * usage: node test/fuzz/run.ts [--inputs n] [--seconds n] [--quick] [--seed n] [--parser name]
 *
 * Runs 1,000,000 inputs a parser, or as many as fit into its share of 600 seconds. The same seed and number repeat the same inputs.
 */

const DEFAULT_INPUTS = 1_000_000;
const DEFAULT_SECONDS = 600;
const QUICK_SECONDS = 20;
const MAX_CALL_MS = 100;
/** How often a slow call is repeated before the parser, and not the machine, is blamed for it. */
const SLOW_REPEATS = 3;
const INPUTS_BETWEEN_CLOCKS = 256;

interface Failure {
  readonly target: FuzzTarget;
  readonly inputNumber: number;
  readonly input: Buffer;
  readonly reason: string;
}

const { values: options } = parseArgs({
  options: {
    inputs: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string' },
    parser: { type: 'string' },
  },
});
const seed = Number(options.seed ?? Date.now() % 2 ** 31);
const inputs = Number(options.inputs ?? DEFAULT_INPUTS);
const seconds = Number(options.seconds ?? (options.quick ? QUICK_SECONDS : DEFAULT_SECONDS));
const targets = FUZZ_TARGETS.filter(({ name }) => !options.parser || name === options.parser);
if (!Number.isInteger(seed) || !(inputs > 0) || !(seconds > 0) || targets.length === 0) {
  console.error(`Unknown option value. Parsers: ${FUZZ_TARGETS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

console.log(`Seed ${seed}.`);
for (const target of targets) {
  const failure = fuzz(target, (seconds / targets.length) * 1000);
  if (!failure) continue;
  const file = join(await mkdtemp(join(tmpdir(), 'hub-fuzz-')), `${target.name}.hex`);
  await writeFile(file, failure.input.toString('hex'));
  console.error(`${target.name}: input ${failure.inputNumber} of seed ${seed} failed; it is in ${file}.`);
  console.error(failure.reason);
  process.exit(1);
}

/** Null when every input was handled well. */
function fuzz(target: FuzzTarget, budgetMs: number): Failure | null {
  const startedAt = performance.now();
  let accepted = 0;
  let done = 0;
  let slowestMs = 0;
  for (; done < inputs; done++) {
    if (done % INPUTS_BETWEEN_CLOCKS === 0 && performance.now() - startedAt > budgetMs) break;
    // Each input has its own generator, so that it does not depend on the inputs before it.
    const inputSeed = Math.imul(seed, 0x9e3779b1) + done;
    const random = new Random(inputSeed);
    const input = target.make && random.below(2) === 0 ? target.make(random) : mutated(target.seeds, random);
    const callSeed = random.below(2 ** 31);
    let { error, callMs } = call(target, input, callSeed);
    for (let repeat = 0; callMs > MAX_CALL_MS && repeat < SLOW_REPEATS; repeat++) {
      callMs = call(target, input, callSeed).callMs;
    }
    if (callMs > MAX_CALL_MS) {
      return { target, inputNumber: done, input, reason: `One call took ${Math.round(callMs)} ms.` };
    }
    if (error && !(error instanceof BadRequest)) {
      return { target, inputNumber: done, input, reason: reasonOf(error) };
    }
    if (!error) accepted++;
    slowestMs = Math.max(slowestMs, callMs);
  }
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${target.name}: ${done} inputs, ${Math.round(done / elapsedSeconds)}/s, ${accepted} accepted, slowest call ${slowestMs.toFixed(1)} ms`,
  );
  return null;
}

function call(target: FuzzTarget, input: Buffer, callSeed: number): { error: unknown; callMs: number } {
  const startedAt = performance.now();
  let error: unknown = null;
  try {
    target.run(input, new Random(callSeed));
  } catch (thrown) {
    error = thrown;
  }
  return { error, callMs: performance.now() - startedAt };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
