import { html } from 'hono/html';
import { type Agreement, description, question, whoIsAsked } from './agreement.ts';
import { problem } from './form.ts';
import type { Html, Page } from './layout.ts';

export interface ConsentPage extends Agreement {
  /** Where the browser goes with the answer: a host, or what an app of this machine answers to. */
  readonly destination: string;
  /** Whether an app of this machine is answered, which any other may pretend to be (RFC 8252 §8.6). */
  readonly onThisDevice: boolean;
}

/** Where a user agrees to what an application may do for them. */
export function consentPage(given: ConsentPage): Page {
  const { brand, application } = given;
  return {
    title: `Allow ${application.name}?`,
    brand,
    main: html`<h1>Allow ${application.name} to act for you?</h1>
${description(given)}
${whoIsAsked(given)}
${problem(given.problem)}
${question(given, afterwards(given))}`,
  };
}

function afterwards({ destination, onThisDevice }: ConsentPage): Html {
  return onThisDevice
    ? html`It runs on this device: allow it only if you have just started it yourself.`
    : html`You will go back to <strong>${destination}</strong>.`;
}
