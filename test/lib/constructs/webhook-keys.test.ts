import { expect, test } from 'vitest';
import { environment } from '../../../src/environment.ts';
import {
  actionsOf,
  functionDescribed,
  resourcesOf,
  statementsByFunction,
  synthesize,
  templateOf,
} from '../synthesize.ts';

const templates = synthesize({ webhookKeys: ['webhook-2', 'webhook-1'] });
const data = templateOf(templates, 'Data');
const [auth, admin] = [templateOf(templates, 'Auth'), templateOf(templates, 'Admin')];

const describing = (name: string) => `Latchkey: signs requests to apps' endpoints (${name})`;
const keyOf = (name: string) =>
  resourcesOf(data, 'AWS::KMS::Key')
    .filter(([, { Properties }]) => Properties.Description === describing(name))
    .map(([id]) => id);

/** The logical ids of the webhook keys, the one that signs first. */
const keys = [...keyOf('webhook-2'), ...keyOf('webhook-1')];
const [signing = '', next = ''] = keys;

/** Statements of all functions that name a key, with the functions that hold them. */
const naming = (key: string, action: string) =>
  [auth, admin].flatMap((template) =>
    [...statementsByFunction(template)].flatMap(([id, statements]) =>
      statements.filter((one) => actionsOf(one).includes(action) && JSON.stringify(one).includes(key)).map(() => id),
    ),
  );

test('a webhook key is an RSA key of its own for each name', () => {
  expect(keys).toHaveLength(2);
  for (const [id, { Properties }] of resourcesOf(data, 'AWS::KMS::Key'))
    if (keys.includes(id)) expect(Properties).toMatchObject({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
});

test('the first signs, for what tells endpoints and for nothing else; the next does not yet', () => {
  const holders = naming(signing, 'kms:Sign');
  expect(holders).toHaveLength(2);
  for (const holder of holders) expect(holder).toMatch(/^(Deliveries|AdminFunctionsendpoint)/);
  expect(naming(next, 'kms:Sign')).toEqual([]);
});

test('both are published, by a function that can sign with neither', () => {
  const { variables } = functionDescribed(auth, /webhook-jwks/);
  expect(JSON.stringify(variables[environment.webhookKeys])).toContain(next);
  for (const key of keys) expect(naming(key, 'kms:GetPublicKey').some((id) => /webhookjwks/i.test(id))).toBe(true);
  expect(naming(signing, 'kms:Sign').some((id) => /webhookjwks/i.test(id))).toBe(false);
});
