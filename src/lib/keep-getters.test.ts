import { expect, it } from 'vitest';
import { keepGetters } from './keep-getters.ts';

class Parts {
  static readonly made: string[] = [];
  readonly #name: string;

  static {
    keepGetters(Parts.prototype);
  }

  constructor(name: string) {
    this.#name = name;
  }

  get wheel(): object {
    Parts.made.push(`wheel of ${this.#name}`);
    return {};
  }

  get axle(): object {
    Parts.made.push(`axle of ${this.#name}`);
    return { wheel: this.wheel };
  }

  label(): string {
    return this.#name;
  }
}

it('runs each getter once for an instance, when it is first asked for', () => {
  const [first, second] = [new Parts('first'), new Parts('second')];
  expect(Parts.made).toEqual([]);
  expect(first.axle).toEqual({ wheel: first.wheel });
  expect(first.axle).toBe(first.axle);
  expect(first.wheel).toBe(first.wheel);
  expect(Parts.made).toEqual(['axle of first', 'wheel of first']);
  expect(second.wheel).not.toBe(first.wheel);
  expect(Parts.made).toEqual(['axle of first', 'wheel of first', 'wheel of second']);
  expect(second.label()).toBe('second');
});
