/** A reason not to start, in one line for people: `npm start` prints it and ends with status 1. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  constructor(message: string) {
    super(message.trim().replaceAll(/\s*\n\s*/g, ' '));
  }
}
