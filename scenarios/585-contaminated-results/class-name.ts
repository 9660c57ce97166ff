import { types } from 'node:util';

/** What the old platform knew an object by: the name of its class; `module` for a module's namespace. */
export function classNameOf(value: unknown): string {
  if (types.isModuleNamespaceObject(value)) return 'module';
  if (typeof value !== 'object' || value === null) return typeof value;
  const prototype: { constructor?: { name?: unknown } } | null = Object.getPrototypeOf(value);
  if (prototype === null) return 'null';
  const name = prototype.constructor?.name;
  return typeof name === 'string' ? name : 'object';
}
