import type { ReportedVerdict } from '../report.ts';

/** How a terminal shows text. */
export interface TerminalStyle {
  readonly color: boolean;
  /** Characters in a line. */
  readonly width: number;
}

/** What a stream can show. Colour only on a terminal that has it, and never against NO_COLOR. */
export function terminalStyle(options: {
  readonly env: { readonly [name: string]: string | undefined };
  readonly isTTY: boolean;
  readonly columns: number | undefined;
}): TerminalStyle {
  const { env, isTTY, columns } = options;
  const unwanted = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return { color: isTTY && !unwanted, width: Math.min(140, Math.max(40, columns ?? 100)) };
}

export type Paint = (text: string) => string;

/** Colours, or their absence. */
export function paints({ color }: TerminalStyle): {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly verdict: (verdict: ReportedVerdict, text: string) => string;
} {
  const paint =
    (code: number): Paint =>
    (text) =>
      color ? `\u001b[${code}m${text}\u001b[0m` : text;
  const byVerdict = { holds: paint(32), unsure: paint(33), broken: paint(31) };
  return { bold: paint(1), dim: paint(2), verdict: (verdict, text) => byVerdict[verdict](text) };
}

/** A mark that tells verdicts apart without colour. */
export const marks: { readonly [verdict in ReportedVerdict]: string } = {
  holds: '✓',
  unsure: '?',
  broken: '✗',
};

/** `12,345`: the same on every machine. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 case`, `2,000 cases`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
