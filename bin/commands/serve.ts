import { HarnessError } from '../../harness/errors.ts';
import { serve } from '../../src/serve.ts';
import { say } from '../talk.ts';

/** Starts the reference pipeline for real and stays until it is told to end. */
export async function serveForReal(options: {
  readonly model?: string;
  readonly degraded?: boolean;
}): Promise<void> {
  if (options.model !== undefined && options.model !== 'scripted')
    throw new HarnessError(
      'usage',
      `there is no model "${options.model}"`,
      'Leave --model out and set MODEL_URL and MODEL_NAME, or use --model scripted.',
    );
  const serving = await serve(process.env, {
    ...(options.model === undefined ? {} : { model: 'scripted' }),
    ...(options.degraded === undefined ? {} : { degraded: options.degraded }),
  });
  say(`serving on ${serving.url} (WebSocket /ws; POST /runs; /health, /ready, /metrics); Ctrl-C ends it`);
  await serving.stopped;
}
