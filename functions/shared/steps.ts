import { firstFactorOf, type Interaction } from '../../src/entities/interaction.ts';
import type { PageStep } from '../../src/oauth/authorization/next-step.ts';
import { reach } from './interaction.ts';
import type { PageAnswer } from './page-endpoint.ts';
import type { SignedIn } from './visit.ts';

const pages: Readonly<Record<PageStep, string>> = {
  'sign-in': '/sign-in',
  'select-account': '/accounts',
  'second-factor': '/second-factor',
  'enrol-second-factor': '/enrol-second-factor',
  consent: '/consent',
};

/** Sends the browser to the page of a step, in an interaction. */
export async function pageOfStep(
  step: PageStep,
  interaction: Interaction,
  signedIn: SignedIn | undefined,
): Promise<PageAnswer> {
  if (signedIn && (step === 'second-factor' || step === 'enrol-second-factor')) {
    // What the session was begun with counts: only the second factor is asked for.
    await reach(interaction, { firstFactor: firstFactorOf(signedIn.session) });
  }
  return { seeOther: `${pages[step]}?interaction=${interaction.id}` };
}
