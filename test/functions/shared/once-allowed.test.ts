import { expect, it, vi } from 'vitest';
import { onceAllowed } from '../../../functions/shared/once-allowed.ts';

const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });

it('what is denied at first is done once it is allowed', async () => {
  const attempt = vi.fn().mockRejectedValueOnce(denied).mockRejectedValueOnce(denied).mockResolvedValue('done');
  expect(await onceAllowed(attempt, [0, 0, 0])).toBe('done');
  expect(attempt).toHaveBeenCalledTimes(3);
});

it('what stays denied is refused with the denial', async () => {
  const attempt = vi.fn().mockRejectedValue(denied);
  await expect(onceAllowed(attempt, [0, 0])).rejects.toBe(denied);
  expect(attempt).toHaveBeenCalledTimes(3);
});

it('no other failure is tried again', async () => {
  const fault = new Error('of another kind');
  const attempt = vi.fn().mockRejectedValue(fault);
  await expect(onceAllowed(attempt, [0, 0])).rejects.toBe(fault);
  expect(attempt).toHaveBeenCalledTimes(1);
});
