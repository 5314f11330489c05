import { setTimeout as wait } from 'node:timers/promises';
import type { Pause } from '../../src/ports.ts';

export const pause: Pause = (atMostMilliseconds) => wait(Math.random() * atMostMilliseconds);
