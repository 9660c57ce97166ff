import type { AgentMeans, AgentName } from '../../src/agents/agent.ts';
import type { Place } from '../../src/execution/places/place.ts';
import type { AgentSource } from '../../src/execution/places/room-words.ts';
import type { Json } from '../../src/json.ts';
import type { EventDraft } from '../history.ts';
import type { MessageDraft } from '../message.ts';
import type { InsideHost } from './inside-host.ts';

/**
 * Agents that run apart from the gateway are wrapped where they run, and ask the play's director through the
 * only way out that they have: a tool of this name, which no model is told of and no user is shown.
 */
export const hostTool = 'the play';

/** What is said to the director from where an agent runs. */
export type ToHost =
  | { readonly do: 'meet'; readonly draft: MessageDraft }
  | { readonly do: 'fired' | 'passed'; readonly meeting: number }
  | { readonly do: 'poisoned'; readonly meeting: number; readonly index: number }
  | { readonly do: 'record'; readonly draft: EventDraft };

/** The same agents, each within a wrapper of the harness. */
export function wrappedSources(
  sources: Readonly<Record<AgentName, AgentSource>>,
): Readonly<Record<AgentName, AgentSource>> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const module = new URL(`./placed-agent${extension}`, import.meta.url).href;
  return Object.fromEntries(
    Object.entries(sources).map(([agent, inner]) => [
      agent,
      { module, export: 'PlacedAgent', options: { agent, inner: inner as unknown as Json } },
    ]),
  ) as unknown as Record<AgentName, AgentSource>;
}

/** The same place; what wrapped agents say to the director reaches it. In process they have it at hand. */
export function instrumentedPlace(place: Place, host: InsideHost): Place {
  if (place.name === 'in-process') return place;
  return {
    ...place,
    open() {
      const run = place.open();
      return { ...run, run: (turn) => run.run({ ...turn, means: withHost(turn.means, host) }) };
    },
  };
}

function withHost(means: AgentMeans, host: InsideHost): AgentMeans {
  return {
    ...means,
    tools: {
      async call(name, args, id) {
        if (name !== hostTool) return means.tools.call(name, args, id);
        const data = await answerTo(args as unknown as ToHost, host);
        return { ok: true, tool: name, data, account: [] };
      },
    },
  };
}

async function answerTo(message: ToHost, host: InsideHost): Promise<Json> {
  switch (message.do) {
    case 'meet':
      return (await host.meet(message.draft)) as unknown as Json;
    case 'fired':
      host.fired(message.meeting);
      return null;
    case 'passed':
      host.passed(message.meeting);
      return null;
    case 'poisoned':
      host.poisoned(message.meeting, message.index);
      return null;
    case 'record':
      host.record(message.draft);
      return null;
  }
}
