"""PyTorch's side of bench/engine.ts: the same autoencoder. Reads a number of steps per line, answers with seconds per step,
by the clock and of all processors together."""
import json
import sys
import time

import torch
from torch import nn


def block(inputs, outputs, size, stride):
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2), nn.LeakyReLU(0.1)]


def autoencoder():
    layers = []
    for inputs, outputs in [(3, 32), (32, 64), (64, 128), (128, 256)]:
        layers += block(inputs, outputs, 5, 2)
    for inputs, outputs in [(256, 256), (256, 128), (128, 64), (64, 32)]:
        layers += block(inputs, outputs, 3, 1) + [nn.Upsample(scale_factor=2)]
    return nn.Sequential(*layers, nn.Conv2d(32, 3, 5, 1, 2), nn.Sigmoid())


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
network = autoencoder()
images = torch.rand(16, 3, 64, 64)
if sys.argv[2] == "channels_last":
    network = network.to(memory_format=torch.channels_last)
    images = images.contiguous(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
print(f"ready torch {torch.__version__}, {sum(p.numel() for p in network.parameters())} parameters", flush=True)
for line in sys.stdin:
    steps = int(line)
    start, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((network(images) - images) ** 2).mean()
        loss.backward()
        optimizer.step()
    clock, processor = time.perf_counter() - start, time.process_time() - used
    print(json.dumps({"clock": clock / steps, "processor": processor / steps}), flush=True)
