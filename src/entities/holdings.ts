/** Rights, and where they are held: each name by itself, what it implies is not spelled out. */
export interface Holdings {
  /** In the global context. */
  readonly global: readonly string[];
  /** In single projects besides, by project key; a project without any is not named. */
  readonly byProject: Readonly<Record<string, readonly string[]>>;
}

export const nothingHeld: Holdings = { global: [], byProject: {} };
