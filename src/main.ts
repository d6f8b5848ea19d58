#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Halves the time that loading the libraries takes. Without a place to write, it does nothing.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/kohaku-hub'));
const { runCommand } = await import('./cli/program.ts');

process.exitCode = await runCommand(process.argv.slice(2), process.env);
