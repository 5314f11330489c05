import { AwsError } from './service.ts';

/** Reads members of a call's JSON input as AWS validates them: each failure is its `ValidationException` or kin. */
export class WireInput {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #errorCode: string;

  /** @param errorCode what the service calls bad input: KMS `ValidationException`, Secrets Manager `InvalidParameterException` */
  constructor(input: unknown, errorCode: string) {
    this.#members = typeof input === 'object' && input !== null ? { ...input } : {};
    this.#errorCode = errorCode;
  }

  has(name: string): boolean {
    return (this.#members[name] ?? undefined) !== undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, 'must not be null');
  }

  optionalText(name: string): string | undefined {
    const value = this.#members[name] ?? undefined;
    return value === undefined || typeof value === 'string' ? value : this.#refuse(name, 'must be a string');
  }

  optionalInteger(name: string): number | undefined {
    const value = this.#members[name] ?? undefined;
    return value === undefined || Number.isInteger(value)
      ? (value as number | undefined)
      : this.#refuse(name, 'must be an integer');
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.#members[name] ?? undefined;
    return value === undefined || typeof value === 'boolean' ? value : this.#refuse(name, 'must be a boolean');
  }

  /** A blob, on the wire in base64, of `minimum` to `maximum` bytes. */
  bytes(name: string, minimum: number, maximum: number): Buffer {
    const text = this.text(name);
    const value = Buffer.from(text, 'base64');
    if (value.toString('base64') !== text) {
      this.#refuse(name, 'must be base64');
    }
    if (value.length < minimum || value.length > maximum) {
      this.#refuse(name, `must have length between ${minimum} and ${maximum}`);
    }
    return value;
  }

  optionalTexts(name: string): readonly string[] | undefined {
    const value = this.#members[name] ?? undefined;
    return value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
      ? value
      : this.#refuse(name, 'must be a list of strings');
  }

  textMap(name: string): Readonly<Record<string, string>> {
    const value = this.#members[name] ?? {};
    return typeof value === 'object' && Object.values(value).every((item) => typeof item === 'string')
      ? { ...value }
      : this.#refuse(name, 'must be a map of strings');
  }

  /** @throws {AwsError} for a member of the call that AWS acts on and the local run would ignore. */
  refuseMembers(...names: readonly string[]): void {
    const name = names.find((member) => this.has(member));
    if (name !== undefined) {
      throw new AwsError('UnsupportedOperationException', `the local run does not know the member ${name}`);
    }
  }

  #refuse(name: string, constraint: string): never {
    throw new AwsError(
      this.#errorCode,
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member ${constraint}`,
    );
  }
}
