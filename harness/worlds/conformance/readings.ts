import { eventsOf, type History } from '../../history.ts';

/** The names of all that passed on the wires which look the same in every world. */
export function messageNames(history: History): string[] {
  const names = eventsOf(history, 'passed')
    .map(({ message }) => message ?? '')
    .filter((name) => /^(redis|model|agent|tool)[<>]/.test(name));
  return [...new Set(names)].sort();
}

/** Runs whose user saw an answer. */
export function answersIn(history: History): string[] {
  const answers = eventsOf(history, 'seen').flatMap(({ user, frame }) => {
    const { type, run_id: run } = (frame ?? {}) as { type?: string; run_id?: string };
    return type === 'run_completed' ? [`${user}/${run}`] : [];
  });
  return [...new Set(answers)].sort();
}

/** What lay in Redis at rest, by key. */
export function storedKeys(history: History): string[] {
  // A gateway's own name is another in each process.
  const keys = eventsOf(history, 'stored').map(({ key }) => key.replace(/:g:.*$/, ':g:'));
  return [...new Set(keys)].sort();
}
