import type { AuditEvent } from './audit-event.ts';

/** A project of a tenant; project-level rights hold within one. */
export interface Project {
  readonly tenant: string;
  /** Chosen by people, unique in the tenant, and never used again there once the project is deleted. */
  readonly key: string;
  readonly name: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
}

/** 2 to 10 of `A-Z0-9`, beginning with a letter. */
export const projectKeyPattern = /^[A-Z][A-Z0-9]{1,9}$/;

/** One page of projects in the order of their keys; `last` is the last one's key where there may be more. */
export interface ProjectPage {
  readonly items: readonly Project[];
  readonly last?: string;
}

/** Reads projects; a deleted one is not there. */
export interface ProjectReader {
  get(tenant: string, key: string): Promise<Project | undefined>;
  /** Those of `keys` that exist, in the order of their keys; at most 100 in one call. */
  getMany(tenant: string, keys: readonly string[]): Promise<readonly Project[]>;
  /** `after` is the key of the last project seen. */
  list(tenant: string, page: { readonly limit: number; readonly after?: string }): Promise<ProjectPage>;
}

/** Stores projects: each change is one transaction with its audit event. */
export interface ProjectStore extends ProjectReader {
  /** @throws Conflict where a project of the tenant has the key, or once had it */
  create(project: Project, event: AuditEvent): Promise<void>;
  /** Gives it another name. @throws NotFound */
  rename(project: Project, name: string, event: AuditEvent): Promise<void>;
  /** @throws NotFound */
  delete(tenant: string, key: string, event: AuditEvent): Promise<void>;
}
