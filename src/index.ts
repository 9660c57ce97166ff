/** The reference pipeline, for programs that run or extend it. */
export { createSystemPorts, type SystemPortsOptions } from './adapters/system-ports.ts';
export { usageSource } from './adapters/usage-source.ts';
export { type PipelineConfig, type PipelineConfigInput, pipelineConfig } from './config.ts';
export { configFromEnvironment, type ServeConfig } from './environment.ts';
export { catalogue, type ErrorCode, PipelineError } from './errors.ts';
export { createHealthyParts } from './healthy-parts.ts';
export type { ClientMessage, RunAnswer, RunEvent, ServerMessage } from './messages.ts';
export type { Parts } from './parts.ts';
export { createPipeline, type Pipeline } from './pipeline.ts';
export type { Ports } from './ports.ts';
export { type Serving, serve } from './serve.ts';
