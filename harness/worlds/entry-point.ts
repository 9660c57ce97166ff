/**
 * Where a thread or child process starts: from the built package the `.js` file beside the caller, from
 * source the `.ts` file under tsx. `module` is relative to the caller, without its extension.
 */
export function entryPoint(
  caller: string,
  module: string,
): { readonly url: URL; readonly execArgv: string[] } {
  const fromSource = isSource(caller);
  return {
    url: new URL(`${module}${fromSource ? '.ts' : '.js'}`, caller),
    execArgv: fromSource ? ['--import', registeringTsx()] : [],
  };
}

/** Imports a module by its file URL, also one in TypeScript from the built package. */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  if (!isSource(url) || isSource(import.meta.url)) return import(url);
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(url, import.meta.url);
}

function isSource(url: string): boolean {
  return new URL(url).pathname.endsWith('.ts');
}

/**
 * A module that registers tsx where it is imported. `--import tsx` would not do: in a thread it counts on
 * the main thread, which under vitest has another loader.
 */
function registeringTsx(): string {
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return `data:text/javascript,${encodeURIComponent(`import{register}from${api};register();`)}`;
}
