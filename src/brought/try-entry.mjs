// The process that tries a brought model (`try.job.ts`): plain JavaScript, because TypeScript loads only once tsx is registered.
import { register } from 'tsx/esm/api';

register();
await import('./try.ts');
