import type { PipelineConfig } from '../config.ts';

/**
 * Whether a request with this Origin may come in: only what is on the list, letter for letter (`null`, look-
 * alikes and other ports are not). A request without one comes from no browser.
 */
export function originAllowed(origin: string | undefined, origins: PipelineConfig['origins']): boolean {
  return origin === undefined ? origins.withoutOrigin : origins.allowed.includes(origin);
}
