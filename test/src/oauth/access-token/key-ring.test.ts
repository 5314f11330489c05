import { expect, test } from 'vitest';
import { newScene, newSigner, signed } from './scene.ts';

test('the keys are read once, at the first token', async () => {
  const scene = newScene();
  await Promise.all([scene.verifier.verify(scene.token()), scene.verifier.verify(scene.token())]);
  await scene.verifier.verify(scene.token());
  expect(scene.keyReadings).toBe(1);
});

test('a thousand unknown key ids cost one reading in thirty seconds', async () => {
  const scene = newScene();
  await scene.verifier.verify(scene.token());
  scene.now += 30_000;
  for (let count = 0; count < 1000; count++) {
    expect(await scene.verifier.verify(scene.token({}, { kid: `forged-${count}` }))).toEqual({ fault: 'kid' });
  }
  expect(scene.keyReadings).toBe(2);
});

test('a key that joins the deployment is found within thirty seconds', async () => {
  const scene = newScene();
  await scene.verifier.verify(scene.token());
  const joined = newSigner('ES256');
  scene.signers.push(joined);
  expect(await scene.verifier.verify(signed(joined, scene.claims()))).toEqual({ fault: 'kid' });
  scene.now += 30_000;
  expect(await scene.verifier.verify(signed(joined, scene.claims()))).toHaveProperty('claims');
});

test('a reading that failed is repeated at the next token', async () => {
  const scene = newScene();
  scene.outage = new Error('table down');
  await expect(scene.verifier.verify(scene.token())).rejects.toThrow('table down');
  scene.outage = undefined;
  expect(await scene.verifier.verify(scene.token())).toHaveProperty('claims');
});

test('a revoked key is out within a second on a warm instance, in the one reading of the decision', async () => {
  const scene = newScene();
  const [signer] = scene.signers;
  if (signer === undefined) throw new Error('no signer');
  const token = scene.token();
  expect(await scene.status(token)).toMatchObject({ active: true });
  expect(scene.readings.at(-1)).not.toHaveProperty('kid');

  signer.row = { ...signer.row, state: 'revoked' };
  scene.now += 1_000;
  expect(await scene.status(token)).toMatchObject({ active: false, fault: 'signing key not trusted' });
  expect(scene.readings.at(-1)).toHaveProperty('kid', signer.row.kid);
  expect(scene.readings).toHaveLength(2);
  expect(scene.keyReadings).toBe(1);
});

test('a key that came into use is accepted at once by an instance that knew it as the next', async () => {
  const signer = newSigner('ES256');
  signer.row = { ...signer.row, state: 'next' };
  const scene = newScene(signer);
  expect(await scene.status(scene.token())).toMatchObject({ active: false, fault: 'signing key not trusted' });
  signer.row = { ...signer.row, state: 'active' };
  expect(await scene.status(scene.token())).toMatchObject({ active: true });
  expect(scene.keyReadings).toBe(1);
});

test.each([
  ['active', true],
  ['retiring', true],
  ['next', false],
  ['retired', false],
  ['revoked', false],
] as const)('a token of a key that is %s is accepted: %j', async (state, active) => {
  const signer = newSigner('ES256');
  signer.row = { ...signer.row, state };
  const scene = newScene(signer);
  expect(await scene.status(scene.token())).toMatchObject({ active });
});

test('a token of a key whose row is gone is refused', async () => {
  const scene = newScene();
  const token = scene.token();
  expect(await scene.status(token)).toMatchObject({ active: true });
  scene.signers.length = 0;
  scene.now += 1_000;
  expect(await scene.status(token)).toMatchObject({ active: false });
});
