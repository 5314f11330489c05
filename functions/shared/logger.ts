import { Logger } from '@aws-lambda-powertools/logger';

/** The functions' one logger: JSON lines. Bodies, headers, query strings, tokens and secrets are never given to it. */
export const logger = new Logger({ serviceName: 'latchkey' });
