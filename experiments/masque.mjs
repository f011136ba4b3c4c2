#!/usr/bin/env node
// The `masque` command starts here: plain JavaScript, because TypeScript loads only once tsx is registered.
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
