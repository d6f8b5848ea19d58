import { setImmediate as nextTurn } from 'node:timers/promises';

/** Cuts long work into pieces, between which everybody else has a turn of the event loop. */
export class Turns {
  readonly #unitsAtOnce: number;
  #units = 0;

  /** @param unitsAtOnce so much is done without a pause: some milliseconds of work. */
  constructor(unitsAtOnce: number) {
    this.#unitsAtOnce = unitsAtOnce;
  }

  /** Await it before a piece of work. Pauses when what was done since the last pause, and this piece, are too much. */
  async before(units: number): Promise<void> {
    if (this.#units > 0 && this.#units + units > this.#unitsAtOnce) {
      this.#units = 0;
      await nextTurn();
    }
    this.#units += units;
  }
}
