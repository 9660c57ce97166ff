import type { Report, ReproduceReport } from '../report.ts';

/**
 * A report as one JSON object. Characters that a terminal would act on, or a page would take for the end of
 * a line, are written as escapes: the same data, safe wherever it is shown.
 */
export function renderJson(report: Report | ReproduceReport): string {
  const text = JSON.stringify(report, null, 2).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}
