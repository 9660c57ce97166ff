import { type Lack, lackInWords } from '../dependencies/dependency.ts';
import { PipelineError } from '../errors.ts';

/**
 * The pipeline does not start, and says all that it lacks at once. CONFIGURATION_INVALID where a wait cannot
 * help, SERVICE_NOT_READY where something did not come in time.
 */
export class StartRefused extends PipelineError {
  readonly lacks: readonly Lack[];

  constructor(lacks: readonly Lack[], tries: number) {
    const isLasting = lacks.every(({ code }) => code === 'CONFIGURATION_INVALID');
    const after = tries === 1 ? '' : ` (looked for ${tries} times)`;
    super(isLasting ? 'CONFIGURATION_INVALID' : 'SERVICE_NOT_READY', {
      detail: `it cannot start without what follows${after}\n  ${lacks.map(lackInWords).join('\n  ')}`,
    });
    this.name = 'StartRefused';
    this.lacks = lacks;
  }
}
