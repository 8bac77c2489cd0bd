/** Files of tests that take long, with the seconds, roughly, that they take on two cores: they begin first. */
export const slowFiles: Readonly<Record<string, number>> = {
  "tests/package/library_test.ts": 100,
  "tests/file_system/bun_test.ts": 90,
  "tests/conformance/conformance_test.ts": 60,
  "tests/faults/random_cuts_test.ts": 60,
  "tests/behaviour/gigabyte_test.ts": 30,
  "tests/behaviour/console_test.ts": 30,
  "tests/docs/library_examples_test.ts": 50,
  "tests/e2e/codex_cli_test.ts": 50,
  "tests/mcp/mcp_transport_test.ts": 40,
  "tests/behaviour/machine_test.ts": 40,
  "tests/behaviour/memory_test.ts": 40,
  "tests/behaviour/mcp_test.ts": 40,
  "tests/package/launcher_test.ts": 40,
  "tests/package/browser_test.ts": 30,
  "tests/behaviour/start_test.ts": 20,
  "tests/behaviour/termination_test.ts": 20,
};
