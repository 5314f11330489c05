import { signInAttempts } from '../../src/adapters/dynamodb/sign-in-attempts.ts';
import { userDirectory } from '../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import { currentParameters } from '../../src/authentication/password-hash.ts';
import type { SignInPorts } from '../../src/authentication/sign-in.ts';
import { once } from '../../src/once.ts';
import { pause } from './pause.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

/** What passwords are checked with; what it touches: `signInTouches` of `src/api/routes/sign-in-touches.ts`. */
export const signInPorts = /* @__PURE__ */ once(
  (): SignInPorts => ({
    clock,
    pause,
    randomBytes,
    directory: userDirectory(table()),
    credentials: userCredentials(table()),
    attempts: signInAttempts(table()),
    parameters: currentParameters,
  }),
);
