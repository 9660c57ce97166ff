/** What users of such a platform ask, the shortest first: shrinking goes towards the first. */
export const requests: readonly string[] = [
  'Why did my costs rise?',
  'Analyze my API response times',
  'Which model should I use for short summaries?',
  'Cut our monthly spend by a fifth without slower answers',
  'Our p99 doubled since Tuesday. What changed, and what do we do first?',
  'Optimize our entire data pipeline for cost and performance',
  'Compare gpt-4o with gpt-4o-mini for our traffic: quality, latency, price',
  'Häufige Zeitüberschreitungen 🕒 in der EU-Region: Ursache und Maßnahmen?',
  'Monitor and optimize our infrastructure around the clock; report anomalies with their severity, and say which of them cost money',
];
