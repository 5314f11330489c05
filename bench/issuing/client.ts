import { newClientSecret } from '../../src/entities/client-secret.ts';

/** The one client that every server of the comparison knows, and what it asks each of them for. */
export const client = {
  tenant: 'ten_0123456789abcdef',
  id: 'int_0123456789abcdefABCDEFGHIJKLMNOPQRSTUV',
  // The same in every process; of no deployment.
  secret: newClientSecret((size) => new Uint8Array(size).fill(7)),
};

export const issuer = 'https://auth.example/auth';
export const audience = 'https://api.example/api/v1';
export const scope = 'issues:read users:read';
export const lifetimeSeconds = 3600;

/** What the client sends; each server has its token endpoint at this path. */
export const tokenRequest = {
  path: '/auth/oauth2/token',
  authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
  contentType: 'application/x-www-form-urlencoded',
  body: 'grant_type=client_credentials',
};
