// The launcher (`launch.ts`): starts programs and stays small. Plain JavaScript, so that it loads nothing.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';

const [, , address] = process.argv;
/** Starts that were asked for, and connections for them: four each, in the same order. */
const asked = [];
const connections = [];
/** Groups of processes by the number of their start, for as long as they may have to be ended. */
const groups = new Map();
/** Starts, not begun yet, that are to be ended as soon as they begin. They begin in the order of their numbers. */
const unwanted = new Set();
let lastBegun = -1;

createServer({ pauseOnConnect: true, allowHalfOpen: true }, (connection) => {
  connections.push(connection);
  startNext();
}).listen(address, () => process.send({ ready: true }));

process.on('message', (message) => {
  if (message.kill !== undefined) kill(message.kill);
  else if (message.forget !== undefined) groups.delete(message.forget);
  else {
    asked.push(message);
    startNext();
  }
});
process.on('disconnect', () => {
  for (const id of groups.keys()) kill(id);
  rmSync(dirname(address), { recursive: true, force: true });
  process.exit();
});
// Signals are for whoever asked to decide on; this process ends with that one, when its channel closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

function startNext() {
  if (asked.length === 0 || connections.length < 4) return;
  const { id, binary, args, env } = asked.shift();
  const stdio = connections.splice(0, 4);
  lastBegun = id;
  // Node makes the first three wait for data in the program and leaves the others: there an empty pipe would look like an error.
  stdio[3]._handle?.setBlocking(true);
  try {
    const child = spawn(binary, args, { shell: false, detached: true, env, stdio });
    if (child.pid !== undefined) groups.set(id, child.pid);
    child.once('error', ({ message }) => process.send({ id, error: message }));
    child.once('exit', (code, signal) => process.send({ id, code, signal }));
    if (unwanted.delete(id)) kill(id);
  } catch ({ message }) {
    process.send({ id, error: message });
  }
  for (const connection of stdio) connection.destroy();
  startNext();
}

/** The whole group, so that nothing a child started stays behind; the child itself may be gone by then. */
function kill(id) {
  if (id > lastBegun) unwanted.add(id);
  if (!groups.has(id)) return;
  try {
    process.kill(-groups.get(id), 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
