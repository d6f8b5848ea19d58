import { describe, expect, it } from 'vitest';
import { Verifications } from './verifications.ts';

describe('Verifications', () => {
  it('runs one verification of an upload for all who ask meanwhile', async () => {
    const verifications = new Verifications();
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const verify = async () => {
      runs += 1;
      await gate.promise;
    };
    const both = [verifications.run('a', verify), verifications.run('a', verify)];
    gate.resolve();
    await Promise.all(both);
    expect(runs).toBe(1);
    await verifications.run('a', verify);
    expect(runs).toBe(2);
  });

  it('runs at most four at once, and goes on after a failure', async () => {
    const verifications = new Verifications();
    let running = 0;
    let most = 0;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        verifications.run(String(index), async () => {
          running += 1;
          most = Math.max(most, running);
          await Promise.resolve();
          running -= 1;
          if (index % 2 === 0) throw new Error('wrong bytes');
        }),
      ),
    );
    expect(most).toBe(4);
    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(10);
  });
});
