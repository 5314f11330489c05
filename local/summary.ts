import type { Demonstration } from './demonstration.ts';
import type { LocalOutputs } from './outputs.ts';

/**
 * What `npm start` prints when it is ready: where everything is, and commands to paste, in the order of a first try.
 * They read the administrator's secret from `outputs.json`, since what a terminal shows may be kept; the passwords of the
 * demonstration's users are shown once, when they are made.
 *
 * @param made whether this run made the demonstration
 */
export function summary(
  outputs: LocalOutputs,
  outputsFile: string,
  demonstration: Demonstration,
  made: boolean,
): string {
  const { issuer, token_endpoint: tokenEndpoint, admin_url: adminUrl, api_url: apiUrl } = outputs;
  return `
Latchkey is ready.

  issuer      ${issuer}
  admin API   ${adminUrl}
  API         ${apiUrl}
  outputs     ${outputsFile}

1. A token for the administrator of the tenant ${outputs.tenant}:

member() {
  node -pe 'process.argv[1].split(".").reduce((value, name) => value[name], JSON.parse(require("fs").readFileSync(0)))' "$1"
}
ADMIN="$(member admin.client_id < '${outputsFile}'):$(member admin.client_secret < '${outputsFile}')"
ADMIN_TOKEN=$(curl -s -u "$ADMIN" -d grant_type=client_credentials ${tokenEndpoint} | member access_token)

2. An integration that may read issues and users:

INTEGRATION=$(curl -s -H "Authorization: Bearer $ADMIN_TOKEN" -H 'Content-Type: application/json' \\
  -d '{"name":"Billing sync","access":{"issues":"read","users":"read"}}' ${adminUrl}/integrations)
CLIENT_ID=$(echo "$INTEGRATION" | member client_id)

3. A token for it, and a protected call with that token:

TOKEN=$(curl -s -u "$CLIENT_ID:$(echo "$INTEGRATION" | member client_secret)" -d grant_type=client_credentials \\
  ${tokenEndpoint} | member access_token)
curl -si -H "Authorization: Bearer $TOKEN" ${apiUrl}/users; echo

4. Disable the integration: within seconds the very same token is refused:

curl -s -X POST -H "Authorization: Bearer $ADMIN_TOKEN" ${adminUrl}/integrations/$CLIENT_ID/disable; echo
sleep 5; curl -si -H "Authorization: Bearer $TOKEN" ${apiUrl}/users; echo

5. Sign in as a user: a sample app, in a second terminal, then http://127.0.0.1:8788 in a browser:

npm run sample-app

${usersOf(demonstration, made, outputsFile)}

The throttling of the templates is not applied on this machine. Ctrl-C stops.
`;
}

function usersOf({ users }: Demonstration, made: boolean, outputsFile: string): string {
  const accounts = Object.entries(users);
  if (!made)
    return `  Users: ${accounts.map(([, { username }]) => username).join(', ')}; passwords are in ${outputsFile}.`;
  const lines = accounts.map(([role, { username, password }]) => `  ${role.padEnd(22)}${username}  ${password}`);
  return ['  role                  user password (shown this once; kept in the data folder)', ...lines].join('\n');
}
