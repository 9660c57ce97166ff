import type { PipelineConfig } from '../../src/config.ts';
import type { Parts } from '../../src/parts.ts';
import type { Ports, UsageSource } from '../../src/ports.ts';
import type { StartupLack } from '../startup.ts';

/**
 * What a pipeline is made from, without what is lacking: whoever put it together forgot that, or was given
 * something that does not work. What Redis and the model do themselves is the world's part.
 */

/** `isOver`: it is there by now. */
export function lackingPorts(
  ports: Ports,
  lacks: readonly StartupLack[],
  isOver: (lack: StartupLack) => boolean,
): Ports {
  const lacked: { -readonly [port in 'fetch' | 'usage']?: Ports[port] } = {};
  for (const lack of lacks) {
    const { dependency, state } = lack;
    const nothing = (state === 'null' ? null : undefined) as never;
    if (dependency === 'model' && state === 'null') lacked.fetch = nothing;
    if (dependency !== 'usage') continue;
    const isNothing = state === 'missing' || state === 'null';
    lacked.usage = isNothing ? nothing : unreadable(ports.usage, () => isOver(lack));
  }
  return { ...ports, ...lacked };
}

export function lackingConfig(config: PipelineConfig, lacks: readonly StartupLack[]): PipelineConfig {
  return lacks.some(({ dependency, state }) => dependency === 'model' && state === 'missing')
    ? { ...config, model: { ...config.model, url: '' } }
    : config;
}

export function lackingParts(parts: Parts, lacks: readonly StartupLack[]): Parts {
  const lack = lacks.find(({ dependency }) => dependency === 'tools');
  if (lack === undefined) return parts;
  const nothing = (lack.state === 'null' ? null : undefined) as never;
  return { ...parts, tools: lack.state === 'broken' ? parts.tools.map(unrunnable) : nothing };
}

function unreadable(usage: UsageSource, isOver: () => boolean): UsageSource {
  const orFail = async <T>(go: () => Promise<T>): Promise<T> => {
    if (isOver()) return go();
    throw Object.assign(new Error('EIO: the usage records cannot be read'), { code: 'EIO' });
  };
  return {
    fetch: (query, signal) => orFail(() => usage.fetch(query, signal)),
    check: (signal) => orFail(async () => usage.check?.(signal)),
  };
}

/** Its name and its schema are there; what would do the work is not. */
function unrunnable(tool: Parts['tools'][number]): Parts['tools'][number] {
  return { ...tool, run: undefined as never };
}
