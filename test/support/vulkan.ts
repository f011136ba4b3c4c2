/** A Vulkan device for tests: the machine's own where it has a GPU and a driver for it, else SwiftShader, the software device that comes with Chromium. */
import { existsSync, readdirSync } from 'node:fs';

const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
const driverFolders = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
const gpuFiles = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];
const named = process.env['VK_ICD_FILENAMES'] ?? process.env['VK_DRIVER_FILES'];

/** Whether there is one. Without one of the machine, SwiftShader is named to this process and its children. */
export function findVulkan(): boolean {
  const drivers = driverFolders.filter(existsSync).flatMap((folder) => readdirSync(folder));
  // Mesa installs drivers for GPUs that are not there, and a software one that may be too old for WebGPU.
  if (named || (drivers.length > 0 && gpuFiles.some(existsSync))) return true;
  if (!existsSync(swiftShader)) return false;
  process.env['VK_ICD_FILENAMES'] = swiftShader;
  return true;
}
