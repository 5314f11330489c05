import type { Route } from '../route.ts';
import { pageQuery } from '../schemas/page.ts';
import { sshKeyAnswer, sshKeyCreation, sshKeyLookup, sshKeyOwnerAnswer, sshKeyPage } from '../schemas/ssh-key.ts';

/** The admin API's rows on SSH keys of integrations. */
export const sshKeyRoutes = {
  listSshKeys: {
    api: 'admin',
    method: 'GET',
    path: '/v1/integrations/{client_id}/ssh-keys',
    entry: 'admin/ssh-keys',
    right: 'integrations:read',
    summary: "List an integration's SSH keys",
    query: pageQuery,
    answer: sshKeyPage,
    status: 200,
    touches: { integration: ['GetItem'], 'ssh-key': ['Query'], 'cursor-key': ['GetItem'] },
  },
  addSshKey: {
    api: 'admin',
    method: 'POST',
    path: '/v1/integrations/{client_id}/ssh-keys',
    entry: 'admin/ssh-keys',
    right: 'integrations:manage',
    summary: 'Add an SSH public key',
    body: sshKeyCreation,
    answer: sshKeyAnswer,
    status: 201,
    touches: {
      integration: ['GetItem', 'PutItem'],
      'ssh-key': ['PutItem'],
      'audit-event': ['PutItem'],
    },
  },
  getSshKey: {
    api: 'admin',
    method: 'GET',
    path: '/v1/integrations/{client_id}/ssh-keys/{id}',
    entry: 'admin/ssh-keys',
    right: 'integrations:read',
    summary: 'Read an SSH key',
    answer: sshKeyAnswer,
    status: 200,
    touches: { integration: ['GetItem'], 'ssh-key': ['GetItem'] },
  },
  removeSshKey: {
    api: 'admin',
    method: 'DELETE',
    path: '/v1/integrations/{client_id}/ssh-keys/{id}',
    entry: 'admin/ssh-keys',
    right: 'integrations:manage',
    summary: 'Revoke an SSH key',
    status: 204,
    touches: {
      integration: ['GetItem', 'PutItem'],
      'ssh-key': ['DeleteItem'],
      'audit-event': ['PutItem'],
    },
  },
  lookUpSshKey: {
    api: 'admin',
    method: 'GET',
    path: '/v1/ssh-keys/{fingerprint}',
    entry: 'admin/ssh-keys',
    right: 'integrations:read',
    summary: 'Whose SSH key this is, and what that integration may do',
    query: sshKeyLookup,
    answer: sshKeyOwnerAnswer,
    status: 200,
    touches: {
      integration: ['BatchGetItem'],
      tenant: ['BatchGetItem'],
      application: ['BatchGetItem'],
      project: ['BatchGetItem'],
      'project-rights': ['BatchGetItem'],
      'ssh-key': ['GetItem', 'BatchGetItem', 'UpdateItem'],
    },
  },
} as const satisfies Record<string, Route>;
