import { requireSuccess } from './failure.ts';
import { runFfprobe } from './ffmpeg.ts';
import { inputFile } from './formats.ts';

/**
 * How a file is packed, as `key=value` texts: container, and per stream its kind, codec, profile and pixel or sample
 * format (`video.codec=h264`). Only headers are read. @throws ItemError as `probe`.
 */
export async function formatNames(path: string): Promise<string[]> {
  const input = await inputFile(path);
  if (input.kind === 'photo') return [`container=${input.demuxer}`];
  const { stdout, ...ending } = await runFfprobe(input, ['-show_streams', '-show_format', '-of', 'json']);
  requireSuccess(path, ending);
  const { streams = [], format } = JSON.parse(stdout) as {
    streams?: Record<string, string>[];
    format?: Record<string, string>;
  };
  const told = { codec_name: 'codec', profile: 'profile', pix_fmt: 'pixels', sample_fmt: 'samples' };
  return [
    `container=${format?.['format_name']}`,
    ...streams.flatMap((stream) =>
      Object.entries(told).flatMap(([key, name]) =>
        stream[key] === undefined ? [] : [`${stream['codec_type']}.${name}=${stream[key]}`],
      ),
    ),
  ];
}
