import { z } from 'zod';
import { reportStatuses, reportTypes } from '../contracts/reporting.ts';
import { texts } from '../contracts/shared.ts';
import { isJsonObject } from '../json.ts';
import { type Agent, type AgentInput, type AgentMeans, type AgentName, agentNames } from './agent.ts';
import { askModel } from './ask-model.ts';
import { found, objectAt, textAt, textsAt } from './handed-in.ts';

/** Writes the answer to the user from what is known, and says what is missing. */
export class ReportingAgent implements Agent {
  static readonly agentName = 'reporting';

  async run(input: AgentInput, means: AgentMeans): Promise<unknown> {
    await means.emit.thinking('Putting what is known into a report.');
    const { words, proof } = await askModel({
      agent: 'reporting',
      input,
      means,
      instruction,
      words: reportingWords,
    });
    const available = parts.filter((part) => isAvailable(input, part)).length;
    const missing = missingIn(input);
    const tier = tierOf(available, missing.length > 0);
    return {
      report_type: reportTypes[tier],
      status: reportStatuses[tier],
      report: words.report,
      sections: words.sections.map((section, index) => ({
        section_id: section.section_id ?? `section-${index + 1}`,
        title: section.title,
        content: section.content,
        section_type: section.section_type ?? 'text',
      })),
      data_completeness: available / parts.length,
      missing,
      next_steps: words.next_steps,
      metadata: { ...proof, ...basisOf(input) },
    };
  }
}

/** What a full analysis is made of. */
const parts = ['triage', 'data', 'optimization', 'actions'] as const;

function isAvailable(input: AgentInput, part: AgentName): boolean {
  const outcome = input.results[part];
  return outcome?.ok === true && isJsonObject(outcome.data);
}

function missingIn(input: AgentInput): { agent: AgentName; code: string }[] {
  return agentNames.flatMap((agent) => {
    const outcome = input.results[agent];
    return outcome === undefined || outcome.ok ? [] : [{ agent, code: outcome.code }];
  });
}

/** 0 full, 1 partial, 2 guidance, 3 fallback: by what is there, and one less where something failed. */
function tierOf(available: number, hasFailures: boolean): 0 | 1 | 2 | 3 {
  if (available >= 3) return hasFailures ? 1 : 0;
  if (available >= 1) return hasFailures ? 2 : 1;
  return hasFailures ? 3 : 2;
}

/** What the report rests on: the proofs of the results that were handed in, and their tool calls. */
function basisOf(input: AgentInput): { proofs: Record<string, string>; tool_calls: string[] } {
  const proofs: Record<string, string> = {};
  const calls: string[] = [];
  for (const agent of agentNames) {
    const metadata = objectAt(found(input.results[agent]), 'metadata');
    const proof = textAt(metadata, 'model_proof');
    if (proof !== null) proofs[agent] = proof;
    calls.push(...textsAt(metadata, 'tool_calls'));
  }
  return { proofs, tool_calls: calls };
}

const reportingWords = z.object({
  report: z.string(),
  sections: z
    .array(
      z.object({
        section_id: z.string().optional(),
        title: z.string(),
        content: z.string(),
        section_type: z.string().optional(),
      }),
    )
    .default([]),
  next_steps: texts.default([]),
});

const instruction = `You write the answer to the user of an AI cost and performance service. The user message is JSON: "request" is what the user asks, "assignment" the kind of report, "results" what others found; one with "ok": false failed, and the report must say that its part is missing. Never invent figures.
Answer with one JSON object and nothing else:
{"report": text, "sections": [{"section_id": text, "title": text, "content": text, "section_type": text}], "next_steps": [text]}`;
