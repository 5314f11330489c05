import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in the bundles for the SDK's chain of credential providers: Lambda hands a function's credentials over in its
 * environment. The others (shared files, single sign-on, the metadata service …) would be a fifth of every bundle, and
 * ways to credentials that a function must never take.
 */
export const defaultProvider = fromEnv;
