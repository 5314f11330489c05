import { createHash } from 'node:crypto';
import { earliestEventId } from '../../src/entities/audit-event.ts';
import { subjectHash } from '../../src/entities/federated-identity.ts';
import { application, customer, developer } from './application-samples.ts';
import { during, federatedIdentity, issue } from './samples.ts';

/** What keys show of values that cannot be their own names, and what they are. */
export const names: Readonly<Record<string, string>> = {
  [application.id]: '{app_id}',
  [developer]: '{developer}',
  [customer]: '{tenant}',
  'VERSION#0000000001': 'VERSION#{number, ten digits}',
  'VERSION#0000000002': 'VERSION#{number, ten digits}',
  [String(issue.number).padStart(10, '0')]: '{number, ten digits}',
  [createHash('sha256').update('{jti}').digest('base64url')]: '{SHA-256 of jti}',
  [subjectHash(federatedIdentity)]: '{SHA-256 of issuer and subject}',
  [earliestEventId(Date.parse(during.from))]: 'evt_{from}',
  [earliestEventId(Date.parse(during.until))]: 'evt_{until}',
};
