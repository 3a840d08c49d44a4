import { expect, test } from 'vitest';
import { RestartQueue } from '../../src/queue';

/** An action whose runs end when they are told to. */
function manual(): { act: () => Promise<void>; runs: ((error?: Error) => void)[] } {
  const runs: ((error?: Error) => void)[] = [];
  const act = (): Promise<void> =>
    new Promise((resolve, reject) => runs.push((error) => (error ? reject(error) : resolve())));
  return { act, runs };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('two restarts never run at the same time', async () => {
  const { act, runs } = manual();
  const queue = new RestartQueue(act);

  const first = queue.request();
  await settled();
  const second = queue.request();
  await settled();

  expect(runs).toHaveLength(1);
  runs[0]?.();
  await first;
  await settled();
  expect(runs).toHaveLength(2);
  runs[1]?.();
  await second;
});

test('requests that wait are one restart', async () => {
  const { act, runs } = manual();
  const queue = new RestartQueue(act);
  void queue.request();
  await settled();

  const waiting = [queue.request(), queue.request(), queue.request()];
  runs[0]?.();
  await settled();
  runs[1]?.();
  await Promise.all(waiting);

  expect(runs).toHaveLength(2);
});

test('a restart that fails is told to those who asked and stops nobody after them', async () => {
  const { act, runs } = manual();
  const queue = new RestartQueue(act);
  const first = queue.request();
  await settled();
  const second = queue.request();

  runs[0]?.(new Error('no'));

  await expect(first).rejects.toThrow('no');
  await settled();
  runs[1]?.();
  await second;
});

test('idle waits for what is asked for while it waits', async () => {
  const { act, runs } = manual();
  const queue = new RestartQueue(act);
  void queue.request();
  await settled();
  let idle = false;
  const waiting = queue.idle().then(() => (idle = true));

  void queue.request();
  runs[0]?.();
  await settled();

  expect(idle).toBe(false);
  runs[1]?.();
  await waiting;
});
