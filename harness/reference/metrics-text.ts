import type { EventDraft } from '../history.ts';

type MetricEvent = Extract<EventDraft, { type: 'metric' }>;

/**
 * The samples of a page in the Prometheus text format, as events. Left out: buckets of histograms (their
 * sum and count stay), and lines that are no samples.
 */
export function metricEvents(page: string): MetricEvent[] {
  const events: MetricEvent[] = [];
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#') || ofBucket.test(line)) continue;
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) continue;
    const [, name = '', labels = '', value] = sample;
    if (!Number.isFinite(Number(value))) continue;
    events.push({ type: 'metric', actor: 'gateway', name, labels: labelsOf(labels), value: Number(value) });
  }
  return events;
}

const ofBucket = /^[a-zA-Z0-9_:]*_bucket[{ ]/;

function labelsOf(text: string): { [label: string]: string } {
  const labels: { [label: string]: string } = {};
  if (text === '') return labels;
  for (const [, label = '', value = ''] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[label] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}
