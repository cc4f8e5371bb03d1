import { expect, it } from 'vitest';
import { Condition } from '../../src/foundation/condition.ts';

const settledTurn = () => new Promise((resolve) => setImmediate(resolve));

it('whoever waits goes on when its own condition holds, asked at each notice', async () => {
  const condition = new Condition();
  let value = 0;
  const gone: string[] = [];
  void condition.until(() => value >= 0).then(() => gone.push('at once'));
  void condition.until(() => value >= 1).then(() => gone.push('at 1'));
  void condition.until(() => value >= 2).then(() => gone.push('at 2'));
  await settledTurn();
  value = 1;
  await settledTurn();
  expect(gone).toEqual(['at once']);
  condition.notify();
  await settledTurn();
  expect(gone).toEqual(['at once', 'at 1']);
  expect(condition.isAwaited).toBe(true);
  value = 2;
  condition.notify();
  await settledTurn();
  expect(gone).toEqual(['at once', 'at 1', 'at 2']);
  expect(condition.isAwaited).toBe(false);
});

it('whoever waits in vain is told why; whoever comes after waits as before', async () => {
  const condition = new Condition();
  let reached = false;
  const waiting = condition.until(() => reached);
  condition.refuse(new Error('closed'));
  await expect(waiting).rejects.toThrow('closed');
  const later = condition.until(() => reached);
  reached = true;
  condition.notify();
  await later;
});
