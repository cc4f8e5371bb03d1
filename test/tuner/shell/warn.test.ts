import { expect, it, vi } from 'vitest';
import { warn, warnOnce } from '../../../tuner/shell/warn.ts';

it('a host whose own function for warnings throws is no reason for a tuner to fail', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {
    throw new Error('no warnings here');
  });
  warn('SANDTUNE_LEDGER', 'a ledger was set aside');
  warnOnce('SANDTUNE_MODE', 'a mode was held down');
  expect(emitted).toHaveBeenCalledTimes(2);
  emitted.mockRestore();
});
