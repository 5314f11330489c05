import { randomBytes } from 'node:crypto';
import type { AdminAnswer, AdminApi } from '../../../src/deployment/admin-api.ts';
import type { SecretVersions } from '../../../src/deployment/workload-credentials.ts';
import { newClientSecret } from '../../../src/entities/client-secret.ts';
import { newClientId, newId, newTenantId } from '../../../src/entities/identifiers.ts';

export const tenant = newTenantId(randomBytes);

interface Integration {
  readonly client_id: string;
  name: string;
  description?: string;
  rights: readonly string[];
  secrets: { readonly id: string; readonly value: string; expires_at: string | null }[];
}

/** The admin API's integrations and their secrets, as far as a workload's functions ask for them. */
export function adminApiUnderTest() {
  const integrations = new Map<string, Integration>();
  const add = (integration: Integration): string => {
    const value = newClientSecret(randomBytes);
    integration.secrets.push({ id: newId('sec', randomBytes), value, expires_at: null });
    return value;
  };
  const named = (name: string) => [...integrations.values()].find((integration) => integration.name === name);

  function create(body: Integration): AdminAnswer {
    if (named(body.name)) return { status: 409, body: { detail: 'The name is taken.' } };
    const integration = { ...body, client_id: newClientId(tenant, randomBytes), secrets: [] };
    integrations.set(integration.client_id, integration);
    return { status: 201, body: { client_id: integration.client_id, client_secret: add(integration) } };
  }

  function onOne(method: string, integration: Integration, body: Partial<Integration>): AdminAnswer {
    if (method === 'DELETE') {
      integrations.delete(integration.client_id);
      return { status: 204, body: undefined };
    }
    if (method === 'PATCH') {
      const other = body.name === undefined ? undefined : named(body.name);
      if (other && other !== integration) return { status: 409, body: { detail: 'The name is taken.' } };
      Object.assign(integration, body);
    }
    return { status: 200, body: integration };
  }

  function onSecrets(method: string, integration: Integration, id: string | undefined): AdminAnswer {
    if (method === 'GET') {
      const items = integration.secrets.map(({ value, ...secret }) => ({ ...secret, last_four: value.slice(-4) }));
      return { status: 200, body: { items } };
    }
    if (method === 'DELETE') {
      const place = integration.secrets.findIndex((secret) => secret.id === id);
      if (place < 0) return { status: 404, body: {} };
      integration.secrets.splice(place, 1);
      return { status: 204, body: undefined };
    }
    if (integration.secrets.length >= 2) return { status: 409, body: { detail: 'Two secrets are live already.' } };
    for (const secret of integration.secrets) secret.expires_at ??= 'tomorrow';
    return { status: 201, body: { client_secret: add(integration) } };
  }

  const api: AdminApi = async (method, path, body = {}) => {
    const [, , clientId, part, id] = path.split('?')[0]?.split('/') ?? [];
    if (clientId === undefined) {
      if (method === 'POST') return create(body as Integration);
      return { status: 200, body: { items: [...integrations.values()] } };
    }
    const integration = integrations.get(clientId);
    if (integration === undefined) return { status: 404, body: {} };
    return part === 'secrets' ? onSecrets(method, integration, id) : onOne(method, integration, body);
  };
  return {
    api,
    integrations,
    authenticates: async ({ client_id, client_secret }: { client_id: string; client_secret: string }) =>
      integrations.get(client_id)?.secrets.some(({ value }) => value === client_secret) ?? false,
  };
}

/** The versions of one secret, as Secrets Manager keeps them. */
export function secretUnderTest() {
  const versions = new Map<string, { text: string | undefined; stages: Set<string> }>();
  const holder = (stage: string) => [...versions].find(([, { stages }]) => stages.has(stage));
  const move = (stage: string, to: string | undefined) => {
    const former = holder(stage);
    if (former?.[0] === to) return;
    former?.[1].stages.delete(stage);
    if (stage === 'AWSCURRENT' && former) {
      holder('AWSPREVIOUS')?.[1].stages.delete('AWSPREVIOUS');
      former[1].stages.add('AWSPREVIOUS');
    }
    if (to !== undefined) versions.get(to)?.stages.add(stage);
  };
  const port: SecretVersions = {
    stages: async () =>
      Object.fromEntries(
        [...versions].filter(([, { stages }]) => stages.size > 0).map(([id, { stages }]) => [id, [...stages]]),
      ),
    read: async (stage, versionId) => {
      const found = holder(stage);
      return versionId === undefined || found?.[0] === versionId ? found?.[1].text : undefined;
    },
    write: async (text, stage, versionId = newId('ver', randomBytes)) => {
      const existing = versions.get(versionId);
      if (existing?.text !== undefined) return existing.text === text;
      versions.set(versionId, { text, stages: existing?.stages ?? new Set() });
      move(stage, versionId);
      return true;
    },
    moveStage: async (stage, { to }) => move(stage, to),
  };
  return {
    port,
    /** Begins a rotation as Secrets Manager does: with a version that has a label and no value; or goes on with one. */
    begin(): string {
      const pending = holder('AWSPENDING');
      if (pending && !pending[1].stages.has('AWSCURRENT')) return pending[0];
      const id = newId('ver', randomBytes);
      versions.set(id, { text: undefined, stages: new Set() });
      move('AWSPENDING', id);
      return id;
    },
    current: async () => JSON.parse((await port.read('AWSCURRENT')) ?? 'null'),
    previous: async () => JSON.parse((await port.read('AWSPREVIOUS')) ?? 'null'),
  };
}

/** Cuts work off at its n-th call of any of these functions, before the call or when it is done. */
export function cutOff(at: number, when: 'before' | 'after') {
  let calls = 0;
  return {
    wasCut: () => calls > at,
    watch:
      <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
      async (...given: Arguments): Promise<Result> => {
        const isCut = calls++ === at;
        if (isCut && when === 'before') throw new Error('cut off');
        const result = await work(...given);
        if (isCut) throw new Error('cut off');
        return result;
      },
  };
}
