import { BadRequest } from '../../src/domain/errors.ts';
import { MAX_COST } from '../costs.ts';

/** What any call costs beside what it says itself: a request of changes holds ten of them, as a document of GraphQL does. */
const CALL_POINTS = { query: 10, mutation: MAX_COST / 10, subscription: 10 } as const;

/** An entry of a list: what the cheapest one costs in GraphQL. */
const ENTRY_POINTS = 3;

/** What the calls of one request may cost together. Those that are too much are refused before they run. */
export class Budget {
  #spent = 0;

  /** @throws {BadRequest} */
  charge(points: number): void {
    const spent = this.#spent + points;
    if (spent > MAX_COST) {
      throw new BadRequest(
        `With this call the request costs ${spent} points; ${MAX_COST} are the most. Ask for shorter lists, or send fewer calls together.`,
      );
    }
    this.#spent = spent;
  }

  chargeCall(type: keyof typeof CALL_POINTS): void {
    this.charge(CALL_POINTS[type]);
  }
}

/** Points of so many entries. */
export function entriesCost(count: number): number {
  return ENTRY_POINTS * count;
}
