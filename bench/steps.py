"""PyTorch's side of bench/engine.ts and bench/renderer.ts: the same networks. Arguments: network, device, memory layout, threads.
Reads a number of steps per line, answers with seconds per step, by the clock and of all processors together."""
import json
import sys
import time

import torch
from torch import nn
from torch.nn.functional import leaky_relu, relu


def block(inputs, outputs, size, stride):
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2), nn.LeakyReLU(0.1)]


class Autoencoder(nn.Module):
    """2.06 million parameters; 16 pictures of 64 px."""

    def __init__(self):
        super().__init__()
        layers = []
        for inputs, outputs in [(3, 32), (32, 64), (64, 128), (128, 256)]:
            layers += block(inputs, outputs, 5, 2)
        for inputs, outputs in [(256, 256), (256, 128), (128, 64), (64, 32)]:
            layers += block(inputs, outputs, 3, 1) + [nn.Upsample(scale_factor=2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(32, 3, 5, 1, 2), nn.Sigmoid())

    def inputs(self):
        return {"x": torch.rand(16, 3, 64, 64)}

    def loss(self, x):
        return ((self.layers(x) - x) ** 2).mean()


class DilatedUnet(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        widths = [32, 64, 128, 256, 512]
        self.encoder = nn.ModuleList(
            nn.Conv2d(i, o, 3, 1, dilation, dilation)
            for i, o, dilation in zip([inputs, *widths], widths, [1, 2, 4, 8, 16])
        )
        self.decoder = nn.ModuleList(
            nn.Conv2d(i, o, 3, 1, 1) for i, o in zip([512, 512, 256, 128], [256, 128, 64, 32])
        )
        self.last = nn.Conv2d(64, 3, 3, 1, 1)

    def forward(self, x):
        skips = []
        for layer in self.encoder:
            x = leaky_relu(layer(x), 0.2)
            skips.append(x)
        for layer, skip in zip(self.decoder, reversed(skips[:-1])):
            x = torch.cat([relu(layer(x)), skip], 1)
        return torch.tanh(self.last(x))


class Renderer(nn.Module):
    """Two networks of 3.53 million parameters; one frame of 512 px."""

    def __init__(self):
        super().__init__()
        self.first, self.second = DilatedUnet(16), DilatedUnet(6)

    def inputs(self):
        return {"features": torch.rand(1, 16, 512, 512), "truth": torch.rand(1, 3, 512, 512)}

    def loss(self, features, truth):
        decoded = self.first(features)
        final = self.second(torch.cat([decoded, truth], 1))
        return (decoded - truth).abs().mean() + (final - truth).abs().mean()


name, device, layout, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(1)
if device == "cuda" and not torch.cuda.is_available():
    sys.exit("torch sees no CUDA device")
memory_format = getattr(torch, f"{layout}_format" if layout == "contiguous" else layout)
network = {"autoencoder": Autoencoder, "renderer": Renderer}[name]().to(device, memory_format=memory_format)
batch = {key: value.to(device).contiguous(memory_format=memory_format) for key, value in network.inputs().items()}
optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
count = sum(p.numel() for p in network.parameters())
where = torch.cuda.get_device_name() if device == "cuda" else "processor"
print(f"ready torch {torch.__version__} on {where}, {count} parameters", flush=True)
for line in sys.stdin:
    steps = int(line)
    start, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = network.loss(**batch)
        loss.backward()
        optimizer.step()
        loss.item()
    clock, processor = time.perf_counter() - start, time.process_time() - used
    print(json.dumps({"clock": clock / steps, "processor": processor / steps}), flush=True)
