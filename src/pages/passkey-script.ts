/**
 * Lets a form be answered by a passkey (WebAuthn §5.1.8, §5.1.9): what the browser is asked for stands in the button's
 * `data-options`, and what it answers goes into the field `response`. Where the browser cannot, the form stays hidden.
 */
export const passkeyScript = `'use strict';
// Passkeys are of a name, never of an address.
const named = !/^[\\d.]+$|^\\[/.test(location.hostname);
const supported = named && 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
for (const form of document.querySelectorAll('form[data-passkey], [data-passkey] form')) {
  const button = form.querySelector('button[data-options]');
  const problem = form.querySelector('[data-problem]');
  if (!supported || !button) continue;
  form.closest('[data-passkey]').hidden = false;
  form.addEventListener('submit', async (event) => {
    const field = form.elements.namedItem('response');
    if (field.value !== '') return;
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      const options = JSON.parse(button.dataset.options);
      const credential =
        button.dataset.ceremony === 'create'
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      field.value = JSON.stringify(credential);
      form.submit();
    } catch {
      problem.hidden = false;
      button.disabled = false;
    }
  });
}
`;
