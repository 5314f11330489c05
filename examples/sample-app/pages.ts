import { html } from 'hono/html';

/** What the app knows of who is signed in. */
export interface SignedIn {
  readonly name: string;
  readonly claims: unknown;
  readonly scope: string;
}

type Content = ReturnType<typeof html>;

const layout = (content: Content) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Sample app</title>
    <style>
      :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
      body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
      pre { overflow: auto; padding: 1rem; border: 1px solid; border-radius: 0.5rem }
      form { display: inline }
    </style>
  </head>
  <body>
    <main>${content}</main>
  </body>
</html>`;

export const signedOutPage = () =>
  layout(html`<h1>Sample app</h1>
    <p>This app asks Latchkey who you are, and for the right to read and write issues as you.</p>
    <p><a href="/sign-in">Sign in</a></p>`);

export const signedInPage = ({ name, claims, scope }: SignedIn, issues: { status: number; body: unknown }) =>
  layout(html`<h1>Hello, ${name}</h1>
    <p>The access token carries: <code>${scope}</code></p>
    <h2>The demonstration project’s issues (${issues.status})</h2>
    <pre>${JSON.stringify(issues.body, null, 2)}</pre>
    <h2>The ID token’s claims</h2>
    <pre>${JSON.stringify(claims, null, 2)}</pre>
    <form method="post" action="/refresh"><button>Refresh the tokens</button></form>
    <form method="post" action="/sign-out"><button>Sign out</button></form>`);

export const errorPage = (message: string) =>
  layout(html`<h1>That did not work</h1>
    <p>${message}</p>
    <p><a href="/">Back</a></p>`);
