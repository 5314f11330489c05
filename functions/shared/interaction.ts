import { integrationNames } from '../../src/adapters/dynamodb/integration-store.ts';
import { interactions } from '../../src/adapters/dynamodb/interaction.ts';
import type { Integration } from '../../src/entities/integration.ts';
import {
  type Interaction,
  type InteractionChange,
  newInteraction,
  tenantOfInteraction,
} from '../../src/entities/interaction.ts';
import type { Form } from '../../src/oauth/form.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from './decide-again.ts';
import { InteractionOver } from './http-errors.ts';
import type { PageRequest } from './page-endpoint.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';
import { type Visit, visitOf } from './visit.ts';

export const interactionStore = /* @__PURE__ */ once(() => interactions(table()));

/**
 * Begins an interaction about an authorization request that passed every check which needs no user.
 *
 * @param browserHash absent where the browser sent no cookies
 */
export async function beginInteraction(
  { tenant, clientId }: Integration,
  form: Form,
  browserHash: string | undefined,
): Promise<Interaction> {
  const purpose = { kind: 'authorization', clientId, parameters: form.values() } as const;
  const interaction = newInteraction(tenant, purpose, browserHash, clock.now(), randomBytes);
  await interactionStore().create(interaction);
  return interaction;
}

/** A browser in the middle of something. */
export interface Ongoing extends Visit {
  readonly interaction: Interaction;
}

/**
 * The interaction that a page or a form names, of this browser.
 *
 * @param id where neither names it
 * @throws InteractionOver where it ran out, is another browser's or never was: nobody is told which
 */
export async function ongoing(request: PageRequest, id = namedIn(request)): Promise<Ongoing> {
  const interaction = await interactionOf(request, id);
  if (interaction.browserHash === undefined) throw new InteractionOver('bound to no browser yet');
  return { ...(await visitOf(request, interaction.tenant)), interaction };
}

/** As {@link ongoing}, and binds one that came from another site's form to this browser. */
export async function resumed(request: PageRequest): Promise<Ongoing> {
  const found = await interactionOf(request, namedIn(request));
  const interaction =
    found.browserHash === undefined
      ? await interactionStore().update(found, { browserHash: request.browser.hash })
      : found;
  return { ...(await visitOf(request, interaction.tenant)), interaction };
}

const namedIn = ({ query, form }: PageRequest): string => form.get('interaction') ?? query.get('interaction') ?? '';

async function interactionOf({ browser }: PageRequest, id: string): Promise<Interaction> {
  const tenant = tenantOfInteraction(id);
  const found = tenant && (await interactionStore().get(tenant, id));
  if (!found) throw new InteractionOver('unknown');
  if (found.browserHash !== undefined && found.browserHash !== browser.hash)
    throw new InteractionOver('another browser');
  if (clock.now() >= Date.parse(found.expiresAt)) throw new InteractionOver('ran out');
  return found;
}

/**
 * Writes what was reached; who sends a form twice, as a double click does, has reached it all the same.
 *
 * @throws InteractionOver where it ended meanwhile
 */
export function reach({ tenant, id }: Interaction, change: InteractionChange): Promise<Interaction> {
  return decideAgain(async () => {
    const current = await interactionStore().get(tenant, id);
    if (current === undefined) throw new InteractionOver('finished');
    return interactionStore().update(current, change);
  });
}

/** What the application that an interaction is about is called; undefined where it is about none, or that is gone. */
export async function applicationOf({ tenant, purpose }: Interaction): Promise<string | undefined> {
  if (purpose.kind === 'account') return undefined;
  return (await integrationNames(table()).of(tenant, [purpose.clientId])).get(purpose.clientId);
}

/** Where an interaction is decided on again, from the start. */
export function decidedAt({ id, purpose }: Interaction): string {
  if (purpose.kind === 'account') return purpose.returnTo;
  return `${purpose.kind === 'device' ? '/device' : '/oauth2/authorize'}?interaction=${id}`;
}
