import { randomBytes } from 'node:crypto';
import { audience, client, issuer, lifetimeSeconds, scope } from './client.ts';
import { signedJwt } from './es256.ts';
import { bodyOf, serve } from './serve.ts';

/** The floor: reads the request, looks at nothing, signs one JWT of ten claims and answers. */
serve(async (request, response) => {
  await bodyOf(request);
  const issuedAt = Math.floor(Date.now() / 1000);
  const access_token = signedJwt(
    { typ: 'at+jwt' },
    {
      iss: issuer,
      sub: client.id,
      aud: audience,
      client_id: client.id,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      jti: randomBytes(16).toString('base64url'),
      scope,
      tenant: client.tenant,
      cred: 'sec_1',
    },
  );
  const body = JSON.stringify({ access_token, token_type: 'Bearer', expires_in: lifetimeSeconds, scope });
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
});
