/** A detector that is a program of the user's: how a PyTorch model joins the table. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Detector } from '../../src/types.ts';
import { readAnswer } from './answer.ts';
import { openConversation } from './conversation.ts';
import { findProgram } from './find-program.ts';

const options = z.strictObject({
  /** A path, or a name that PATH knows. */
  program: z.string().default(''),
  arguments: z.array(z.string()).default([]),
  /** What it stands as in tables, behind `command@`: two programs of one experiment need two names. */
  as: z
    .string()
    .regex(/^[a-z0-9-]{0,40}$/, 'expected a short name of lower-case letters, digits and hyphens')
    .default(''),
  judges: z.enum(['video', 'audio', 'pairing', 'any']).default('video'),
  /** The longest it may take over one clip; over the first, with all that it loads before. */
  secondsPerClip: z.number().positive().max(3600).default(60),
});

/**
 * The program is started once per worker process. On its standard input it reads one line of JSON per clip, `{"id": …, "path": …}`, and
 * answers on its standard output with one line, `{"id": …, "score": …}` (any finite number, higher means more likely fake) or
 * `{"id": …, "error": "why not"}`. Whatever else it does is a failure of that clip, told with its cause; then it is started again.
 */
export const command: Detector<z.infer<typeof options>> = {
  name: 'command',
  cite: 'bring your own: any program that answers paths with scores, as JSON lines',
  family: 'own',
  judges: 'video',
  judgesBy: ({ judges }) => judges,
  needs: 'container',
  options,
  label: ({ as }) => (as === '' ? 'command' : `command@${as}`),
  bring: ({ program, arguments: args }) => findProgram(program, args),
  async load(model, { program, arguments: args, secondsPerClip }) {
    const binary = model?.files['program']?.path;
    if (!binary) throw new Error('command: the program was not looked for');
    // By content: on another machine they may lie elsewhere, and a file of that name may be another one.
    const given = args.map((argument, i) => model.files[`argument ${i + 1}`]?.path ?? argument);
    const { ask, end } = openConversation({ binary, args: given, secondsPerClip, name: program });
    return {
      async score({ clip }) {
        // Names tell real from fake: the program sees neither the clip's own nor that of its file.
        const id = createHash('sha256').update(clip.id).digest('hex').slice(0, 16);
        const folder = await mkdtemp(join(tmpdir(), 'masque-clip-'));
        const path = join(folder, `${id}${extname(clip.media.path)}`);
        try {
          await symlink(resolve(clip.media.path), path);
          const line = await ask({ id, path }, clip.id);
          return readAnswer(line, { id, clip: clip.id, program, outOfStep: end });
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
    };
  },
};
