/** The server that is simulated. */
export const simulatedVersion = '7.0.15';

/** As in Redis's own configuration. */
export const databaseCount = 16;
