import type { AuditEvent, AuditFilter } from '../../src/entities/audit-event.ts';
import type { AuthorizationCode } from '../../src/entities/authorization-code.ts';
import type { Consent } from '../../src/entities/consent.ts';
import type { DeviceAuthorization } from '../../src/entities/device-authorization.ts';
import type { FederatedIdentity } from '../../src/entities/federated-identity.ts';
import { type IdentityProvider, standardClaims } from '../../src/entities/identity-provider.ts';
import { type Integration, machineOnly } from '../../src/entities/integration.ts';
import type { Interaction } from '../../src/entities/interaction.ts';
import type { Issue } from '../../src/entities/issue.ts';
import type { LogoutDelivery } from '../../src/entities/logout-delivery.ts';
import type { PasswordLink } from '../../src/entities/password-link.ts';
import type { PersonalAccessToken } from '../../src/entities/personal-access-token.ts';
import type { Project } from '../../src/entities/project.ts';
import type { PushedRequest } from '../../src/entities/pushed-request.ts';
import type { RightsRemoval } from '../../src/entities/rights-removal.ts';
import type { Session } from '../../src/entities/session.ts';
import type { SigningKey } from '../../src/entities/signing-key.ts';
import type { SshKey } from '../../src/entities/ssh-key.ts';
import type { Tenant } from '../../src/entities/tenant.ts';
import type { TenantDeletion } from '../../src/entities/tenant-deletion.ts';
import type { TokenFamily } from '../../src/entities/token-family.ts';
import type { User } from '../../src/entities/user.ts';
import type { UserCredentials } from '../../src/entities/user-credentials.ts';

/** Entities whose members are their own names, so that the keys built from them say what they are built from. */

export const at = '{created_at}';

export const tenant: Tenant = { tenant: '{tenant}', name: '{name}', operator: false, managers: 2 };

export const tenantDeletion: TenantDeletion = {
  tenant: '{tenant}',
  step: 'waiting',
  removed: 0,
  startedAt: at,
  operatorTenant: "{operator's tenant}",
};

export const rightsRemoval: RightsRemoval = {
  tenant: '{tenant}',
  of: 'project',
  id: '{project}',
  startedAt: at,
  by: '{user}',
};

const granted = { state: 'granted', requestedBy: '{user}' } as const;

/** One that could restore everything else in its tenant, so that creating and deleting it counts. */
export const integration: Integration = {
  tenant: '{tenant}',
  clientId: '{client_id}',
  name: '{folded name}',
  status: 'active',
  owner: '{user}',
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  jwks: [],
  ...machineOnly,
  rights: { 'integrations:manage': granted, 'users:manage': granted },
  secrets: [{ id: '{secret}', hash: '{hash}', ciphertext: '{ciphertext}', lastFour: '{four}', createdAt: at }],
  tokenGeneration: 0,
  createdAt: at,
  version: 1,
};

export const sshKey: SshKey = {
  tenant: '{tenant}',
  clientId: '{client_id}',
  id: '{ssh_key}',
  name: '{name}',
  type: '{type}',
  blob: '{key}',
  fingerprint: 'SHA256:{fingerprint}',
  createdAt: at,
};

export const user: User = {
  tenant: '{tenant}',
  id: '{user_id}',
  username: '{folded username}',
  email: '{folded email}',
  name: '{name}',
  roles: [{ role: 'project_administrator', project: '{project}' }],
  status: 'active',
  tokenGeneration: 0,
  version: 1,
  createdAt: at,
};

export const userCredentials: UserCredentials = {
  tenant: '{tenant}',
  userId: '{user_id}',
  passwordHash: '{hash}',
  passkeys: [],
  recoveryCodes: [],
  version: 1,
};

export const identityProvider: IdentityProvider = {
  tenant: '{tenant}',
  id: '{identity_provider}',
  name: '{name}',
  issuer: '{issuer}',
  clientId: '{client_id}',
  claimMapping: standardClaims,
  allowedEmailDomains: ['{domain}'],
  createUsers: true,
  roles: ['member'],
  status: 'active',
  version: 1,
  createdAt: at,
};

export const federatedIdentity: FederatedIdentity = {
  tenant: '{tenant}',
  id: '{link}',
  providerId: '{identity_provider}',
  issuer: '{issuer}',
  subject: '{subject}',
  userId: '{user_id}',
  createdAt: at,
};

export const passwordLink: PasswordLink = {
  tenant: '{tenant}',
  userId: '{user_id}',
  hash: '{hash}',
  expiresAt: at,
  generation: 0,
};

export const project: Project = { tenant: '{tenant}', key: '{project}', name: '{name}', createdAt: at };

export const issue: Issue = {
  tenant: '{tenant}',
  project: '{project}',
  number: 7,
  title: '{title}',
  body: '{body}',
  status: 'open',
  author: '{user}',
  createdAt: at,
  updatedAt: at,
  version: 1,
};

export const deviceAuthorization: DeviceAuthorization = {
  tenant: '{tenant}',
  codeHash: '{SHA-256 of device_code}',
  userCode: '{user_code}',
  clientId: '{client_id}',
  parameters: {},
  createdAt: at,
  expiresAt: at,
  intervalSeconds: 5,
};

export const tokenFamily: TokenFamily = {
  tenant: '{tenant}',
  id: '{family}',
  clientId: '{client_id}',
  grantType: '{grant_type}',
  credential: '{secret}',
  operator: false,
  scopes: [],
  rights: { global: [], byProject: {} },
  resources: [],
  createdAt: at,
  expiresAt: at,
};

export const authorizationCode: AuthorizationCode = {
  tenant: '{tenant}',
  hash: '{SHA-256 of code}',
  clientId: '{client_id}',
  redirectUri: '{redirect_uri}',
  expiresAt: at,
  family: tokenFamily,
};

export const personalAccessToken: PersonalAccessToken = {
  tenant: '{tenant}',
  userId: '{user_id}',
  id: '{id}',
  hash: '{SHA-256 of token}',
  name: '{name}',
  rights: { global: [], byProject: {} },
  clientId: '{client_id}',
  consentId: '{consent}',
  operator: false,
  userGeneration: 0,
  lastFour: '{four}',
  createdAt: at,
  expiresAt: at,
};

export const pushedRequest: PushedRequest = {
  tenant: '{tenant}',
  id: '{request}',
  clientId: '{client_id}',
  parameters: {},
  expiresAt: at,
};

export const interaction: Interaction = {
  tenant: '{tenant}',
  id: '{interaction}',
  purpose: { kind: 'authorization', clientId: '{client_id}', parameters: {} },
  createdAt: at,
  expiresAt: at,
  version: 1,
};

export const session: Session = {
  tenant: '{tenant}',
  userId: '{user_id}',
  id: '{session_id}',
  secretHash: '{hash}',
  userGeneration: 0,
  authenticatedAt: at,
  methods: ['pwd'],
  createdAt: at,
  expiresAt: at,
};

export const consent: Consent = {
  tenant: '{tenant}',
  userId: '{user_id}',
  clientId: '{client_id}',
  id: '{consent}',
  scopes: [],
  rights: { global: [], byProject: {} },
  createdAt: at,
  updatedAt: at,
};

export const logoutDelivery: LogoutDelivery = {
  tenant: '{tenant}',
  userId: '{user_id}',
  sessionId: '{session_id}',
  clientIds: ['{client_id}'],
  endedAt: at,
  attempts: 1,
  dueAt: '{due_at}',
};

export const signingKey: SigningKey = {
  kid: '{kid}',
  name: '{name}',
  algorithm: 'RS256',
  keyArn: '{key_arn}',
  publicJwk: {},
  state: 'active',
  since: at,
};

export const event: AuditEvent = {
  id: '{event}',
  tenant: '{tenant}',
  at,
  actor: '{actor}',
  action: '{action}',
  object: '{object}',
  requestId: '{request_id}',
};

/** A filter by time. */
export const during: AuditFilter & { readonly from: string; readonly until: string } = {
  from: '2026-01-01T00:00:00.000Z',
  until: '2027-01-01T00:00:00.000Z',
};
