import { signInAttempts } from '../../src/adapters/dynamodb/sign-in-attempts.ts';
import { networkOf } from '../../src/authentication/address.ts';
import { type Admission, admit } from '../../src/authentication/attempt.ts';
import { once } from '../../src/once.ts';
import { pause } from './pause.ts';
import { clock } from './services.ts';
import { table } from './table.ts';

const attempts = /* @__PURE__ */ once(() => signInAttempts(table()));

/** Of a user code nobody knows whose it is: what is counted is of no tenant and of no user. */
const ofNobody = { tenant: 'ten_0', userId: 'usr_0' } as const;

/** Counts a try of a user code by the address that it comes from, before it is looked for (RFC 8628 §5.1). */
export function admitUserCode(address: string): Promise<Admission> {
  const strangers = [{ kind: 'address', address: networkOf(address) }] as const;
  return admit({ clock, pause, attempts: attempts() }, { ...ofNobody, strangers });
}

/** A code that led somewhere is not held against its address. */
export function forgiveUserCode(counters: readonly string[]): Promise<void> {
  return attempts().forgive(ofNobody.tenant, counters);
}
