import { ResponseType } from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, test } from 'vitest';
import { resourcesOf, synthesize, type Template, templateOf } from '../synthesize.ts';

const templates = synthesize();

interface Answer {
  readonly ResponseType: string;
  readonly StatusCode: string;
  readonly ResponseParameters: Readonly<Record<string, unknown>>;
  readonly ResponseTemplates: Readonly<Record<string, string>>;
}

function answersOf(template: Template): ReadonlyMap<string, Answer & { readonly body: Record<string, unknown> }> {
  return new Map(
    resourcesOf(template, 'AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => {
      const answer = Properties as unknown as Answer;
      return [answer.ResponseType, { ...answer, body: JSON.parse(answer.ResponseTemplates['application/json'] ?? '') }];
    }),
  );
}

const everyType = Object.values(ResponseType)
  .filter((type): type is ResponseType => type instanceof ResponseType)
  .map((type) => type.responseType);

function header(answer: Answer | undefined, name: string): string {
  const value = answer?.ResponseParameters[`gatewayresponse.header.${name}`];
  if (typeof value === 'string') return value;
  const parts = (value as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join']?.[1] ?? [];
  return parts.map((part) => (typeof part === 'string' ? part : '<>')).join('');
}

describe.each(['Auth', 'Admin', 'Api'])('%s', (name) => {
  const answers = answersOf(templateOf(templates, name));

  test('answers every type of refusal', () => {
    expect(everyType.length).toBeGreaterThan(15);
    expect([...answers.keys()].toSorted()).toEqual(everyType.toSorted());
  });

  test('says that an unknown path or method is not found, whatever API Gateway takes it for', () => {
    for (const type of ['MISSING_AUTHENTICATION_TOKEN', 'INVALID_SIGNATURE', 'RESOURCE_NOT_FOUND'])
      expect(answers.get(type)?.StatusCode).toBe('404');
  });

  test('never repeats what API Gateway says of the request: it can quote the token', () => {
    const text = JSON.stringify([...answers.values()]);
    expect(text).not.toContain('$context.error');
    expect(text.match(/\$context[A-Za-z.]*/g) ?? []).toEqual(
      name === 'Auth' ? [] : expect.arrayContaining(['$context.authorizer.scope']),
    );
  });

  test('is never stored, and says when to try again', () => {
    for (const answer of answers.values()) expect(header(answer, 'Cache-Control')).toBe("'no-store'");
    for (const type of ['THROTTLED', 'INTEGRATION_FAILURE', 'INTEGRATION_TIMEOUT'])
      expect(header(answers.get(type), 'Retry-After')).toMatch(/^'\d+'$/);
    expect(answers.get('THROTTLED')?.StatusCode).toBe('429');
    expect(answers.get('REQUEST_TOO_LARGE')?.StatusCode).toBe('413');
    expect(answers.get('UNSUPPORTED_MEDIA_TYPE')?.StatusCode).toBe('415');
  });
});

describe.each(['Admin', 'Api'])('%s', (name) => {
  const answers = answersOf(templateOf(templates, name));
  const metadata = `https://<>.execute-api.<>.<>/${name.toLowerCase()}/.well-known/oauth-protected-resource`;

  test('challenges a request without a valid token (RFC 6750 §3, RFC 9728 §5.1)', () => {
    const refused = answers.get('UNAUTHORIZED');
    expect(refused?.StatusCode).toBe('401');
    expect(header(refused, 'WWW-Authenticate')).toBe(`'Bearer error="invalid_token", resource_metadata="${metadata}"'`);
  });

  test('names the right that was missing', () => {
    const refused = answers.get('ACCESS_DENIED');
    expect(refused?.StatusCode).toBe('403');
    expect(header(refused, 'WWW-Authenticate')).toBe(
      `'Bearer error="insufficient_scope", resource_metadata="${metadata}"'`,
    );
    expect(refused?.body.scope).toBe('$context.authorizer.scope');
  });

  test('speaks problem details (RFC 9457), to no other origin', () => {
    for (const answer of answers.values()) {
      expect(header(answer, 'Content-Type')).toBe("'application/problem+json'");
      expect(answer.body).toMatchObject({
        type: 'about:blank',
        title: expect.any(String),
        status: Number(answer.StatusCode),
        detail: expect.any(String),
      });
      expect(header(answer, 'Access-Control-Allow-Origin')).toBe('');
    }
  });
});

test('Auth speaks RFC 6749 §5.2, to any origin', () => {
  for (const answer of answersOf(templateOf(templates, 'Auth')).values()) {
    expect(Object.keys(answer.body)).toEqual(['error', 'error_description']);
    expect(header(answer, 'Access-Control-Allow-Origin')).toBe("'*'");
  }
});
