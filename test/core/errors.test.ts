import { expect, test } from 'vitest';
import { firstLine } from '../../src/compute/device.ts';
import { withoutFolders } from '../../src/errors.ts';

test('absolute paths become file names, and what is no path stays', () => {
  const cases: [string, string][] = [
    ['/srv/media/data/clip.mp4: moov atom not found', 'clip.mp4: moov atom not found'],
    ["file:/tmp/my own data/it's broken.mp4: junk", "file:it's broken.mp4: junk"],
    ['open "/a/b/c.json" or file:///d/e/f.wav (/g/h)', 'open "c.json" or file://f.wav (h)'],
    [
      '/a/b.mp4 has 25 of 30000/1001 frames and/or real / fake',
      'b.mp4 has 25 of 30000/1001 frames and/or real / fake',
    ],
    ['set dir/clip.mp4, see https://example.org/a/b', 'set dir/clip.mp4, see https://example.org/a/b'],
  ];
  for (const [told, expected] of cases) expect(withoutFolders(told)).toBe(expected);
});

test('of a library that does not load, neither places in sources nor folders are told', () => {
  expect(
    firstLine(
      '/src/onnx/bridge.cc:1539 Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /srv/media/bin/libproviders.so with error: /usr/lib/libcublas.so.12: cannot open\nmore',
    ),
  ).toBe(
    'Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library libproviders.so with error: libcublas.so.12: cannot open',
  );
  expect(firstLine('The addon can not be found at path: /srv/media/x/tfjs.node. Run')).toBe(
    'The addon can not be found Run',
  );
});
