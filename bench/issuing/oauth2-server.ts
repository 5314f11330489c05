import { randomBytes } from 'node:crypto';
import OAuth2Server from '@node-oauth/oauth2-server';
import { SignJWT } from 'jose';
import { audience, client, issuer, lifetimeSeconds, scope } from './client.ts';
import { signingKey } from './es256.ts';
import { bodyOf, serve } from './serve.ts';

/** \@node-oauth/oauth2-server with a model in memory and jose for ES256 JWT access tokens, behind bare `node:http`. */
const registered = { id: client.id, grants: ['client_credentials'] };

const server = new OAuth2Server({
  accessTokenLifetime: lifetimeSeconds,
  model: {
    getClient: async (id, secret) => (id === client.id && secret === client.secret ? registered : false),
    getUserFromClient: async () => ({ id: client.id }),
    validateScope: async () => scope.split(' '),
    generateAccessToken: async (_client, _user, granted) =>
      new SignJWT({
        client_id: client.id,
        scope: [granted].flat().join(' '),
        tenant: client.tenant,
        cred: 'sec_1',
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: signingKey.kid })
        .setIssuer(issuer)
        .setSubject(client.id)
        .setAudience(audience)
        .setJti(randomBytes(16).toString('base64url'))
        .setIssuedAt()
        .setExpirationTime(`${lifetimeSeconds}s`)
        .sign(signingKey.privateKey),
    saveToken: async (token, ofClient, user) => ({ ...token, client: ofClient, user }),
    getAccessToken: async () => false,
  },
});

serve(async (request, response) => {
  const body = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
  const asked = new OAuth2Server.Request({
    headers: request.headers as Record<string, string>,
    method: 'POST',
    query: {},
    body,
  });
  const answer = new OAuth2Server.Response({ headers: {} });
  await server.token(asked, answer);
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status ?? 500, {
    ...answer.headers,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
});
