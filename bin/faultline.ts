#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { exitCodes } from '../harness/errors.ts';
import { collect, count, duration, seed, worlds } from './arguments.ts';
import { tellFailure } from './failure.ts';
import { version } from './version.ts';

/** The command line: arguments in, one command called, its exit code out. */

const redisOption = new Option(
  '--redis <kind>',
  'Redis of the real world: any, container, process, embedded or a URL; all but `any` forbid the others',
)
  .default('any')
  .env('FAULTLINE_REDIS');
const seedOption = new Option('--seed <number>', 'the same seed gives the same cases')
  .argParser(seed)
  .env('FAULTLINE_SEED');
const outOption = new Option('--out <folder>', 'where cases and histories are written').default(
  'faultline-out',
);

const program = new Command('faultline')
  .description(
    'Plays an agent pipeline under generated workloads and faults, in simulation and on real Redis,\nand judges what an outsider could have seen.',
  )
  .version(version())
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText(
    'after',
    `
Exit codes: 0 all hold · 1 an invariant is broken, or unsure where it must not be · 2 usage or configuration
            3 the environment lacks what was asked for · 4 internal error · 130 interrupted

First steps:
  faultline list                     what there is
  faultline run                      judge the reference pipeline in both worlds
  faultline reproduce 585            an incident: red on how it was broken, green on the fix`,
  )
  .exitOverride();

program
  .command('list')
  .description('scenarios, defects, invariants, faults, recipes and worlds')
  .option('--json', 'one JSON object on stdout')
  .action(async (options) => (await import('./commands/list.ts')).list(options));

program
  .command('run')
  .description('judge the reference pipeline: generated cases, judged histories, small counterexamples')
  .argument('[scenario...]', 'scenario ids, incidents, or files such as ./mine.scenario.ts (default: all)')
  .addOption(seedOption)
  .option('--runs <number>', 'simulated cases for each scenario', count, 200)
  .option('--real-runs <number>', 'real cases for each scenario', count, 4)
  .option(
    '--time <duration>',
    'begin no case after this long, for each scenario and world: 30s, 5m',
    duration,
  )
  .option('--world <name>', 'simulated, real or both', worlds, 'both')
  .addOption(redisOption)
  .option('--grep <pattern>', 'only scenarios whose id or title matches (a regular expression)')
  .option('--bail', 'end at the first counterexample')
  .option('--defect <name>', 'put a historical defect into the pipeline')
  .option('--check-determinism', 'play each simulated case twice and compare the histories byte for byte')
  .option('--reporter <name>', 'terminal, json or junit; may be given again', collect)
  .option(
    '--output-file <file>',
    'where the report goes, for each reporter but terminal in turn (default: stdout)',
    collect,
  )
  .option('--json', 'the same as --reporter json')
  .addOption(outOption)
  .action(async (scenarios, options) => (await import('./commands/run.ts')).run(scenarios, options));

program
  .command('reproduce')
  .description('an incident: red on each historical defect, small and replayable, then green on the fix')
  .argument('<incident>', 'for example 585')
  .addOption(seedOption)
  .option('--runs <number>', 'simulated cases for the fix, over all scenarios of the incident', count, 10_000)
  .option('--real-runs <number>', 'real cases for the fix, over all scenarios', count, 200)
  .addOption(
    new Option('--time <duration>', 'begin no case of the fix after this long, in each world: 30s, 5m')
      .argParser(duration)
      .default(1_800_000, '30m'),
  )
  .option('--world <name>', 'simulated, or both to confirm in the real world', worlds)
  .addOption(
    new Option(
      '--redis <kind>',
      'confirm in the real world on this Redis: any, container, process, embedded or a URL',
    ).env('FAULTLINE_REDIS'),
  )
  .option('--json', 'one JSON object on stdout')
  .addOption(outOption)
  .action(async (incident, options) =>
    (await import('./commands/reproduce.ts')).reproduceIncident(incident, options),
  );

program
  .command('replay')
  .description('play exactly one case again, and judge it')
  .argument('<case.json>', 'a case file')
  .option('--world <name>', 'simulated or real (default: real where a Redis is asked for)', worlds)
  .addOption(redisOption)
  .option('--times <number>', 'how often', count, 1)
  .option('--defect <name>', 'put a historical defect into the pipeline')
  .option('--scenario-file <file>', "the file of the case's scenario, where it is not one of this package")
  .option('--history <file>', 'write the history of the (last) play here')
  .option('--check-determinism', 'play it twice in simulation and compare the histories byte for byte')
  .option('--json', 'one JSON object on stdout')
  .action(async (file, options) => (await import('./commands/replay.ts')).replayCase(file, options));

program
  .command('check')
  .description('judge a recorded history')
  .argument('<history.ndjson>', 'a history file')
  .option('--scenario <id>', "judge by this scenario's invariants (default: the one that the history names)")
  .option('--scenario-file <file>', 'a file of scenarios of your own')
  .option('--json', 'one JSON object on stdout')
  .action(async (file, options) => (await import('./commands/check.ts')).check(file, options));

program
  .command('serve')
  .description(
    'the reference pipeline itself, for real: Redis and an OpenAI-compatible model by environment variables',
  )
  .option('--model <name>', '`scripted`: answer without a model; every answer then says so')
  .option('--degraded', 'in development: start without what is missing, and refuse every request by its name')
  .addHelpText('after', '\nThe variables are named, with what each is for, when one is missing.')
  .action(async (options) => (await import('./commands/serve.ts')).serveForReal(options));

// A reader that has seen enough (`| head`) and left is no failure: the exit code still tells the verdict.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// What nobody caught is our own fault: it must not look like the verdict that exit code 1 is.
process.on('uncaughtException', (thrown) => process.exit(tellFailure(thrown)));

process.exit(await exitCode());

/** Everything was written when a command ends, so that the process need not wait for what a library left open. */
async function exitCode(): Promise<number> {
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? exitCodes.held);
  } catch (thrown) {
    // Help and version are no failures; what is wrong with the arguments was told already.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.held : exitCodes.usage;
    return tellFailure(thrown);
  }
}
