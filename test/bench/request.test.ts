import { expect, it } from 'vitest';
import { Requests } from '../../bench/core/alike/request.ts';

it('one at a time, however many, each call has an id that 32 bits hold, so that its answer is known', () => {
  const requests = new Requests();
  const carried = new Int32Array(1);
  let answered = 0;
  for (let call = 0; call < 600_000; call++) {
    carried[0] = requests.next('mix', 1, 2)[0];
    answered += requests.result([carried[0] as number, 1, 0, 0]) as number;
  }
  expect(answered).toBe(600_000);
});
