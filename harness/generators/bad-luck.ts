import fc from 'fast-check';
import { contaminationsAt, type Place } from './contaminations.ts';
import { agentThrows, clientCut, type FaultDraft } from './faults.ts';

/** What may befall one user among many and is nobody else's affair: nothing of it touches what all share. */
export const badLuck = {
  /** An agent throws or never answers, a tool throws, the model refuses, the user's connection breaks. */
  faults: fc.oneof(
    agentThrows('triage', 'data', 'optimization', 'actions', 'reporting'),
    fc.constantFrom<FaultDraft>(
      {
        of: 'run',
        at: { wire: 'agent', direction: 'reply', kind: 'triage', count: 1 },
        fate: { do: 'drop' },
      },
      {
        of: 'run',
        at: { wire: 'model', direction: 'request', kind: 'triage', count: 1 },
        fate: { do: 'fail', error: '400' },
      },
      {
        of: 'run',
        at: { wire: 'tool', direction: 'request', kind: 'fetch_usage_metrics', count: 1 },
        fate: { do: 'fail', error: 'ToolCrashed' },
      },
    ),
    clientCut('agent_started', 'agent_completed'),
  ),
  /** A live object in what an agent or a tool returned. */
  contaminations: contaminationsAt(
    [
      { wire: 'agent', kind: 'data', path: ['insights'] },
      { wire: 'agent', kind: 'triage', path: ['entities', 'models', 0] },
      { wire: 'tool', kind: 'fetch_usage_metrics', path: ['records'] },
    ] satisfies readonly Place[],
    { atMost: 1 },
  ),
} as const;
