import { BadRequest } from '../errors.ts';

/** About a third of a second on one core; real requests use less than a thousandth of it. */
const DEFAULT_STEPS = 20_000_000;

/** Bounds the work that one request may cause by patterns and paths of its own choice. */
export class MatchBudget {
  #stepsLeft: number;

  constructor(steps = DEFAULT_STEPS) {
    this.#stepsLeft = steps;
  }

  /** @throws {BadRequest} when the budget is used up. */
  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) {
      throw new BadRequest(
        'Matching these paths against .gitignore and .gitattributes takes too long. Send fewer files at once or simplify the patterns.',
      );
    }
  }
}
