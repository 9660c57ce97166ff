import { type Case, caseSchema, caseSchemaId } from './case.ts';
import { decodeData, issuesInWords, parseData, readDataFile, refused, writeDataFile } from './data-file.ts';
import type { HarnessError } from './errors.ts';

/** A case file has a few kilobytes; this is for files from elsewhere. */
const limits = { what: 'case file', bytesMax: 10 * 1024 * 1024 };

/** Reads and checks a case file. Rejects with a HarnessError that names what is wrong, and where. */
export async function readCase(path: string): Promise<Case> {
  const refuse = (reason: string): HarnessError =>
    refused(limits.what, path, reason, 'Use a file that faultline wrote, or one of the same form.');
  const data = parseData(decodeData(await readDataFile(path, limits), refuse), refuse);
  const schema = typeof data === 'object' && data !== null && 'schema' in data ? data.schema : undefined;
  if (schema !== caseSchemaId)
    throw refused(
      limits.what,
      path,
      typeof schema === 'string' && schema.startsWith('faultline.case/')
        ? `its version is ${schema.slice(0, 40)}, and this version of faultline reads ${caseSchemaId}`
        : `it does not say "schema": "${caseSchemaId}"`,
      'Name a case file, or use the version of faultline that wrote it.',
    );
  const parsed = caseSchema.safeParse(data);
  if (!parsed.success)
    throw refuse(`it is not a case of ${caseSchemaId}:\n  ${issuesInWords(parsed.error.issues)}`);
  return parsed.data;
}

/** Writes a case as JSON that people can read. */
export async function writeCase(path: string, playing: Case): Promise<void> {
  await writeDataFile(path, `${JSON.stringify(playing, null, 2)}\n`);
}
