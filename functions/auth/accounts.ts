import { pageRoutes } from '../../src/api/routes/pages.ts';
import { accountsPage } from '../../src/pages/accounts.ts';
import { applicationOf, decidedAt, ongoing, reach } from '../shared/interaction.ts';
import { formTarget, type PageAnswer, type PageRequest, page, pageEndpoint } from '../shared/page-endpoint.ts';
import { clock } from '../shared/services.ts';

async function shown(call: PageRequest): Promise<PageAnswer> {
  const { interaction, brand, signedIn } = await ongoing(call);
  const { id } = interaction;
  if (signedIn === undefined) return { seeOther: `/sign-in?interaction=${id}` };
  const application = await applicationOf(interaction);
  return { page: accountsPage({ brand, target: formTarget(call, '/accounts', id), application, user: signedIn.user }) };
}

async function chosen(call: PageRequest): Promise<PageAnswer> {
  const { interaction, signedIn } = await ongoing(call);
  if (call.form.get('account') !== 'current' || signedIn === undefined)
    return { seeOther: `/sign-in?interaction=${interaction.id}` };
  await reach(interaction, { accountChosenAt: new Date(clock.now()).toISOString() });
  return { seeOther: decidedAt(interaction) };
}

export const handler = pageEndpoint(page(pageRoutes.accounts, shown), page(pageRoutes.chooseAccount, chosen));
