import { expect, it } from 'vitest';
import { handler } from '../../../functions/auth/openid-configuration.ts';
import { environment } from '../../../src/environment.ts';
import { issuer } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';

it('both discovery documents are the same, of the issuer and not of the host that was asked', async () => {
  process.env[environment.issuer] = issuer;
  const ask = callHandler(handler);
  const headers = { Host: 'elsewhere.example', 'X-Forwarded-Host': 'elsewhere.example' };
  const answers = await Promise.all(
    ['GET /.well-known/openid-configuration', 'GET /.well-known/oauth-authorization-server'].map((route) =>
      ask(route, { headers }),
    ),
  );
  for (const answer of answers)
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'Cache-Control': 'public, max-age=300',
        'Content-Type': 'application/json',
        'Access-Control-Allow-Origin': '*',
      },
      body: { issuer, token_endpoint: `${issuer}/oauth2/token` },
    });
  expect(answers[0]?.body).toEqual(answers[1]?.body);
});
