import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Much of the time tests wait for the revocation bound to pass: three at a time keep two processors busy.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          globalSetup: 'test/conformance/running-deployment.ts',
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
