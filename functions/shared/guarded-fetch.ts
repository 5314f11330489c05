import { faultOfTarget, type TargetRules } from '../../src/adapters/http/fetch-target.ts';
import { guardedFetch } from '../../src/adapters/http/guarded-fetch.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import type { GuardedFetch } from '../../src/ports.ts';
import { optionalVariable } from './services.ts';

const rules = once((): TargetRules => ({ loopback: optionalVariable(environment.loopbackFetch) === 'on' }));

/** Fetches URLs that a tenant gave: nothing else may. */
export const fetchFromOutside: () => GuardedFetch = once(() => guardedFetch(rules()));

/** What speaks against a URL that a tenant gives us to fetch, as the words of a fault; see {@link faultOfTarget}. */
export const faultOfOutsideTarget = (target: string): string | undefined => faultOfTarget(target, rules());
