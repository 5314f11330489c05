import { KMSClient } from '@aws-sdk/client-kms';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import { kmsSecretProtector } from '../../src/adapters/kms/secret-protector.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, variable } from './services.ts';
import { table } from './table.ts';

/** What presented refresh tokens are looked up and proved with. */
export const refreshTokens = /* @__PURE__ */ once(() => ({
  families: tokenFamilies(table()),
  protector: kmsSecretProtector(new KMSClient(clientOptions), variable(environment.secretKeyArn)),
}));
