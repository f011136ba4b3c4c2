// A worker process of the tests starts here: plain JavaScript, because TypeScript loads only once tsx is registered.
import { register } from 'tsx/esm/api';

register();
await import('./queue-worker.ts');
