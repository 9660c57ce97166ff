import type { Case, CaseAction } from '../case.ts';
import type { Contamination, Fault, ScheduleConstraint } from '../fault.ts';
import type { Pattern } from '../message.ts';
import type { ProcessFate, ProcessFault } from '../process-fault.ts';
import { lackMeanings } from '../startup.ts';

/** A case in words, a few to a line: who asks what, and what goes wrong. */
export function describeCase(
  playing: Pick<
    Case,
    | 'users'
    | 'model'
    | 'faults'
    | 'process'
    | 'secondGateway'
    | 'contaminations'
    | 'schedule'
    | 'version'
    | 'limits'
    | 'agentPlace'
    | 'startup'
  >,
): string[] {
  return [
    ...startupInWords(playing.startup),
    ...(playing.secondGateway === undefined
      ? []
      : [`a second gateway ${secondInWords[playing.secondGateway]}`]),
    ...(playing.agentPlace === undefined ? [] : [`agents run ${placeInWords[playing.agentPlace]}`]),
    ...(playing.version === undefined ? [] : [`${versionInWords(playing.version)} serves`]),
    ...(playing.limits?.runsPerUser === undefined
      ? []
      : [`each user may have ${inNumber(playing.limits.runsPerUser, 'run')} at the same time`]),
    ...(playing.limits?.runBytes === undefined ? [] : [`each run may hold ${playing.limits.runBytes} bytes`]),
    ...playing.users.flatMap((user) => [
      ...clientInWords(user),
      ...eachOnce(user.actions.flatMap((action) => actionInWords(whoInWords(user), action))),
    ]),
    ...playing.model
      .filter(({ sufficiency }) => sufficiency !== 'sufficient')
      .map(({ user, run, sufficiency }) => `triage finds the data of ${user}'s ${run} ${sufficiency}`),
    ...playing.contaminations.map(contaminationInWords),
    ...playing.faults.map(faultInWords),
    ...(playing.process ?? []).map(processFaultInWords),
    ...playing.schedule.map(constraintInWords),
  ];
}

const placeInWords = {
  'in-process': "in the gateway's thread",
  worker: 'in threads of their own',
  child: 'in processes of their own',
};

/** What is done again and again is told once. */
function eachOnce(lines: readonly string[]): string[] {
  const starts = lines.flatMap((line, index) => (line === lines[index - 1] ? [] : [index]));
  return starts.map((start, index) => {
    const times = (starts[index + 1] ?? lines.length) - start;
    return times === 1 ? (lines[start] ?? '') : `${lines[start]}, ${times} times`;
  });
}

function startupInWords(startup: Case['startup']): string[] {
  if (startup === undefined) return [];
  const { environment = 'production', degraded, lacks } = startup;
  const how = degraded === true ? ', and may be degraded' : '';
  return [
    `the pipeline starts in ${environment}${how}`,
    ...lacks.map(({ dependency, state, forMs }) => {
      const until = forMs === undefined ? '' : ` for ${forMs} ms`;
      return `at the start ${dependency} is ${state}${until}: ${lackMeanings[dependency][state]}`;
    }),
  ];
}

const secondInWords = { 'stands-by': 'stands by', 'takes-turns': 'takes every other connection' };

function clientInWords(user: Case['users'][number]): string[] {
  const { client, takesMs } = user;
  return [
    ...(client === 'raw' ? [`${whoInWords(user)} has a raw client`] : []),
    ...(takesMs === undefined ? [] : [`${whoInWords(user)} takes ${takesMs} ms over each event`]),
  ];
}

function whoInWords({ id, window }: Case['users'][number]): string {
  return window === undefined ? id : `${id}, in window ${window},`;
}

function actionInWords(user: string, action: CaseAction): string[] {
  if (action.do === 'ask')
    return [`${user} asks ${action.run} in ${action.thread}: "${shortened(action.request)}"`];
  if (action.do === 'leave') return [`${user} drops the connection and comes back`];
  if (action.do === 'send') return [`${user} sends as it is: ${shortened(action.text)}`];
  if (action.do === 'stall') return [`${user} reads nothing for ${action.ms} ms`];
  if (action.do === 'deploy') return [`${versionInWords(action.version)} takes over`];
  if (action.do === 'knock') return [knockInWords(user, action)];
  return [];
}

function knockInWords(user: string, knock: Extract<CaseAction, { do: 'knock' }>): string {
  const { atOnce, token, offer, origin, pieces, says, leaves, answersPings } = knock;
  return [
    `${user} knocks${atOnce === 1 ? '' : ` ${atOnce} times at once`}`,
    ...(token === 'good' ? [] : [`token: ${token}`]),
    ...(offer === 'usual' ? [] : [`subprotocols: ${offer}`]),
    ...(origin === 'none' ? [] : [`Origin: ${origin}`]),
    ...(pieces === 1 ? [] : [`the upgrade in ${pieces} pieces`]),
    ...says.map(({ what, at }) => `${what} with the ${at}`),
    ...(leaves === undefined ? [] : [`leaves by ${leaves.by}, ${leaves.ms} ms after the ${leaves.after}`]),
    ...(answersPings ? [] : ['then is silent for ever']),
  ].join(', ');
}

function versionInWords(version: string | undefined): string {
  return version === undefined ? 'the present version' : `the version ${version}`;
}

function contaminationInWords({ at, path, recipe }: Contamination): string {
  const where = path.length === 0 ? 'in place of' : `at ${path.join('.')} of`;
  return `${recipe} ${where} the result of ${at.kind} (${at.user}'s ${at.run}${at.count === 1 ? '' : `, number ${at.count}`})`;
}

function faultInWords({ at, after, fate }: Fault): string {
  const what = `${inWords(at)} ${fateInWords(fate)}`;
  return after === undefined ? what : `after ${inWords(after)}: ${what}`;
}

function fateInWords(fate: Fault['fate']): string {
  switch (fate.do) {
    case 'fail':
      return `fails with ${fate.error}`;
    case 'delay':
      return `is ${fate.ms} ms late`;
    case 'hold':
      return `waits for ${inWords(fate.until)}`;
    case 'cut':
      return `${fate.by === 'fin' ? 'ends' : 'breaks'} the connection, ${fate.when} it took effect`;
    case 'drop':
      return 'is lost';
    case 'duplicate':
      return 'comes twice';
    case 'reorder':
      return 'changes places with the next';
    case 'garble':
      return 'comes damaged';
    case 'half-open':
      return `is swallowed, with all that follows${fate.swallows === 'both' ? ' either way' : ''}`;
    case 'stall':
      return `stalls the connection for ${fate.ms} ms`;
    case 'split':
      return `comes in ${fate.pieces} pieces`;
    case 'fragment':
      return `comes in ${fate.frames} frames`;
    case 'swell':
      return `comes with ${fate.bytes} bytes more`;
    case 'hang':
      return 'never settles';
    case 'return-nothing':
      return 'returns nothing';
    case 'spin':
      return 'never lets go of its thread';
    case 'exhaust':
      return `takes ${fate.what === 'heap' ? 'heap' : 'buffers'} without end`;
    case 'exit':
      return 'ends the process that it runs in';
    case 'close':
      return `gives way to a close with ${fate.code}`;
  }
}

function processFaultInWords({ at, after, fate }: ProcessFault): string {
  const when = after === undefined ? `at ${inWords(at)}` : `after ${inWords(after)}, at ${inWords(at)}`;
  return `${when}: ${processFateInWords(fate)}`;
}

function processFateInWords(fate: ProcessFate): string {
  switch (fate.do) {
    case 'kill-gateway':
      return `the ${fate.gateway === 2 ? 'second ' : ''}gateway is killed, and back after ${fate.backAfterMs} ms`;
    case 'kill-redis':
      return `Redis is killed, and back after ${fate.backAfterMs} ms, its data ${fate.data}`;
    case 'stall-redis':
      return `Redis stands still for ${fate.ms} ms`;
    case 'fill-redis':
      return `Redis has no memory left for ${fate.ms} ms`;
    case 'read-only-redis':
      return `Redis takes no writes for ${fate.ms} ms`;
    case 'fill-memory':
      return `the gateway's process has ${fate.bytes} bytes less for ${fate.ms} ms`;
    case 'model-down':
      return `the model is away for ${fate.ms} ms`;
    case 'jump-clock':
      return `the gateway's clock jumps by ${fate.byMs} ms`;
  }
}

function constraintInWords({ hold, until, atMostMs }: ScheduleConstraint): string {
  return `${inWords(hold)} waits for ${inWords(until)}, at most ${atMostMs} ms`;
}

/** `agent data (alice's run-1)`, `reply xadd.events number 3 on redis (alice's run-1)`. */
function inWords({ wire, direction, user, run, kind, count }: Pattern): string {
  const whose = [user === undefined ? '' : run === undefined ? user : `${user}'s`, run ?? '']
    .filter(Boolean)
    .join(' ');
  const what =
    wire === 'agent' || wire === 'tool'
      ? [wire, direction === 'reply' ? 'result of' : '', kind ?? 'any']
      : [
          direction === 'reply' ? 'reply' : direction === 'request' ? 'request' : 'message',
          kind ?? 'any',
          'on',
          wire,
        ];
  const number = count === undefined || count === 1 ? '' : `number ${count}`;
  return [...what, number, whose === '' ? '' : `(${whose})`].filter((word) => word !== '').join(' ');
}

function inNumber(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
