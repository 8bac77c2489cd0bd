/** Files of tests that take long, with the seconds they took on two cores: they begin first. */
export const slowFiles: Readonly<Record<string, number>> = {};
