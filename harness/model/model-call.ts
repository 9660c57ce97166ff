import type { Json } from '../../src/json.ts';
import type { Case } from '../case.ts';
import type { WorldClock } from '../clock.ts';
import type { Director, Meeting } from '../director.ts';
import type { Recorder } from '../history.ts';
import type { Message } from '../message.ts';
import {
  type ModelCaller,
  type PlannedAnswer,
  planAnswer,
  readCaller,
  usualScript,
} from './scripted-model.ts';

/** Where a call's answer goes: a simulated response or a real one. */
export interface ModelSink {
  status(code: number, headers: { readonly [name: string]: string }): void;
  chunk(bytes: Buffer): void;
  end(): void;
  /** The connection breaks, with this error code at the caller. */
  break(code: string): void;
}

/** One HTTP request to the model. */
export interface ModelHttpRequest {
  readonly path: string;
  /** Of `X-Client-Request-Id`. */
  readonly caller: string | undefined;
  readonly body: string;
}

export interface ScriptedModelOptions {
  readonly playing: Case;
  readonly director: Director;
  readonly recorder: Recorder;
  readonly clock: WorldClock;
  /** Milliseconds that a request or chunk takes on its way; absent: none. */
  latency?(message: Message): number;
}

/**
 * The model of one play: answers by the case's script, and lets the director decide about each request and
 * each streamed chunk.
 */
export class ScriptedModel {
  readonly #options: ScriptedModelOptions;
  readonly #scripts: ReadonlyMap<string, Case['model'][number]>;
  readonly #underWay = new Set<ModelCall>();
  /** How many things keep it away, and how many make it refuse. */
  readonly #kept = { away: 0, refusing: 0 };
  #goneFor = 0;

  constructor(options: ScriptedModelOptions) {
    this.#options = options;
    this.#scripts = new Map(options.playing.model.map((script) => [`${script.user}/${script.run}`, script]));
  }

  /** Whether nothing is done to it that will end. */
  get settled(): boolean {
    return this.#goneFor === 0;
  }

  /** It is away for so long. */
  goAway(ms: number, ended: () => void): void {
    const isBack = this.keep('away');
    this.#goneFor++;
    this.#options.clock.after(ms, () => {
      this.#goneFor--;
      isBack();
      ended();
    });
  }

  /**
   * From now on nobody reaches it and calls that are under way break, or it refuses whatever key it is shown;
   * until the returned function is called.
   */
  keep(how: 'away' | 'refusing'): () => void {
    this.#kept[how]++;
    if (how === 'away') for (const call of [...this.#underWay]) call.breakOff();
    return () => {
      this.#kept[how]--;
    };
  }

  /** Serves one request. The returned function says that the caller is gone: nothing follows. */
  call(request: ModelHttpRequest, sink: ModelSink): () => void {
    if (request.path.endsWith('/models')) {
      if (this.#kept.away > 0) return cut(sink);
      return this.#kept.refusing > 0 ? refuse(sink, 401, 'the key is wrong') : list(sink);
    }
    if (!request.path.endsWith('/chat/completions')) return refuse(sink, 404, 'no such endpoint');
    const caller = readCaller(request.caller);
    if (caller === null) return refuse(sink, 400, 'X-Client-Request-Id must be <user>/<run>/<agent>/<n>');
    const asked = readBody(request.body);
    if (asked === null) return refuse(sink, 400, 'the body must be a chat request as JSON');
    const script = this.#scripts.get(`${caller.user}/${caller.run}`) ?? usualScript;
    const planned = planAnswer(caller, script, this.#options.playing.seed, asked.model);
    const call = new ModelCall(this.#options, caller, asked, planned, sink, () =>
      this.#underWay.delete(call),
    );
    this.#underWay.add(call);
    if (this.#kept.away > 0) {
      call.breakOff();
      return () => {};
    }
    if (this.#kept.refusing > 0) {
      call.turnAway();
      return () => {};
    }
    call.start();
    return () => call.abandon();
  }
}

class ModelCall {
  readonly #options: ScriptedModelOptions;
  readonly #caller: ModelCaller;
  readonly #asked: AskedBody;
  readonly #planned: PlannedAnswer;
  readonly #sink: ModelSink;
  readonly #onOver: () => void;
  #over = false;
  /** `seq` of `prompted`; absent while the model has not read the request. */
  #prompted: number | undefined;
  #damaged = false;
  #swapped: { readonly bytes: Buffer; readonly meeting: Meeting } | undefined;

  constructor(
    options: ScriptedModelOptions,
    caller: ModelCaller,
    asked: AskedBody,
    planned: PlannedAnswer,
    sink: ModelSink,
    onOver: () => void,
  ) {
    this.#onOver = onOver;
    this.#options = options;
    this.#caller = caller;
    this.#asked = asked;
    this.#planned = planned;
    this.#sink = sink;
  }

  start(): void {
    const { user, run, agent } = this.#caller;
    const meeting = this.#options.director.meet({
      wire: 'model',
      direction: 'request',
      user,
      run,
      kind: agent,
    });
    this.#onceDue(meeting, () => this.#receive(meeting));
  }

  abandon(): void {
    if (this.#prompted === undefined) this.#end();
    else this.#finish('abandoned', () => {});
  }

  /** The model is away: whoever asked sees the connection break. */
  breakOff(): void {
    this.#finish('away', () => this.#sink.break('ECONNRESET'));
  }

  /** The model refuses the key. */
  turnAway(): void {
    this.#finish('status 401', () => refuse(this.#sink, 401, 'the key is wrong'));
  }

  #end(): void {
    this.#over = true;
    this.#onOver();
  }

  #receive(meeting: Meeting): void {
    const { fate } = meeting;
    if (fate.do === 'drop') {
      meeting.fired();
      this.#end();
    } else if (fate.do === 'fail') {
      meeting.fired();
      const status = /^[45]\d\d$/.test(fate.error) ? Number(fate.error) : 500;
      this.#finish(`status ${status}`, () => refuse(this.#sink, status, 'the scripted model refuses'));
    } else if (fate.do === 'cut' && fate.when === 'before') {
      meeting.fired();
      this.#finish('cut', () => this.#sink.break('ECONNRESET'));
    } else {
      this.#read(meeting);
      if (fate.do === 'cut') {
        meeting.fired();
        this.#finish('cut', () => this.#sink.break('ECONNRESET'));
      } else {
        this.#sink.status(200, { 'content-type': 'text/event-stream' });
        this.#stream(0);
      }
    }
  }

  #read(meeting: Meeting): void {
    const { user, run, agent } = this.#caller;
    const { messages, tools } = this.#asked;
    const parent = this.#options.director.passed(meeting.message);
    this.#prompted = this.#options.recorder.record({
      type: 'prompted',
      actor: 'model',
      message: meeting.message.name,
      parent,
      user,
      run,
      agent,
      messages,
      tools,
    });
  }

  /** Chunks go one after the other: what delays one delays those behind it. */
  #stream(index: number): void {
    const chunk = this.#planned.chunks[index];
    if (this.#over) return;
    if (chunk === undefined) {
      this.#passSwapped();
      this.#finish(this.#damaged ? 'damaged' : 'whole', () => this.#sink.end());
      return;
    }
    const { user, run, agent } = this.#caller;
    const meeting = this.#options.director.meet({
      wire: 'model',
      direction: 'reply',
      user,
      run,
      kind: agent,
    });
    this.#onceDue(meeting, () => {
      const ahead = this.#swapped;
      this.#carryOut(Buffer.from(chunk), meeting);
      if (ahead !== undefined && this.#swapped === ahead && !this.#over) {
        ahead.meeting.fired();
        this.#damaged = true;
        this.#passSwapped();
      }
      this.#stream(index + 1);
    });
  }

  #carryOut(bytes: Buffer, meeting: Meeting): void {
    const { fate } = meeting;
    if (fate.do === 'reorder' && this.#swapped === undefined) {
      this.#swapped = { bytes, meeting };
      return;
    }
    if (fate.do === 'drop' || fate.do === 'duplicate' || fate.do === 'garble') {
      meeting.fired();
      this.#damaged = true;
    }
    if (fate.do === 'drop') return;
    if (fate.do === 'cut' && fate.when === 'before') {
      this.#cut(meeting);
      return;
    }
    if (fate.do === 'duplicate') this.#pass(bytes, meeting);
    this.#pass(fate.do === 'garble' ? garbled(bytes) : bytes, meeting);
    if (fate.do === 'cut') this.#cut(meeting);
  }

  #cut(meeting: Meeting): void {
    meeting.fired();
    this.#finish('cut', () => this.#sink.break('ECONNRESET'));
  }

  #pass(bytes: Buffer, meeting: Meeting): void {
    this.#options.director.passed(meeting.message, bytes.length);
    this.#sink.chunk(bytes);
  }

  #passSwapped(): void {
    const swapped = this.#swapped;
    this.#swapped = undefined;
    if (swapped !== undefined) this.#pass(swapped.bytes, swapped.meeting);
  }

  #onceDue(meeting: Meeting, go: () => void): void {
    const alive = (): void => {
      if (!this.#over) go();
    };
    meeting.whenDue(() => {
      const latency = this.#options.latency?.(meeting.message) ?? 0;
      if (latency > 0) this.#options.clock.after(latency, alive);
      else alive();
    });
  }

  #finish(outcome: string, close: () => void): void {
    if (this.#over) return;
    this.#end();
    const { user, run, agent } = this.#caller;
    this.#options.recorder.record({
      type: 'answered',
      actor: 'model',
      ...(this.#prompted === undefined ? {} : { parent: this.#prompted }),
      user,
      run,
      agent,
      proof: this.#planned.proof,
      outcome,
    });
    close();
  }
}

interface AskedBody {
  readonly model: string;
  readonly messages: Json;
  /** Names of the tools that the model may ask for. */
  readonly tools: readonly string[];
}

function readBody(text: string): AskedBody | null {
  let body: { model?: Json; messages?: Json; tools?: { function?: { name?: Json } }[] };
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (body === null || !Array.isArray(body.messages)) return null;
  const tools = Array.isArray(body.tools) ? body.tools : [];
  return {
    model: typeof body.model === 'string' ? body.model : 'scripted',
    messages: body.messages,
    tools: tools.map((tool) => tool?.function?.name).filter((name) => typeof name === 'string'),
  };
}

/** Nobody is there. */
function cut(sink: ModelSink): () => void {
  sink.break('ECONNRESET');
  return () => {};
}

/** What there is: asked by who wants to know whether anybody answers. */
function list(sink: ModelSink): () => void {
  sink.status(200, { 'content-type': 'application/json' });
  sink.chunk(Buffer.from('{"object":"list","data":[]}'));
  sink.end();
  return () => {};
}

function refuse(sink: ModelSink, status: number, message: string): () => void {
  sink.status(status, { 'content-type': 'application/json' });
  sink.chunk(Buffer.from(JSON.stringify({ error: { message, type: 'scripted', code: String(status) } })));
  sink.end();
  return () => {};
}

/** Its last JSON is none any more; the frame of the stream stays whole. */
function garbled(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[Math.max(0, damaged.lastIndexOf('}'))] = 0x23;
  return damaged;
}
