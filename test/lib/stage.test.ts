import { describe, expect, test } from 'vitest';
import { type Stage, stage } from '../../lib/stage.ts';
import { longestTokenLifetimeSeconds } from '../../src/entities/token-lifetime.ts';

const certificateArn = 'arn:aws:acm:eu-west-1:111122223333:certificate/0b1d';

describe('stage', () => {
  test('has a default for every option that needs one', () => {
    expect(stage()).toMatchObject({
      tokenLifetimeSeconds: 3600,
      revocationBoundSeconds: 5,
      secretRetrieval: true,
      signingAlgorithm: 'RS256',
      removalPolicy: 'retain',
      waf: false,
    });
    expect(stage()).not.toHaveProperty('corsOrigin');
    expect(stage()).not.toHaveProperty('domain');
  });

  test.each<[keyof Stage, Partial<Stage>, Partial<Stage>]>([
    ['name', { name: '9-lives' }, { name: 'Lives-9' }],
    ['name', { name: 'Aws-Latchkey' }, { name: 'Latchkey-Aws' }],
    ['tokenLifetimeSeconds', { tokenLifetimeSeconds: 59 }, { tokenLifetimeSeconds: 60 }],
    ['tokenLifetimeSeconds', { tokenLifetimeSeconds: 90.5 }, { tokenLifetimeSeconds: 90 }],
    [
      'tokenLifetimeSeconds',
      { tokenLifetimeSeconds: longestTokenLifetimeSeconds + 1 },
      { tokenLifetimeSeconds: longestTokenLifetimeSeconds },
    ],
    ['revocationBoundSeconds', { revocationBoundSeconds: 301 }, { revocationBoundSeconds: 300 }],
    ['auditRetentionDays', { auditRetentionDays: 29 }, { auditRetentionDays: 30 }],
    ['auditRetentionDays', { auditRetentionDays: 3654 }, { auditRetentionDays: 3653 }],
    ['corsOrigin', { corsOrigin: 'https://a.example/' }, { corsOrigin: 'https://a.example' }],
    ['corsOrigin', { corsOrigin: "'" }, { corsOrigin: '*' }],
    [
      'domain',
      { domain: { name: 'https://id.example.com', certificateArn } },
      { domain: { name: 'id.example.com', certificateArn } },
    ],
    [
      'domain',
      { domain: { name: 'id.example.com', certificateArn, hostedZone: { id: 'Z123', name: 'ample.com' } } },
      { domain: { name: 'id.example.com', certificateArn, hostedZone: { id: 'Z123', name: 'example.com' } } },
    ],
    ['webhookKeys', { webhookKeys: [] }, { webhookKeys: ['one', 'two'] }],
    ['webhookKeys', { webhookKeys: ['one', 'one'] }, { webhookKeys: ['one'] }],
    ['webhookKeys', { webhookKeys: ['One'] }, { webhookKeys: ['one'] }],
    [
      'signingKeys',
      { signingKeys: [{ name: 'a', algorithm: 'ES256' }], signingAlgorithm: 'ES256' },
      {
        signingKeys: [
          { name: 'a', algorithm: 'ES256' },
          { name: 'b', algorithm: 'RS256' },
        ],
        signingAlgorithm: 'ES256',
      },
    ],
    [
      'signingKeys',
      { signingKeys: [{ name: 'a', algorithm: 'RS256', state: 'revoked' }] },
      {
        signingKeys: [
          { name: 'a', algorithm: 'RS256', state: 'revoked' },
          { name: 'b', algorithm: 'RS256' },
        ],
      },
    ],
    [
      'signingKeys',
      {
        signingKeys: [
          { name: 'a', algorithm: 'RS256' },
          { name: 'a', algorithm: 'ES256' },
        ],
      },
      {
        signingKeys: [
          { name: 'a', algorithm: 'RS256' },
          { name: 'b', algorithm: 'ES256' },
        ],
      },
    ],
    ['reservedConcurrency', { reservedConcurrency: { token: 0 } }, { reservedConcurrency: { token: 1 } }],
    [
      'resourceServers',
      { resourceServers: { orders: 'http://orders.example.com/v1' } },
      { resourceServers: { orders: 'https://orders.example.com/v1' } },
    ],
    [
      'resourceServers',
      { resourceServers: { admin: 'https://orders.example.com/v1' } },
      { resourceServers: { orders: 'https://orders.example.com/v1' } },
    ],
  ])('names %s when it is not acceptable, and takes it when it is', (option, refused, accepted) => {
    expect(() => stage(refused)).toThrow(option);
    expect(stage(accepted)).toMatchObject(accepted);
  });
});
