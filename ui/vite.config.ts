import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  server: { host: "127.0.0.1", port: 1420, strictPort: true },
  build: {
    // The strict content security policy of the window admits files of its own alone, never `data:` or inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["safari16", "chrome110"],
    reportCompressedSize: false,
    // It is read from the disk, never over a network.
    chunkSizeWarningLimit: 800,
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    testTimeout: 20_000,
    env: { TZ: "UTC" },
  },
});
