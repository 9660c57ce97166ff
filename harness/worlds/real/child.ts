import { createSystemPorts } from '../../../src/adapters/system-ports.ts';
import { createHealthyParts } from '../../../src/healthy-parts.ts';
import { createPipeline, type Pipeline } from '../../../src/pipeline.ts';
import { instrument } from '../../instrument/instrument.ts';
import { lackingConfig, lackingParts, lackingPorts } from '../../instrument/lacking.ts';
import { createUsage } from '../../model/usage.ts';
import { prerequisiteMsIn, referenceConfig } from '../../reference/config.ts';
import { loggedEvent } from '../../reference/log-lines.ts';
import { defectNamed } from '../simulated/loading.ts';
import { exitCodeOfRefusal } from '../start-refusal.ts';
import { Ballast } from './ballast.ts';
import type { ChildSetup, FromChild, ToChild } from './child-messages.ts';
import { type IpcHost, ipcHost } from './ipc-host.ts';

/**
 * The reference pipeline as a process, started again for each play. It handles no uncaught exception and no
 * rejection: what ends it here would end it in production.
 */
let current: Current | null = null;
const ballast = new Ballast();

interface Current {
  readonly play: number;
  readonly host: IpcHost;
  pipeline: Pipeline | null;
  clockErrorMs: number;
}

process.on('message', (message) => {
  const told = message as ToChild;
  if (told.do === 'start') void start(told.play, told.setup);
  else if (told.do === 'stop') void stop(told.play);
  else if (current?.play !== told.play) return;
  else if (told.do === 'fill' || told.do === 'empty') {
    const { play, fill } = told;
    if (told.do === 'fill') void ballast.take(fill, told.bytes).then(() => tell({ did: 'fill', play, fill }));
    else {
      ballast.drop(fill);
      tell({ did: 'empty', play, fill });
    }
  } else if (told.do === 'jump') current.clockErrorMs += told.byMs;
  else current.host.decided(told.call, told.decision);
});
// The run is gone, and this process is of no use to anybody else.
process.on('disconnect', () => process.exit(0));
tell({ did: 'load' });

async function start(play: number, setup: ChildSetup): Promise<void> {
  const { clockErrorMs } = setup;
  const starting: Current = { play, host: ipcHost(play, tell), pipeline: null, clockErrorMs };
  current = starting;
  const { lacks = [] } = setup.startup ?? {};
  const begunAt = Date.now();
  const whole = createSystemPorts({
    host: '127.0.0.1',
    port: 0,
    redis: { options: { host: '127.0.0.1', port: setup.redisPort }, keyPrefix: setup.keyPrefix },
    usage: createUsage(setup.seed),
    log: {
      write(line) {
        // Where the parent reads it.
        process.stderr.write(`${line}\n`);
        const event = loggedEvent(line);
        if (event !== null) starting.host.record(event);
      },
    },
  });
  const ports = lackingPorts(
    whole,
    lacks,
    ({ forMs }) => forMs !== undefined && Date.now() - begunAt >= forMs,
  );
  const healthy = createHealthyParts(ports.usage);
  const { defect } = setup;
  const parts =
    defect === undefined ? healthy : (await defectNamed(defect.module, defect.name)).parts(healthy);
  const config = referenceConfig({
    modelUrl: setup.modelUrl,
    limits: setup.limits,
    agentPlace: setup.agentPlace,
    startup: setup.startup,
    prerequisiteMs: prerequisiteMsIn.real,
  });
  const clock = { ...ports.clock, now: () => ports.clock.now() + starting.clockErrorMs };
  starting.pipeline = createPipeline(
    { ...ports, clock },
    lackingConfig(config, lacks),
    lackingParts(instrument(parts, starting.host), lacks),
  );
  const { url } = await starting.pipeline.start().catch((thrown: unknown) => {
    const exit = exitCodeOfRefusal(thrown);
    // A start that fails ends the process, as it would end `faultline serve`: nobody catches it.
    if (exit === null) throw thrown;
    process.exit(exit);
  });
  tell({ did: 'start', play, url });
}

async function stop(play: number): Promise<void> {
  if (current?.play !== play) return;
  ballast.drop();
  await current.pipeline?.close();
  // What the end left behind gets its chance to end the process while that still belongs to the play.
  await new Promise((resolve) => setTimeout(resolve, 5));
  tell({ did: 'stop', play });
}

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message, () => {});
}
